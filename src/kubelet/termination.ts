import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Container } from '../types/objects.ts';
import { SIGKILL, SIGTERM, signalContainer } from './containers.ts';
import { runHook } from './hooks.ts';
import { findContainer, isSidecar } from './names.ts';
import type { PodScope } from './pod/scope.ts';
import type { Stopping } from './worker.ts';

/** minimumGracePeriodInSeconds: what every container gets. */
const MIN_GRACE = 2;
const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM,
};

const stopSignal = (record: ContainerRecord) =>
  SIGNALS[record.stopSignal ?? 'SIGTERM'] ?? (Number(record.stopSignal) || SIGTERM);

/** Begins to stop a container: Killing event, pre-stop hook, its turn, the stop signal, and SIGKILL when the grace is over. */
export function beginStop(
  scope: PodScope,
  record: ContainerRecord,
  message: string,
  grace: number,
  after: string[] = [],
): void {
  if (record.state !== 'running' || scope.worker.stopping[record.id]) return;
  scope.event('Normal', 'Killing', message || `Stopping container ${record.name}`, record.name);
  const stopping: Stopping = { grace, began: scope.now, stage: 'turn', after };
  const container = scope.pod && findContainer(scope.pod, record.name)?.container;
  const hook = container?.lifecycle?.preStop;
  if (container && hook && grace > 0) {
    const result = runHook(scope, container, record, hook, grace * 1000);
    stopping.stage = 'hook';
    stopping.hookEnds = scope.now + result.took;
    if (result.failure) stopping.hookFails = true;
    if (result.runsOn) stopping.hookRunsOn = true;
  }
  scope.worker.stopping[record.id] = stopping;
}

/** What a stage left of the grace, in whole seconds as the kubelet counts. */
const spent = (scope: PodScope, stopping: Stopping) => stopping.grace - Math.floor((scope.now - stopping.began) / 1000);

const runs = (scope: PodScope, name: string) => scope.latest(name)?.state === 'running';

/** When the next thing about this container's end happens by itself. */
function deadline(stopping: Stopping): number {
  if (stopping.stage === 'hook') return stopping.hookEnds!;
  if (stopping.stage === 'turn') return stopping.began + stopping.grace * 1000;
  return stopping.killAt!;
}

/** Moves the containers on that are being stopped; answers whether any moved. */
export function advanceStops(scope: PodScope): boolean {
  let moved = false;
  for (const [id, stopping] of Object.entries(scope.worker.stopping)) {
    const record = scope.container(id);
    if (record?.state !== 'running') {
      delete scope.worker.stopping[id];
      moved = true;
      continue;
    }
    const due = deadline(stopping) <= scope.now;
    if (stopping.stage === 'hook' && due) {
      if (stopping.hookFails) scope.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', record.name);
      Object.assign(stopping, { stage: 'turn', grace: spent(scope, stopping), began: scope.now });
      moved = true;
    } else if (stopping.stage === 'turn' && (due || !stopping.after.some((name) => runs(scope, name)))) {
      const grace = Math.max(spent(scope, stopping), MIN_GRACE);
      Object.assign(stopping, { stage: 'term', grace, began: scope.now, killAt: scope.now + grace * 1000 });
      moved = true;
      signalContainer(scope, id, stopSignal(record));
    } else if (stopping.stage === 'term' && due) {
      moved = true;
      signalContainer(scope, id, SIGKILL);
    }
  }
  return moved;
}

export function nextStop(scope: PodScope): number | undefined {
  const times = Object.values(scope.worker.stopping).map(deadline);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** The running containers that a sidecar waits for before it stops: all regular ones, and sidecars after it. */
function prerequisites(scope: PodScope, container: Container): string[] {
  const { containers, initContainers = [] } = scope.pod!.spec!;
  const index = initContainers.indexOf(container);
  const later = initContainers.slice(index + 1).filter(isSidecar);
  return [...containers, ...later].map((c) => c.name).filter((name) => runs(scope, name));
}

/** Begins to stop everything of the pod that runs. */
export function stopAll(scope: PodScope, grace: number): void {
  // One goroutine each, made from the newest on: the one made last is run first.
  const running = scope.running();
  for (const record of [...running.slice(-1), ...running.slice(0, -1)]) {
    const found = scope.pod && findContainer(scope.pod, record.name);
    const sidecar = found?.kind === 'init' && isSidecar(found.container);
    beginStop(scope, record, '', grace, sidecar ? prerequisites(scope, found.container) : []);
  }
}
