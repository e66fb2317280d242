import { formatDuration } from '../../base/duration.ts';
import { computeActions } from '../actions.ts';
import { isWaiting } from '../awaited.ts';
import { isInBackOffSince, nextBackOff } from '../backoff.ts';
import { ConfigError, CreateError } from '../config-error.ts';
import { createContainer, startContainer } from '../containers.ts';
import { heedDeadline } from '../deadline.ts';
import { tellDnsProblems } from '../dns.ts';
import { runHook } from '../hooks.ts';
import { ensureImage, finishPull } from '../images.ts';
import { findContainer, formatPod, isSidecar } from '../names.ts';
import { addProbes } from '../prober.ts';
import { createSandbox, stopSandbox } from '../sandbox.ts';
import { writeStatus } from '../status/generate.ts';
import { beginStop, stopAll } from '../termination.ts';
import { TIMING } from '../timing.ts';
import { mountVolumes } from '../volumes.ts';
import type { Step } from '../worker.ts';
import type { PodScope } from './scope.ts';

/** What a step leaves: steps to do before the rest, how long until the next, or a time (or an event) to look at this one again. */
type Outcome = { next?: Step[]; after?: number } | { again: number | undefined };

const DONE: Outcome = {};
/** So many failures make more events than the recorder takes of one object (its burst is 25). */
const UNHEARD = 30;
/** A pod that has asked so often in vain asks again when there is reason to, and otherwise this seldom, ms. */
const SELDOM = 3_600_000;

/** A container could not be started: what follows for it is dropped, and for the pod too if it initialises it. */
function fail(scope: PodScope, name: string, reason: string, message: string): Outcome {
  const { worker } = scope;
  worker.reasons[name] = { reason, message };
  worker.failed = true;
  const { container, kind } = findContainer(scope.pod!, name)!;
  worker.steps =
    kind === 'init' && !isSidecar(container)
      ? []
      : worker.steps.filter((step) => !('name' in step && step.name === name));
  return DONE;
}

/** The seconds that a container gets when a probe or a change ends it. */
function graceOf(scope: PodScope, name: string, probe: 'liveness' | 'startup' | undefined): number {
  const { container } = findContainer(scope.pod!, name)!;
  const own = probe === 'liveness' ? container.livenessProbe : probe === 'startup' ? container.startupProbe : undefined;
  return own?.terminationGracePeriodSeconds ?? scope.pod!.spec!.terminationGracePeriodSeconds ?? 30;
}

/** getPullSecretsForPod: names of secrets that are not there. */
function tellLostPullSecrets(scope: PodScope): void {
  const names = (scope.pod!.spec!.imagePullSecrets ?? []).flatMap(({ name }) => name || []);
  const lost = names.filter((name) => !scope.world.client.get('secrets', scope.worker.namespace, name));
  if (lost.length === 0) return;
  const message = `Unable to retrieve some image pull secrets (${lost.join(', ')}); attempting to pull the image may not succeed.`;
  scope.event('Warning', 'FailedToRetrieveImagePullSecret', message);
}

type Steps = { [K in Step['do']]: (scope: PodScope, step: Extract<Step, { do: K }>) => Outcome };

