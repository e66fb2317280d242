import type { ContainerStatus, Pod, PodStatus } from '../../types/objects.ts';
import { isSidecar } from '../names.ts';

export type PodCondition = NonNullable<PodStatus['conditions']>[number];
type Draft = Omit<PodCondition, 'lastProbeTime' | 'lastTransitionTime'>;

/** The conditions that kubelets own, in the order in which they write them. */
export const KUBELET_CONDITIONS = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
] as const;

/** PodConditionByKubelet: whether kubelets own conditions of this type, and drop those that they do not write. */
export const isKubelets = (type: string): boolean =>
  (KUBELET_CONDITIONS as readonly string[]).includes(type) || type.startsWith('PodResize');

/** What others say of the conditions that a pod's readiness waits for. */
export const gateStatuses = ({ spec, status }: Pod): (string | undefined)[] | undefined =>
  spec?.readinessGates?.map(
    ({ conditionType }) => status?.conditions?.find(({ type }) => type === conditionType)?.status,
  );

const yes = (type: string, reason?: string): Draft => ({ type, status: 'True', ...(reason && { reason }) });
const no = (type: string, reason?: string, message?: string): Draft => ({
  type,
  status: 'False',
  ...(reason && { reason }),
  ...(message && { message }),
});

const listed = (what: string, names: string[]) =>
  names.length > 0 ? [`containers with ${what} status: [${names.join(' ')}]`] : [];

/** status.GenerateContainersReadyCondition. */
function containersReady(pod: Pod, statuses: ContainerStatus[], phase: string): Draft {
  const counted = [...(pod.spec!.initContainers ?? []).filter(isSidecar), ...pod.spec!.containers];
  const statusOf = new Map(statuses.map((status) => [status.name, status]));
  const unknown = counted.filter((c) => !statusOf.has(c.name)).map((c) => c.name);
  const unready = counted.filter((c) => statusOf.get(c.name)?.ready === false).map((c) => c.name);
  if (phase === 'Succeeded' && unknown.length === 0) return no('ContainersReady', 'PodCompleted');
  if (phase === 'Failed') return no('ContainersReady', 'PodFailed');
  const message = [...listed('unknown', unknown), ...listed('unready', unready)].join(', ');
  return message ? no('ContainersReady', 'ContainersNotReady', message) : yes('ContainersReady');
}

/** status.GeneratePodReadyCondition: the containers, and the readiness gates. */
function ready(pod: Pod, containers: Draft, others: PodCondition[]): Draft {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const messages = (pod.spec!.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = others.find((c) => c.type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return messages.length > 0 ? no('Ready', 'ReadinessGatesNotReady', messages.join(', ')) : yes('Ready');
}

/** status.GeneratePodInitializedCondition. */
function initialized(pod: Pod, statuses: ContainerStatus[], phase: string): Draft {
  const statusOf = new Map(statuses.map((status) => [status.name, status]));
  const init = pod.spec!.initContainers ?? [];
  const unknown = init.filter((c) => !statusOf.has(c.name)).map((c) => c.name);
  const incomplete = init
    .filter(
      (c) => statusOf.has(c.name) && !(isSidecar(c) ? statusOf.get(c.name)!.started : statusOf.get(c.name)!.ready),
    )
    .map((c) => c.name);
  if (phase === 'Succeeded' && unknown.length === 0) return yes('Initialized', 'PodCompleted');
  const started = pod.spec!.containers.some((c) => {
    const state = statusOf.get(c.name)?.state;
    return state?.running || state?.terminated;
  });
  if (started) return yes('Initialized');
  const message = [...listed('unknown', unknown), ...listed('incomplete', incomplete)].join(', ');
  return message ? no('Initialized', 'ContainersNotInitialized', message) : yes('Initialized');
}

/** The pod's conditions as a kubelet writes them; those of others stay in front. Transition times move with the status only. */
export function podConditions(
  pod: Pod,
  statuses: ContainerStatus[],
  phase: string,
  sandboxReady: boolean,
  now: string,
): PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const others = before.filter(({ type }) => !isKubelets(type));
  const containers = containersReady(pod, statuses, phase);
  const drafts = [
    sandboxReady ? yes('PodReadyToStartContainers') : no('PodReadyToStartContainers'),
    initialized(pod, statuses, phase),
    ready(pod, containers, others),
    containers,
    yes('PodScheduled'),
  ];
  const stamped = drafts.map((draft) => {
    const old = before.find((c) => c.type === draft.type);
    const { type, status, ...why } = draft;
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: old?.status === status && old.lastTransitionTime ? old.lastTransitionTime : now,
      ...why,
    } as unknown as PodCondition;
  });
  return [...others, ...stamped];
}
