import type { KubeObject } from '../../types/objects.ts';
import { notFound } from '../errors.ts';
import { canonical } from '../machinery/body.ts';
import { makeList } from '../machinery/list.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';

const COMPONENTS = ['etcd-0', 'controller-manager', 'scheduler'];

/** The old way to ask whether the control plane is well: it is. */
export function componentStatuses(request: ResourceRequest): Answer {
  const { resource, name, verb } = request;
  const statuses = COMPONENTS.map((component) =>
    canonical(resource, {
      kind: 'ComponentStatus',
      apiVersion: 'v1',
      metadata: { name: component },
      conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
    } as unknown as KubeObject),
  );
  if (verb === 'list') return { status: 200, object: makeList(request, { resourceVersion: '' }, statuses) };
  const found = statuses.find(({ metadata }) => metadata.name === name);
  if (!found) throw notFound(subjectOf(request), name);
  return { status: 200, object: found };
}
