import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Container } from '../types/objects.ts';
import { isSidecar } from './names.ts';
import type { PodScope } from './pod/scope.ts';
import { probeFailure } from './prober.ts';
import { resizeContainer } from './resize.ts';
import { shouldBeRestarted } from './status/container-statuses.ts';

/** What a sync has to do about containers (kuberuntime's podActions). */
export interface PodActions {
  killPod: boolean;
  /** Attempt number of the sandbox to create. */
  createSandbox?: number;
  kill: { id: string; name: string; message: string; probe?: 'liveness' | 'startup' }[];
  /** Names of containers, in the order in which they start. */
  start: string[];
}

const restartsOnFailure = (scope: PodScope) => scope.pod!.spec!.restartPolicy !== 'Never';

/** A pod without a ready sandbox begins anew, unless everything it had to do is done. */
function withoutSandbox(scope: PodScope): PodActions {
  const { spec } = scope.pod!;
  const actions: PodActions = { killPod: true, kill: [], start: [] };
  const attempt = (scope.sandbox()?.attempt ?? -1) + 1;
  const records = scope.containers();
  if (!restartsOnFailure(scope) && attempt !== 0 && records.length > 0) return actions;
  const succeeded = (container: Container) => {
    const latest = scope.latest(container.name);
    return latest?.state === 'exited' && latest.exitCode === 0;
  };
  const wanted = spec!.containers.filter((c) => !(spec!.restartPolicy === 'OnFailure' && succeeded(c)));
  if (wanted.length === 0 && records.some((record) => record.kind === 'regular')) return actions;
  const [first] = spec!.initContainers ?? [];
  return { ...actions, createSandbox: attempt, start: first ? [first.name] : wanted.map((c) => c.name) };
}

/** computeInitContainerActions: which init containers to start; whether initialisation is over. */
function initActions(scope: PodScope, actions: PodActions): boolean {
  const init = scope.pod!.spec!.initContainers ?? [];
  if (init.length === 0) return true;
  const sandbox = scope.sandbox()!.id;
  const own = (name: string) => {
    const latest = scope.latest(name);
    return latest?.sandbox === sandbox ? latest : undefined;
  };
  let done = scope.pod!.spec!.containers.some((c) => {
    const latest = own(c.name);
    return latest?.state === 'running' || latest?.state === 'created';
  });
  let initialized = done;
  const start: number[] = [];
  for (let i = init.length - 1; i >= 0; i--) {
    const container = init[i]!;
    const sidecar = isSidecar(container);
    const record = own(container.name);
    if (!record) {
      if (initialized && sidecar) start.push(i);
      continue;
    }
    if (initialized && !sidecar) continue;
    const last = i === init.length - 1;
    if (record.state === 'created') start.push(i);
    else if (record.state === 'running') {
      if (sidecar && runningSidecar(scope, container, record, actions, initialized, last, start, i)) done ||= last;
    } else if (sidecar) start.push(i);
    else if (record.exitCode !== 0) {
      if (!restartsOnFailure(scope)) {
        actions.killPod = true;
        return false;
      }
      start.push(i);
    } else if (last) done = true;
    else start.push(i + 1);
    initialized = true;
  }
  if (!initialized) start.push(0);
  actions.start.push(...start.reverse().map((i) => init[i]!.name));
  return done;
}

/** A sidecar that runs: whether it has started, so that what comes after it may. */
function runningSidecar(
  scope: PodScope,
  container: Container,
  record: ContainerRecord,
  actions: PodActions,
  initialized: boolean,
  last: boolean,
  start: number[],
  index: number,
): boolean {
  const failure = probeFailure(scope, container, record.id);
  if (failure) {
    const message = `Init container ${container.name} failed ${failure} probe`;
    actions.kill.push({ id: record.id, name: container.name, message, probe: failure });
    start.push(index);
    if (failure === 'startup') return false;
  }
  const startup = scope.worker.probes[`${container.name}/startup`];
  if (container.startupProbe && startup?.result !== 'success') return false;
  if (!last && !initialized) start.push(index + 1);
  if (!failure && resizeContainer(scope, record, container)) {
    const message = `Container ${container.name} resize requires restart`;
    actions.kill.push({ id: record.id, name: container.name, message });
    start.push(index);
  }
  return true;
}

/** computePodActions: from what runs to what should run. */
export function computeActions(scope: PodScope): PodActions {
  const pod = scope.pod!;
  if (scope.sandbox()?.state !== 'ready') return withoutSandbox(scope);
  const actions: PodActions = { killPod: false, kill: [], start: [] };
  for (const ephemeral of pod.spec!.ephemeralContainers ?? []) {
    if (!scope.latest(ephemeral.name)) actions.start.push(ephemeral.name);
  }
  const initialized = initActions(scope, actions);
  if (actions.killPod || !initialized) return actions;

  let kept = 0;
  const start: string[] = [];
  for (const container of pod.spec!.containers) {
    const latest = scope.latest(container.name);
    if (latest?.state !== 'running') {
      if (shouldBeRestarted(pod, latest)) start.push(container.name);
      continue;
    }
    const failure = probeFailure(scope, container, latest.id);
    if (!failure && latest.image === container.image && resizeContainer(scope, latest, container)) {
      const message = `Container ${container.name} resize requires restart`;
      actions.kill.push({ id: latest.id, name: container.name, message });
      start.push(container.name);
      continue;
    }
    const changed = latest.image !== container.image;
    if (!failure && !changed) {
      kept++;
      continue;
    }
    const what = changed
      ? `Container ${container.name} definition changed`
      : `Container ${container.name} failed ${failure} probe`;
    const restart = changed || restartsOnFailure(scope);
    actions.kill.push({
      id: latest.id,
      name: container.name,
      message: restart ? `${what}, will be restarted` : what,
      ...(failure && !changed && { probe: failure }),
    });
    if (restart) start.push(container.name);
  }
  if (kept === 0 && start.length === 0) return { ...actions, killPod: true, start: [] };
  return { ...actions, start: [...actions.start, ...start] };
}
