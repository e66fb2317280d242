import { equal } from '../../api/machinery/patch/json-value.ts';
import { ApiError } from '../../api/request.ts';
import { formatTime } from '../../base/time.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../../types/objects.ts';
import { isSidecar } from '../names.ts';
import type { PodScope } from '../pod/scope.ts';
import { isStarted, probeResult } from '../prober.ts';
import { TIMING } from '../timing.ts';
import type { PodWorker } from '../worker.ts';
import { type PodCondition, podConditions } from './conditions.ts';
import { containerStatuses } from './container-statuses.ts';
import { isTerminalPhase, podPhase } from './phase.ts';

/** Sets `started` and `ready` from the probes' results (prober manager's UpdatePodStatus). */
function probed(
  scope: PodScope,
  container: Container,
  kind: 'init' | 'regular',
  status: ContainerStatus,
): ContainerStatus {
  const started = status.state?.running !== undefined && isStarted(scope, container, status);
  if (kind === 'init' && !isSidecar(container)) {
    return { ...status, started, ready: status.state?.terminated?.exitCode === 0 };
  }
  const ready =
    started && (!container.readinessProbe || probeResult(scope, container, 'readiness', status) === 'success');
  return { ...status, started, ready };
}

/** Without what is not set; the API server puts the fields in order. */
function definite(status: ContainerStatus): ContainerStatus {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(status)) if (value !== undefined) fields[name] = value;
  return fields as unknown as ContainerStatus;
}

/**
 * generateAPIPodStatus and mergePodStatus: the status that the API should show now. `terminal`: nothing of the pod runs any
 * more and nothing will.
 */
export function generateStatus(scope: PodScope, terminal: boolean): { status: PodStatus; phase: string } {
  const { worker, world } = scope;
  const pod = scope.pod!;
  const spec = pod.spec!;
  const old = pod.status ?? {};
  const now = formatTime(world.now());
  const records = scope.containers();
  const make = (
    containers: Container[] | undefined,
    kind: 'init' | 'regular' | 'ephemeral',
    before: ContainerStatus[] | undefined,
  ) => containerStatuses(scope, records, containers ?? [], kind, before ?? []);

  const init = make(spec.initContainers, 'init', old.initContainerStatuses).map((status, i) =>
    definite(probed(scope, spec.initContainers![i]!, 'init', status)),
  );
  const regular = make(spec.containers, 'regular', old.containerStatuses)
    .map((status, i) => definite(probed(scope, spec.containers[i]!, 'regular', status)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const ephemeral = make(
    spec.ephemeralContainers as Container[] | undefined,
    'ephemeral',
    old.ephemeralContainerStatuses,
  )
    .map(definite)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = [...init, ...regular];

  const active = records.some((r) => r.kind === 'regular' && r.sandbox === scope.sandbox()?.id);
  let phase = podPhase(pod, all, terminal, active);
  if (isTerminalPhase(old.phase)) phase = old.phase!;
  if (worker.ended) phase = 'Failed';
  const reason = worker.ended ?? (phase === old.phase ? { reason: old.reason, message: old.message } : {});

  const sandbox = scope.sandbox();
  const own = podConditions(pod, all, phase, sandbox?.state === 'ready', now);
  const conditions = withDisruption([...resizeConditions(worker, now), ...own], worker, now);
  const couldRun = scope.couldHaveRunningContainers();
  const delayed = isTerminalPhase(phase) && !isTerminalPhase(old.phase) && couldRun;
  const podIP = spec.hostNetwork ? scope.machine.internalIP : sandbox?.ip || old.podIP;
  const status: PodStatus = {
    phase: delayed ? (old.phase ?? 'Pending') : phase,
    conditions,
    ...(!delayed && reason.message && { message: reason.message }),
    ...(!delayed && reason.reason && { reason: reason.reason }),
    ...(old.nominatedNodeName && { nominatedNodeName: old.nominatedNodeName }),
    hostIP: scope.machine.internalIP,
    hostIPs: [{ ip: scope.machine.internalIP }],
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: old.startTime ?? now,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: regular,
    qosClass: old.qosClass!,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
  if (!status.qosClass) delete status.qosClass;
  return { status, phase };
}

/** What the API shows of a resize that waits or is being carried out. */
function resizeConditions({ resize, resizing, stage }: PodWorker, now: string): PodCondition[] {
  if (stage === 'terminated') return [];
  const condition = (type: string, since: number, why: object): PodCondition =>
    ({
      type,
      status: 'True',
      lastProbeTime: now,
      lastTransitionTime: formatTime(since),
      ...why,
    }) as unknown as PodCondition;
  const { reason, message, since = 0 } = resize ?? {};
  return [
    ...(resize ? [condition('PodResizePending', since, { reason, message })] : []),
    ...(resizing === undefined ? [] : [condition('PodResizeInProgress', resizing, {})]),
  ];
}

/** A pod that its kubelet ends for the sake of others says so in a condition of its own. */
function withDisruption(conditions: PodCondition[], { ended }: PodWorker, now: string): PodCondition[] {
  if (ended?.disruption === undefined || conditions.some(({ type }) => type === 'DisruptionTarget')) return conditions;
  const why = { reason: 'TerminationByKubelet', message: ended.disruption };
  const lastProbeTime = null as unknown as string;
  return [{ type: 'DisruptionTarget', status: 'True', lastProbeTime, lastTransitionTime: now, ...why }, ...conditions];
}

/** Writes the status, after a last `change`, if it says anything new; answers whether the pod is terminal by what its containers did. */
export function writeStatus(
  scope: PodScope,
  terminal = false,
  change: (pod: Pod, status: PodStatus) => PodStatus = (_, status) => status,
): boolean {
  const pod = scope.pod;
  if (!pod) return false;
  const { status: generated, phase } = generateStatus(scope, terminal);
  const status = change(pod, generated);
  if (!equal(pod.status, status)) {
    try {
      scope.setPod(scope.world.client.updateStatus('pods', { ...pod, status } as Pod));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // The status manager tries again; the next sync writes what is true then.
      scope.requestSync(scope.now + TIMING.relist);
    }
  }
  return isTerminalPhase(phase);
}
