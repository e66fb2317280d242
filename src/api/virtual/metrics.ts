import { formatTime } from '../../base/time.ts';
import type { KubeObject, Node, Pod } from '../../types/objects.ts';
import { notFound } from '../errors.ts';
import { makeList } from '../machinery/list.ts';
import { matchesLabels, parseLabelSelector } from '../machinery/selectors.ts';
import { nodeUsage, podUsage, written } from '../metrics/usage.ts';
import type { Answer, ResourceRequest } from '../world.ts';

const VERSION = 'metrics.k8s.io/v1beta1';

function describe(kind: string, { metadata }: KubeObject, now: number, usage: object): KubeObject {
  const { name, namespace, labels } = metadata;
  const at = formatTime(now);
  return {
    kind,
    apiVersion: VERSION,
    metadata: { name, ...(namespace && { namespace }), creationTimestamp: at, ...(labels && { labels }) },
    timestamp: at,
    window: '15.021s',
    ...usage,
  } as unknown as KubeObject;
}

function answer(
  request: ResourceRequest,
  resource: string,
  metricsOf: (object: KubeObject) => KubeObject | undefined,
): Answer {
  const { world, verb, name, namespace, query } = request;
  if (verb === 'list') {
    const requirements = parseLabelSelector(query.get('labelSelector') ?? '');
    const objects = world.store.list(resource, request.resource.namespaced && namespace ? namespace : undefined);
    const items = objects
      .filter(({ metadata }) => matchesLabels(requirements, metadata.labels))
      .flatMap((one) => metricsOf(one) ?? []);
    return { status: 200, object: makeList(request, { resourceVersion: '' }, items) };
  }
  const found = world.store.get(resource, request.resource.namespaced ? namespace : '', name);
  const metrics = found && metricsOf(found);
  if (metrics) return { status: 200, object: metrics };
  // The metrics server calls its resources by the kind.
  const plural = request.resource.kind.toLowerCase();
  throw notFound({ group: 'metrics.k8s.io', plural }, request.resource.namespaced ? `${namespace}/${name}` : name);
}

export const nodeMetrics = (request: ResourceRequest): Answer => {
  const { store, now, loads } = request.world;
  const at = now();
  return answer(request, 'nodes', (node) => {
    const pods = (store.list('pods') as Pod[]).filter(({ spec }) => spec?.nodeName === node.metadata.name);
    return describe('NodeMetrics', node, at, { usage: written(nodeUsage(node as Node, pods, at, loads)) });
  });
};

export const podMetrics = (request: ResourceRequest): Answer => {
  const at = request.world.now();
  const { loads } = request.world;
  return answer(request, 'pods', (pod) => {
    const usage = podUsage(pod as Pod, at, loads);
    const containers = Object.entries(usage ?? {}).map(([name, each]) => ({ name, usage: written(each) }));
    return usage && describe('PodMetrics', pod, at, { containers });
  });
};
