import type { Container, ContainerStatus, Probe } from '../types/objects.ts';
import { isSidecar } from './names.ts';
import type { PodScope } from './pod/scope.ts';
import { ask, type ProbeAnswer } from './probe-handlers.ts';
import { writeStatus } from './status/generate.ts';
import { isTerminalPhase } from './status/phase.ts';
import { watchOut } from './watchful.ts';
import type { ProbeState, ProbeType } from './worker.ts';

const PROBES = [
  ['startup', 'startupProbe'],
  ['readiness', 'readinessProbe'],
  ['liveness', 'livenessProbe'],
] as const;
const TITLES = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' } as const;
const INITIAL = { startup: 'unknown', readiness: 'failure', liveness: 'success' } as const;

const key = (container: string, type: ProbeType) => `${container}/${type}`;
const period = (spec: Probe) => (spec.periodSeconds ?? 10) * 1000;

/** The containers that kubelets probe: the regular ones and sidecars. */
const probedContainers = (scope: PodScope): Container[] => [
  ...(scope.pod!.spec!.initContainers ?? []).filter(isSidecar),
  ...scope.pod!.spec!.containers,
];

/** What a probe's results manager holds for the container that `status` shows. */
export function probeResult(
  scope: PodScope,
  container: Container,
  type: ProbeType,
  status: ContainerStatus,
): ProbeState['result'] {
  const state = scope.worker.probes[key(container.name, type)];
  return state && status.containerID?.endsWith(state.containerID ?? '-') ? state.result : undefined;
}

/** A running container counts as started once its startup probe, if it has one, succeeded. */
export const isStarted = (scope: PodScope, container: Container, status: ContainerStatus): boolean =>
  !container.startupProbe || probeResult(scope, container, 'startup', status) === 'success';

/** Starts the probe workers of a pod that has none yet: their tickers count from now. */
export function addProbes(scope: PodScope): void {
  for (const container of probedContainers(scope)) {
    for (const [type, field] of PROBES) {
      if (container[field]) scope.worker.probes[key(container.name, type)] ??= { origin: scope.now, run: 0 };
    }
  }
}

/** Something in or around the containers changed: answers that stood must be asked for again. */
export function unsettleProbes(scope: PodScope): void {
  scope.worker.probesFrom = scope.now;
  for (const state of Object.values(scope.worker.probes)) delete state.steady;
}

/** A sync found a container that is started and not ready: its readiness is asked for at once, and the ticker begins anew. */
export function triggerReadiness(scope: PodScope): void {
  for (const container of probedContainers(scope)) {
    const state = scope.worker.probes[key(container.name, 'readiness')];
    const status = statusOf(scope, container.name);
    if (!state || !status?.state?.running || !status.started || status.ready) continue;
    if (state.forced === scope.now) continue;
    state.origin = scope.now;
    state.forced = scope.now;
    delete state.last;
    delete state.steady;
  }
}

function statusOf(scope: PodScope, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = scope.pod?.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find((status) => status.name === name);
}

/** The tick that is due next: the first that was not looked at, and not before what made it worth looking. */
function nextTick(scope: PodScope, { state, spec }: Pick<Worker, 'state' | 'spec'>): number {
  if (state.forced !== undefined && state.last === undefined) return state.forced;
  const from = Math.max(
    scope.worker.probesFrom ?? 0,
    state.last === undefined ? state.origin : state.last + 1,
    state.origin,
  );
  const tick = state.origin + Math.ceil((from - state.origin) / period(spec)) * period(spec);
  const unheard = state.steady && state.result === 'failure' && state.run > UNHEARD && state.last !== undefined;
  return unheard ? Math.max(tick, state.last! + SELDOM) : tick;
}

interface Worker {
  container: Container;
  type: ProbeType;
  spec: Probe;
  state: ProbeState;
}

function workers(scope: PodScope): Worker[] {
  const { probes, stage } = scope.worker;
  if (!scope.pod || stage === 'terminated' || Object.keys(probes).length === 0) return [];
  if (isTerminalPhase(scope.pod.status?.phase)) return [];
  return probedContainers(scope).flatMap((container) =>
    PROBES.flatMap(([type, field]) => {
      const state = probes[key(container.name, type)];
      const spec = container[field];
      return state && spec ? [{ container, type, spec, state }] : [];
    }),
  );
}

/** Whether a tick of this worker could do anything now: only then is it worth an event in the queue. */
function isIdle(scope: PodScope, { container, type, state }: Worker): boolean {
  const status = statusOf(scope, container.name);
  if (!status?.containerID || !status.state?.running) return true;
  const fresh = !status.containerID.endsWith(state.containerID ?? '-');
  if (fresh) return false;
  if (state.onHold) return true;
  if (type !== 'readiness' && scope.pod!.metadata.deletionTimestamp) return true;
  if (type === 'startup' ? status.started : !status.started) return true;
  return state.steady === true && state.result === 'success' && state.lastResult === 'success';
}

