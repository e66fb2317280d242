import type { ContainerStatus, Pod } from '../../../types/objects.ts';
import type { KindView, RowCondition } from '../kind.ts';
import { NONE, since } from '../shared/cells.ts';

interface Summary {
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  lastRestart?: string;
}

const hasCondition = (pod: Pod, type: string) =>
  pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

function sidecars(pod: Pod): Set<string> {
  const containers = pod.spec?.initContainers ?? [];
  return new Set(containers.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name));
}

function countRestarts(statuses: ContainerStatus[]): Pick<Summary, 'restarts' | 'lastRestart'> {
  let lastRestart: string | undefined;
  for (const { lastState } of statuses) {
    const finished = lastState?.terminated?.finishedAt;
    if (finished && (!lastRestart || finished > lastRestart)) lastRestart = finished;
  }
  return { restarts: statuses.reduce((sum, { restartCount }) => sum + restartCount, 0), lastRestart };
}

function terminatedReason(status: ContainerStatus, prefix = ''): string {
  const { reason, signal, exitCode } = status.state!.terminated!;
  if (reason) return prefix + reason;
  return signal ? `${prefix}Signal:${signal}` : `${prefix}ExitCode:${exitCode}`;
}

/** What an init container that is not done says of the pod; undefined once it is done (or, for a sidecar, started). */
function initReason(pod: Pod, status: ContainerStatus, index: number, isSidecar: boolean): string | undefined {
  const { terminated, waiting } = status.state ?? {};
  if (terminated?.exitCode === 0 || (isSidecar && status.started)) return undefined;
  if (terminated) return terminatedReason(status, 'Init:');
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
  return `Init:${index}/${pod.spec?.initContainers?.length ?? 0}`;
}

/** What printPod makes of a pod: one word, and its containers counted. */
function summarizePod(pod: Pod): Summary {
  const { phase = '', conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const restartable = sidecars(pod);
  const total = (pod.spec?.containers ?? []).length + restartable.size;
  let reason = pod.status?.reason || phase;
  if (conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')) reason = 'SchedulingGated';

  let ready = 0;
  let initializing = false;
  const seen: ContainerStatus[] = [];
  for (const [index, status] of initContainerStatuses.entries()) {
    seen.push(status);
    const isSidecar = restartable.has(status.name);
    const unfinished = initReason(pod, status, index, isSidecar);
    if (unfinished !== undefined) {
      reason = unfinished;
      initializing = true;
      break;
    }
    if (isSidecar && status.ready && status.state?.terminated?.exitCode !== 0) ready++;
  }

  let counted = seen;
  if (!initializing || hasCondition(pod, 'Initialized')) {
    counted = [...seen.filter(({ name }) => restartable.has(name)), ...containerStatuses];
    let running = false;
    for (const status of [...containerStatuses].reverse()) {
      if (status.state?.waiting?.reason) reason = status.state.waiting.reason;
      else if (status.state?.terminated) reason = terminatedReason(status);
      else if (status.ready && status.state?.running) {
        running = true;
        ready++;
      }
    }
    if (reason === 'Completed' && running) reason = hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === 'NodeLost') reason = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') reason = 'Terminating';
  }
  return { reason, ready, total, ...countRestarts(counted) };
}

function restartsCell(pod: Pod, now: number): string {
  const { restarts, lastRestart } = summarizePod(pod);
  return restarts !== 0 && lastRestart ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts);
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return NONE;
  return `${gates.filter(({ conditionType }) => hasCondition(pod, conditionType)).length}/${gates.length}`;
}

const COMPLETED: Record<string, string> = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
};

function rowConditions(pod: Pod): RowCondition[] | undefined {
  const reason = pod.status?.phase ?? '';
  const message = COMPLETED[reason];
  return message ? [{ type: 'Completed', status: 'True', reason, message }] : undefined;
}

export const view: KindView<Pod> = {
  cells: {
    Ready: (pod) => {
      const { ready, total } = summarizePod(pod);
      return `${ready}/${total}`;
    },
    Status: (pod) => summarizePod(pod).reason,
    Restarts: restartsCell,
    IP: (pod) => pod.status?.podIPs?.[0]?.ip || NONE,
    Node: (pod) => pod.spec?.nodeName || NONE,
    'Nominated Node': (pod) => pod.status?.nominatedNodeName || NONE,
    'Readiness Gates': readinessGates,
  },
  selectableFields: {
    'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
    // The name of nodeName in v1beta2.
    'spec.host': (pod) => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
    'status.phase': (pod) => pod.status?.phase ?? '',
    // Accepted, but never what is compared.
    'status.podIPs': () => '',
    'status.podIP': (pod) => pod.status?.podIP ?? '',
    'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
  },
  rowConditions,
};
