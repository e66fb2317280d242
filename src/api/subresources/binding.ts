import { formatTime } from '../../base/time.ts';
import type { KubeObject, Pod } from '../../types/objects.ts';
import { actionAdmitted, admitAction } from '../admission/index.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { decodeWritten } from '../machinery/body.ts';
import { type FieldError, required } from '../machinery/field-errors.ts';
import { checkUid, matchNamespace } from '../machinery/identity.ts';
import { aggregate, errorText } from '../machinery/invalid.ts';
import { load, save } from '../machinery/persist.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf, type WrittenKind } from '../world.ts';
import { success } from './status-answer.ts';

interface Binding extends KubeObject {
  target: { kind?: string; name?: string };
}

const BINDING: WrittenKind = { group: '', version: 'v1', kind: 'Binding' };

/** POST pods/binding: the scheduler's word on where a pod runs. */
export const binding = (request: ResourceRequest): Answer =>
  bound(request, { ...request, written: BINDING }, decodeWritten<Binding>(request, BINDING));

/** Binds the pod that a request names; `posting` is what admission sees. */
function bound(request: ResourceRequest, posting: ResourceRequest, given: Binding): Answer {
  const { world, resource, namespace, name } = request;
  matchNamespace(posting, given);
  const { metadata, target } = given;
  admitAction(posting, given);
  if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== 'Node')
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'target.kind',
      value: target.kind,
      detail: 'supported values: "Node", "<empty>"',
    });
  if (!target.name) errors.push(required('target.name'));
  // The real one answers with the bare errors, which its HTTP layer takes for a failure of its own.
  if (errors.length > 0) throw new ApiError(500, '', aggregate(errors.map(errorText)));
  actionAdmitted(posting, given);
  const pod = load(world, resource, namespace, name) as Pod | undefined;
  if (name === '') throw badRequest('Name parameter required.');
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  checkUid({ ...request, resource }, given, pod);
  const refused = (why: string) => conflict({ ...subjectOf(request), plural: 'pods/binding' }, name, why);
  if (pod.metadata.deletionTimestamp) throw refused(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec?.nodeName) throw refused(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (pod.spec?.schedulingGates?.length) throw refused(`pod ${name} has non-empty .spec.schedulingGates`);
  const now = formatTime(world.now());
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  const conditions = [...(pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'), scheduled];
  save(request, {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(metadata.annotations && { annotations: { ...pod.metadata.annotations, ...metadata.annotations } }),
    },
    spec: { ...pod.spec, nodeName: target.name },
    status: { ...pod.status, conditions },
  } as unknown as Pod);
  return success();
}

/** POST bindings: the same in its older form, which names the pod in its body. */
export function legacyBinding(request: ResourceRequest): Answer {
  const given = decodeWritten<Binding>(request, BINDING);
  const pods = request.world.registry.byName('pods')!;
  return bound({ ...request, resource: pods, name: given.metadata.name ?? '' }, request, given);
}