/** When the first probe of the pod is due, and whether what it finds may change the pod. */
export function nextProbe(scope: PodScope): { at: number; transition: boolean } | undefined {
  let next: { at: number; transition: boolean } | undefined;
  for (const worker of workers(scope)) {
    if (isIdle(scope, worker)) continue;
    const { state, spec } = worker;
    const threshold = Math.max(spec.failureThreshold ?? 3, spec.successThreshold ?? 1);
    const at = Math.max(delayed(scope, worker, nextTick(scope, worker)), scope.now);
    const transition = state.run <= threshold && worker.type !== 'startup';
    if (!next || at < next.at) next = { at, transition };
  }
  return next;
}

/** Failures in a row after which nobody hears of them any more, and how often they are looked for then, ms. */
const UNHEARD = 30;
const SELDOM = 60_000;

/** When initialDelaySeconds are over: they count from the start as the status shows it, in whole seconds. */
const delayEnd = (startedAt: number, spec: Probe) =>
  Math.floor(startedAt / 1000) * 1000 + (spec.initialDelaySeconds ?? 0) * 1000;

function delayed(scope: PodScope, { container, spec, state }: Worker, tick: number): number {
  const from = delayEnd(scope.latest(container.name)?.startedAt ?? 0, spec);
  if (tick >= from) return tick;
  return state.origin + Math.ceil((from - state.origin) / period(spec)) * period(spec);
}

/** Readiness and startup reach the API at once; what else follows from a result is the next sync's. */
function setResult(scope: PodScope, { type, state }: Worker, result: ProbeState['result']): void {
  if (state.result === result) return;
  state.result = result;
  if (type !== 'liveness') {
    writeStatus(scope);
    scope.worker.probesFrom = scope.now + 1;
  }
  if (scope.worker.stage === 'sync') scope.requestSync(scope.now);
}

/** Programs whose answer another time changes. */
const TIMELY = /\b(date|stat|uptime|find)\b/;

/** What a probe found stands until something changes: of a command it may be anything on the network, or the time. */
function settle({ world, worker: pod }: PodScope, { spec, state }: Worker): void {
  const command = spec.exec?.command?.join(' ');
  if (command && TIMELY.test(command)) return;
  if (command) watchOut(world, pod);
  state.steady = true;
}

/** One doProbe of the kubelet's worker. */
function probe(scope: PodScope, worker: Worker): void {
  const { container, type, spec, state } = worker;
  const status = statusOf(scope, container.name)!;
  const id = status.containerID!.replace(/^.*:\/\//, '');
  if (state.containerID !== id) {
    Object.assign(state, { containerID: id, run: 0 });
    delete state.onHold;
    delete state.steady;
    delete state.result;
    delete state.lastResult;
    setResult(scope, worker, INITIAL[type]);
  }
  const record = scope.container(id);
  if (record?.state !== 'running') return;
  if (scope.now < delayEnd(record.startedAt ?? 0, spec)) return;
  if (type === 'startup' ? status.started : !status.started) return;

  const answer: ProbeAnswer =
    state.steady && state.lastResult && state.output !== undefined
      ? { result: state.lastResult, output: state.output }
      : ask(scope, container, record, spec);
  if (answer.result === 'error') {
    scope.event(
      'Warning',
      'Unhealthy',
      `${TITLES[type]} probe errored and resulted in unknown state: ${answer.output}`,
      container.name,
    );
    return;
  }
  if (answer.warning)
    scope.event('Warning', 'ProbeWarning', `${TITLES[type]} probe warning: ${answer.output}`, container.name);
  if (answer.result === 'failure') {
    scope.event('Warning', 'Unhealthy', `${TITLES[type]} probe failed: ${answer.output}`, container.name);
  }
  state.run = state.lastResult === answer.result ? state.run + 1 : 1;
  state.lastResult = answer.result;
  state.output = answer.output;
  if (!answer.fleeting) settle(scope, worker);
  const threshold = answer.result === 'failure' ? (spec.failureThreshold ?? 3) : (spec.successThreshold ?? 1);
  if (state.run < threshold) return;
  setResult(scope, worker, answer.result);
  if ((type === 'liveness' && answer.result === 'failure') || type === 'startup') {
    state.onHold = true;
    state.run = 0;
  }
}

/** Runs the probes that are due; answers whether there were any. */
export function runProbes(scope: PodScope): boolean {
  let ran = false;
  for (const worker of workers(scope)) {
    if (isIdle(scope, worker)) continue;
    const tick = nextTick(scope, worker);
    if (delayed(scope, worker, tick) > scope.now) continue;
    ran = true;
    // Ticks that nobody needed are skipped: the ticker is a function of time.
    const skipped = Math.floor((scope.now - worker.state.origin) / period(worker.spec));
    worker.state.last = worker.state.origin + skipped * period(worker.spec);
    probe(scope, worker);
  }
  return ran;
}

/** Whether liveness or startup says that the container must be restarted. */
export function probeFailure(scope: PodScope, container: Container, id: string): 'liveness' | 'startup' | undefined {
  for (const type of ['liveness', 'startup'] as const) {
    const state = scope.worker.probes[key(container.name, type)];
    if (state?.containerID === id && state.result === 'failure') return type;
  }
  return undefined;
}
