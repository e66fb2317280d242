import { formatSelector } from '../../api/machinery/selectors.ts';
import { parseTime } from '../../base/time.ts';
import type { Container, KubeObject, LabelSelector, Pod } from '../../types/objects.ts';
import type { Factory } from '../client/factory.ts';
import { CommandError } from '../errors.ts';
import type { Klog } from '../log/klog.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** A TYPE/NAME argument, where a name alone is a pod's. */
export function podArgument(argument: string): string {
  if (argument === '') throw new CommandError('resource name may not be empty');
  return argument.includes('/') ? argument : `pods/${argument}`;
}

/** `*v1.ConfigMap`: the Go type that kubectl's errors name. */
export const goTypeName = ({ apiVersion, kind }: KubeObject): string => `*${apiVersion.split('/').at(-1)}.${kind}`;

/** The selector of the pods behind a workload or service; throws for kinds that have none (polymorphichelpers.SelectorsForObject). */
export function podSelectorOf(object: KubeObject): string {
  const { spec } = object as KubeObject & { spec?: { selector?: unknown } };
  switch (object.kind) {
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Deployment':
    case 'Job':
      return formatSelector(spec?.selector as LabelSelector);
    case 'ReplicationController':
    case 'Service': {
      const matchLabels = spec?.selector as Record<string, string> | undefined;
      if (object.kind === 'Service' && Object.keys(matchLabels ?? {}).length === 0) {
        throw new CommandError(`invalid service '${object.metadata.name}': Service is defined without a selector`);
      }
      return formatSelector({ matchLabels });
    }
  }
  throw new CommandError(`selector for ${goTypeName(object)} not implemented`);
}

const PHASE_RANK: Record<string, number> = { Running: 0, Unknown: 1, Pending: 2 };

const readyCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready');
const isReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';
const timeOf = (time: unknown): number => (time ? parseTime(String(time)) : Number.POSITIVE_INFINITY);
const restarts = (pod: Pod): number =>
  Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));

/** Which of several pods is asked first. */
type PodOrder = (a: Pod, b: Pod) => number;

/** Assigned, running, ready, long ready, then by restarts, the oldest first. */
const preference =
  (byRestarts: PodOrder): PodOrder =>
  (a, b) =>
    Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName) ||
    (PHASE_RANK[a.status?.phase ?? ''] ?? 0) - (PHASE_RANK[b.status?.phase ?? ''] ?? 0) ||
    Number(!isReady(a)) - Number(!isReady(b)) ||
    (isReady(a) ? timeOf(readyCondition(a)?.lastTransitionTime) - timeOf(readyCondition(b)?.lastTransitionTime) : 0) ||
    byRestarts(a, b) ||
    timeOf(a.metadata.creationTimestamp) - timeOf(b.metadata.creationTimestamp);

/** For logs: the pod that restarted most has the most to tell (podutils.ByLogging). */
export const byLogging: PodOrder = preference((a, b) => restarts(b) - restarts(a));
/** For exec, attach and port-forward: the pod that runs best (the reverse of podutils.ActivePods). */
export const byActivity: PodOrder = preference((a, b) => restarts(a) - restarts(b));

/** The pods of a selector, best first; waits for one to appear when there is none. */
export async function podsOf(
  factory: Factory,
  namespace: string,
  labelSelector: string,
  timeoutMs: number,
  order: PodOrder,
): Promise<Pod[]> {
  const client = await factory.client();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const list = await client.get<{ items?: Pod[]; metadata?: { resourceVersion?: string } }>(path, { labelSelector });
  const pods = list.items ?? [];
  if (pods.length > 0) return pods.toSorted(order);
  const query = { labelSelector, resourceVersion: list.metadata?.resourceVersion };
  for await (const { type, object } of client.watch(path, query, 'drives', { timeoutMs })) {
    if (type === 'ADDED' || type === 'MODIFIED') return [object as Pod];
  }
  throw new CommandError('timed out waiting for the condition');
}

/** The pod itself, or the best one behind a workload or service (AttachablePodForObject). */
export async function attachablePod(factory: Factory, object: KubeObject, timeoutMs: number): Promise<Pod> {
  if (object.kind === 'Pod') return object as Pod;
  let selector: string;
  try {
    selector = podSelectorOf(object);
  } catch (error) {
    throw new CommandError(`cannot attach to ${goTypeName(object)}: ${(error as Error).message}`);
  }
  const [pod] = await podsOf(factory, object.metadata.namespace ?? '', selector, timeoutMs, byActivity);
  return pod!;
}

/** A pod's containers of all sorts, with the field that each stands in. */
export function containersOf({ spec }: Pod): { container: Container; field: string; suffix: string }[] {
  const of = (list: unknown, field: string, suffix: string) =>
    ((list as Container[] | undefined) ?? []).map((container) => ({ container, field, suffix }));
  return [
    ...of(spec?.containers, 'containers', ''),
    ...of(spec?.ephemeralContainers, 'ephemeralContainers', ' (ephem)'),
    ...of(spec?.initContainers, 'initContainers', ' (init)'),
  ];
}

export const findContainer = (pod: Pod, name: string): Container | undefined =>
  containersOf(pod).find(({ container }) => container.name === name)?.container;

/** `app, debugger (ephem), setup (init)` */
export const containerNames = (pod: Pod): string =>
  containersOf(pod)
    .map(({ container, suffix }) => container.name + suffix)
    .join(', ');

/** The container that is meant without -c: the annotated one, else the first; `say` gets the notice about a choice. */
export function defaultContainer(pod: Pod, say: (text: string) => void, log?: Klog): Container {
  const annotated = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (annotated) {
    const found = findContainer(pod, annotated);
    if (found) {
      log?.info(4, 'podcmd.go:76', `Defaulting container name from annotation ${annotated}`);
      return found;
    }
    log?.info(4, 'podcmd.go:79', `Default container name from annotation ${annotated} was not found in the pod`);
    say(`Default container name ${JSON.stringify(annotated)} not found in pod ${pod.metadata.name}\n`);
  }
  const [first] = pod.spec?.containers ?? [];
  if (!first) throw new CommandError(`pod ${pod.metadata.namespace}/${pod.metadata.name} does not have any containers`);
  if (containersOf(pod).length > 1)
    say(`Defaulted container ${JSON.stringify(first.name)} out of: ${containerNames(pod)}\n`);
  log?.info(4, 'podcmd.go:88', `Defaulting container name to ${first.name}`);
  return first;
}

/** The container named with -c, or the default one (podcmd.FindOrDefaultContainerByName). */
export function containerFor(pod: Pod, name: string, say: (text: string) => void, log?: Klog): Container {
  if (!name) return defaultContainer(pod, say, log);
  const found = findContainer(pod, name);
  if (!found) throw new CommandError(`container ${name} not found in pod ${pod.metadata.name}`);
  return found;
}