/** One function a step, named by what it does. */
const STEPS: Steps = {
  volumes(scope) {
    const again = mountVolumes(scope);
    if (again !== undefined) return { again };
    scope.worker.mounted = true;
    return DONE;
  },

  act(scope) {
    tellLostPullSecrets(scope);
    addProbes(scope);
    const actions = computeActions(scope);
    const next: Step[] = [];
    if (!actions.killPod) tellDnsProblems(scope);
    if (actions.killPod && scope.sandbox()) next.push({ do: 'killPod' }, { do: 'await' }, { do: 'stopSandbox' });
    if (actions.createSandbox !== undefined) {
      if (scope.sandbox())
        scope.event('Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
      next.push({ do: 'sandbox', attempt: actions.createSandbox });
    }
    for (const { id, name, message, probe } of actions.kill) {
      next.push({ do: 'kill', id, message, grace: graceOf(scope, name, probe) }, { do: 'await' });
    }
    for (const name of actions.start) {
      const since = scope.containers().find((r) => r.name === name && r.state === 'exited')?.finishedAt;
      next.push({ do: 'start', name, ...(since !== undefined && { since }) });
    }
    return { next, after: actions.createSandbox === undefined ? 0 : TIMING.sandbox };
  },

  sandbox(scope, { attempt }) {
    tellDnsProblems(scope);
    const failure = createSandbox(scope, attempt);
    if (failure) {
      scope.event('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${failure}`);
      scope.worker.failed = true;
      scope.worker.steps = [];
      return DONE;
    }
    scope.requestRelist();
    return DONE;
  },

  start(scope, { name, since }) {
    const { restarts } = scope.worker;
    if (since !== undefined) {
      if (isInBackOffSince(restarts[name], since, scope.now)) {
        const pod = formatPod(scope.pod!);
        scope.event('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${pod}`, name);
        const delay = formatDuration(restarts[name]!.delay);
        return fail(
          scope,
          name,
          'CrashLoopBackOff',
          `back-off ${delay} restarting failed container=${name} pod=${pod}`,
        );
      }
      restarts[name] = nextBackOff(restarts[name], since, scope.now);
    }
    const image = ensureImage(scope, name);
    if (image === 'present') return { next: [{ do: 'create', name }], after: TIMING.create };
    if ('until' in image) {
      const { asked, began, until } = image;
      return { next: [{ do: 'pulled', name, asked, began }], after: until - scope.now };
    }
    scope.event('Warning', 'Failed', `Error: ${image.reason}`, name);
    return fail(scope, name, image.reason, image.message);
  },

  pulled(scope, { name, asked, began }) {
    const failure = finishPull(scope, name, asked, began);
    if (!failure) return { next: [{ do: 'create', name }], after: TIMING.create };
    scope.event('Warning', 'Failed', `Error: ${failure.reason}`, name);
    return fail(scope, name, failure.reason, failure.message);
  },

  create(scope, { name }) {
    try {
      const { id } = createContainer(scope, name);
      scope.event('Normal', 'Created', `Created container: ${name}`, name);
      return { next: [{ do: 'run', name, id }], after: TIMING.start };
    } catch (error) {
      if (!(error instanceof ConfigError) && !(error instanceof CreateError)) throw error;
      const { message } = error;
      scope.event('Warning', 'Failed', `Error: ${message}`, name);
      const reason = error instanceof CreateError ? 'CreateContainerError' : 'CreateContainerConfigError';
      return fail(scope, name, reason, message);
    }
  },

  run(scope, { name, id }) {
    const failure = startContainer(scope, id);
    if (scope.sandbox()!.createdAt > (scope.worker.lastSync ?? -1)) scope.worker.echo = 'coming';
    scope.requestRelist();
    if (failure) {
      scope.event('Warning', 'Failed', `Error: ${failure}`, name);
      return fail(scope, name, 'RunContainerError', failure);
    }
    scope.event('Normal', 'Started', `Started container ${name}`, name);
    const hook = findContainer(scope.pod!, name)!.container.lifecycle?.postStart;
    return { next: [hook ? { do: 'postStart', name, id } : { do: 'started', name }] };
  },

  postStart(scope, { name, id }) {
    const record = scope.container(id)!;
    const { container } = findContainer(scope.pod!, name)!;
    if (record.state !== 'running') return { next: [{ do: 'started', name }] };
    const { took, failure } = runHook(
      scope,
      container,
      record,
      container.lifecycle!.postStart!,
      Number.MAX_SAFE_INTEGER,
    );
    if (failure === undefined) return { next: [{ do: 'started', name }], after: took };
    scope.event('Warning', 'FailedPostStartHook', 'PostStartHook failed', name);
    const grace = graceOf(scope, name, undefined);
    const reason = 'PostStartHookError';
    return {
      next: [
        { do: 'kill', id, message: 'FailedPostStartHook', grace },
        { do: 'await' },
        { do: 'fail', name, reason, message: failure },
      ],
      after: took,
    };
  },

  started(scope, { name }) {
    delete scope.worker.reasons[name];
    return DONE;
  },

  fail: (scope, { name, reason, message }) => fail(scope, name, reason, message),

  kill(scope, { id, message, grace }) {
    const record = scope.container(id);
    if (record) beginStop(scope, record, message, grace);
    return DONE;
  },

  killPod(scope) {
    const after = scope.running().length > 0 ? TIMING.stop : 0;
    stopAll(scope, scope.worker.grace ?? scope.pod?.spec?.terminationGracePeriodSeconds ?? 30);
    return { after };
  },

  await: (scope) => (Object.keys(scope.worker.stopping).length > 0 ? { again: undefined } : DONE),

  stopSandbox(scope) {
    const ready = scope.sandbox()?.state === 'ready';
    stopSandbox(scope);
    return { after: ready ? TIMING.stopSandbox : 0 };
  },

  stopped(scope) {
    scope.worker.stage = 'terminated';
    heedDeadline(scope);
    writeStatus(scope, true);
    return DONE;
  },
};

/** Does the first step if it is due; answers whether it did anything. */
export function runStep(scope: PodScope): boolean {
  const { worker } = scope;
  const [step] = worker.steps;
  if (!step) return false;
  const waits = step.do === 'await' && Object.keys(worker.stopping).length > 0;
  if (waits || (worker.stepAt ?? 0) > scope.now) return false;
  worker.steps = worker.steps.slice(1);
  const outcome = (STEPS[step.do] as (scope: PodScope, step: Step) => Outcome)(scope, step);
  if ('again' in outcome) {
    worker.steps = [step, ...worker.steps];
    if (outcome.again === undefined) delete worker.stepAt;
    else worker.stepAt = outcome.again;
  } else {
    worker.steps = [...(outcome.next ?? []), ...worker.steps];
    worker.stepAt = scope.now + (outcome.after ?? 0);
  }
  if (worker.steps.length === 0) endSync(scope);
  return true;
}

/** When the first container that is backing off may start again; undefined if one fails for another reason. */
function backOffEnd(scope: PodScope): number | undefined {
  const ends = Object.entries(scope.worker.reasons).map(([name, { reason }]) => {
    const image = findContainer(scope.pod!, name)?.container.image ?? '';
    const pull = scope.worker.pulls[image];
    if (reason === 'ImagePullBackOff' && pull) return pull.updated + pull.delay;
    const finished = scope.containers().find((r) => r.name === name && r.state === 'exited')?.finishedAt;
    const restart = scope.worker.restarts[name];
    return reason === 'CrashLoopBackOff' && restart && finished !== undefined ? finished + restart.delay : scope.now;
  });
  const first = Math.min(...ends);
  return first > scope.now && Number.isFinite(first) ? first : undefined;
}

/** Whether the API shows already why each container waits. */
function isTold({ worker, pod }: PodScope): boolean {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {};
  const shown = [...containerStatuses, ...initContainerStatuses];
  return Object.entries(worker.reasons).every(([name, { reason }]) => {
    const status = shown.find((candidate) => candidate.name === name);
    return !status || status.state?.waiting?.reason === reason;
  });
}

/**
 * A failed sync comes again after the back-off period with its jitter. What it tells is no longer recorded once the recorder's
 * spam filter has had enough of it: from then on only the syncs that can change something are made.
 */
function retryTime(scope: PodScope): number {
  const { worker, now } = scope;
  const quiet = !worker.failures || now - worker.failures.last > 2 * TIMING.maxBackOff;
  worker.failures = { count: quiet ? 1 : worker.failures!.count + 1, last: now };
  const period = isWaiting(scope, 'network') ? TIMING.transientBackOff : TIMING.syncBackOff;
  const jitter = period * (1 + 0.5 * scope.world.random.next());
  const unheard = worker.failures.count > UNHEARD;
  if (unheard && isWaiting(scope)) {
    worker.failures.last = now + SELDOM;
    return now + SELDOM;
  }
  const end = unheard && isTold(scope) ? backOffEnd(scope) : undefined;
  return end === undefined ? now + jitter : Math.max(now, end - TIMING.syncBackOff) + jitter;
}

/** The sync ends with an error before it has done anything. */
export function failSync(scope: PodScope): void {
  scope.worker.failed = true;
  endSync(scope);
}

/** The sync is over: one that failed is tried again after the back-off period with its jitter. */
function endSync(scope: PodScope): void {
  const { worker } = scope;
  delete worker.stepAt;
  worker.lastSync = scope.now;
  if (worker.failed) worker.retryAt = retryTime(scope);
  delete worker.failed;
  if (worker.stage === 'terminated') scope.requestSync(scope.now);
}
