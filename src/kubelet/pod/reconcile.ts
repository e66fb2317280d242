import { copyJson } from '../../base/copy-json.ts';
import { runtimeDownSince } from '../../node/systemd/units.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { activePods, admit, type Rejection } from '../admission.ts';
import { waitNoMore } from '../awaited.ts';
import { nextProcess, pruneContainers, removeContainer, settlePending, stepContainers } from '../containers.ts';
import { noteControlPlane } from '../control-plane.ts';
import { deadline, heedDeadline, isOverdue } from '../deadline.ts';
import { isMirror, staticUid } from '../names.ts';
import { lacksNetwork } from '../network-ready.ts';
import { isCritical } from '../node/eviction.ts';
import type { Platform } from '../platform.ts';
import { PREEMPTED, podsToPreempt, unpreempted } from '../preemption.ts';
import { nextProbe, runProbes, triggerReadiness, unsettleProbes } from '../prober.ts';
import { decideResize } from '../resize.ts';
import { rememberStaticPod, restoreMirror } from '../static-pods.ts';
import { gateStatuses, isKubelets } from '../status/conditions.ts';
import { writeStatus } from '../status/generate.ts';
import { isTerminalPhase } from '../status/phase.ts';
import { terminatePod } from '../status/terminate.ts';
import { advanceStops, nextStop } from '../termination.ts';
import { nextRelist, TIMING } from '../timing.ts';
import { dropVolumes, mountedVolumes, refreshVolumes } from '../volumes.ts';
import { rouse } from '../watchful.ts';
import { IDLE, newWorker, type PodWorker, REFRESH, WORKERS, workerText } from '../worker.ts';
import { PodScope } from './scope.ts';
import { failSync, runStep } from './steps.ts';

/** CriticalPodAdmissionHandler: a critical pod that lacks nothing but room has others ended for it. */
function preempt(scope: PodScope, rejection: Rejection | undefined): Rejection | undefined {
  const { world, platform, machine } = scope;
  const pod = scope.pod!;
  if (!rejection?.lacks || !isCritical(pod)) return rejection;
  const victims = podsToPreempt(pod, activePods(world.client, machine.name), rejection.lacks);
  if (!victims) return { reason: 'UnexpectedAdmissionError', message: unpreempted(rejection.lacks) };
  for (const victim of victims) endPod(world, platform, machine, victim, PREEMPTED, PREEMPTED.reason);
  return undefined;
}

/** More than any pod has to do at one instant. */
const MAX_PASSES = 1000;

/** What was read of stored pods: a kubelet looks at one and the same again and again. */
const FINGERPRINTS = new WeakMap<Pod, string>();

/** What of a pod's object makes a kubelet look again. */
function fingerprint(pod: Pod | undefined): string {
  if (!pod) return 'gone';
  let print = FINGERPRINTS.get(pod);
  if (print === undefined) {
    print = fingerprintOf(pod);
    FINGERPRINTS.set(pod, print);
  }
  return print;
}

function fingerprintOf(pod: Pod): string {
  const { generation, deletionTimestamp, deletionGracePeriodSeconds, labels, annotations } = pod.metadata;
  const images = pod.spec!.containers.map((c) => c.image).join();
  const ephemeral = pod.spec!.ephemeralContainers?.length ?? 0;
  return JSON.stringify([
    generation,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    labels,
    annotations,
    images,
    ephemeral,
    pod.spec!.activeDeadlineSeconds,
    gateStatuses(pod),
  ]);
}

/** The scope of a pod as the state has it now; undefined if no kubelet knows or should know it. */
export function openScope(
  world: ActorWorld,
  platform: Platform,
  machine: MachineRecord,
  key: string,
): PodScope | undefined {
  const stored = world.state.section<PodWorker>(WORKERS).get(key);
  const saved = stored && workerText(stored);
  const worker = stored ? copyJson(stored) : newWorker(key);
  const found = world.client.get('pods', worker.namespace, worker.name);
  const pod = found && staticUid(found) === worker.uid && found.spec!.nodeName === worker.node ? found : undefined;
  if (!stored && !pod) return undefined;
  return new PodScope(world, platform, machine, worker, pod, saved);
}

/** Works on one pod of one node until nothing is due any more, and asks to be woken for what comes next. */
export function reconcilePod(
  world: ActorWorld,
  platform: Platform,
  machine: MachineRecord,
  wanted: string,
): void | Promise<void> {
  // Without its runtime a kubelet skips pod synchronization.
  if (!machine.kubelet.active || runtimeDownSince(world.state, machine) !== undefined) return;
  const key = wanted.replace(/\/(?:idle|refresh)$/, '');
  const scope = openScope(world, platform, machine, key);
  if (!scope) return;
  observe(scope);
  if (wanted.endsWith(REFRESH) || isOverdue(scope) || isDeferred(scope)) scope.requestSync(scope.now);
  work(scope, key);
  if (scope.pending.length > 0) return workPending(scope, key);
  finish(scope, key);
}

function work(scope: PodScope, key: string): void {
  for (let pass = 0; workOnce(scope); pass++) {
    if (pass > MAX_PASSES) throw new Error(`kubelet: pod ${key} finds no rest: ${JSON.stringify(scope.worker)}`);
  }
}

async function workPending(scope: PodScope, key: string): Promise<void> {
  while (scope.pending.length > 0) {
    await settlePending(scope);
    work(scope, key);
  }
  finish(scope, key);
}

function finish(scope: PodScope, key: string): void {
  noteControlPlane(scope);
  if (isForgotten(scope)) {
    scope.drop();
    return;
  }
  schedule(scope, key);
  scope.save(true);
}

/** One thing that is due, if there is any. */
const workOnce = (scope: PodScope): boolean =>
  stepContainers(scope) || advanceStops(scope) || runProbes(scope) || runStep(scope) || beginSync(scope);

const grace = (pod: Pod) =>
  Math.max(pod.metadata.deletionGracePeriodSeconds ?? pod.spec!.terminationGracePeriodSeconds ?? 30, 1);

/** Notices what the API server says anew of the pod. */
function observe(scope: PodScope): void {
  const { worker, pod } = scope;
  const seen = fingerprint(pod);
  if (seen === worker.seen) return;
  worker.seen = seen;
  if (pod?.metadata.deletionTimestamp && isMirror(pod)) {
    scope.world.client.delete('pods', worker.namespace, worker.name, { gracePeriodSeconds: 0 });
    return;
  }
  if (!pod && restoreMirror(scope.world, worker.node, worker.uid)) return;
  const leaves = !pod || pod.metadata.deletionTimestamp !== undefined;
  // A shorter grace does not reach what is being stopped already (kubernetes/kubernetes#113606).
  if (leaves && worker.stage === 'terminating') return;
  // A pod that waits for its volumes need not wait any longer.
  if (leaves && worker.steps[0]?.do === 'volumes') worker.steps = [];
  scope.requestSync(scope.now);
}

/** When the next sync may begin: never on a view of the containers that is older than the last sync. */
function syncAt(worker: PodWorker): { at: number; retry: boolean } | undefined {
  if (worker.steps.length > 0) return undefined;
  const echo = worker.echo === 'pending' ? (worker.lastSync ?? 0) : undefined;
  const due = Math.min(...[worker.syncDue, worker.retryAt, echo].map((time) => time ?? Number.POSITIVE_INFINITY));
  if (due === Number.POSITIVE_INFINITY) return undefined;
  const retry = due === worker.retryAt;
  // Retries are found by a loop that ticks once a second.
  const ticked = retry ? nextRelist(worker.node, due) : due;
  const fresh = worker.lastSync === undefined ? ticked : nextRelist(worker.node, worker.lastSync);
  return { at: Math.max(ticked, fresh), retry };
}

function beginSync(scope: PodScope): boolean {
  const { worker } = scope;
  const next = syncAt(worker);
  if (!next || next.at > scope.now) return false;
  const event = worker.syncDue !== undefined && worker.syncDue <= scope.now;
  if (worker.echo === 'coming' && scope.running().length > 0) worker.echo = 'pending';
  else if (worker.echo === 'coming' || !event) delete worker.echo;
  delete worker.syncDue;
  delete worker.retryAt;
  if (worker.stage === 'terminated') syncTerminated(scope);
  else if (
    worker.stage === 'terminating' ||
    !scope.pod ||
    (scope.pod.metadata.deletionTimestamp && !isMirror(scope.pod))
  )
    syncTerminating(scope);
  else syncPod(scope);
  return true;
}

/** kubelet's SyncPod: the status first, then what the runtime has to do. */
function syncPod(scope: PodScope): void {
  const { worker } = scope;
  const pod = scope.pod!;
  if (worker.lastSync === undefined && !isTerminalPhase(pod.status?.phase)) {
    const rejection = preempt(scope, admit(scope));
    if (rejection) {
      reject(scope, rejection.reason, rejection.message);
      return;
    }
  }
  heedDeadline(scope);
  if (isMirror(pod)) rememberStaticPod(scope.world, pod);
  decideResize(scope);
  const terminal = writeStatus(scope);
  worker.probesFrom = scope.now;
  pruneContainers(scope);
  if (terminal) {
    worker.stage = 'terminating';
    worker.lastSync = scope.now;
    scope.requestSync(scope.now);
    return;
  }
  triggerReadiness(scope);
  if (lacksNetwork(scope)) return failSync(scope);
  if (worker.mounted) refreshVolumes(scope);
  worker.steps = [{ do: 'volumes' }, { do: 'act' }];
  // The volume manager's loops come round first.
  const first = !worker.mounted && mountedVolumes(pod).length > 0;
  worker.stepAt = scope.now + (first ? TIMING.mount : 0);
}

/** immediateEvictionGracePeriodSeconds. */
const EVICTION_GRACE = 1;

/** evictPod of the eviction manager: the pod fails, and its containers end almost at once. `disruption`: a condition's message. */
export function evictPod(
  world: ActorWorld,
  platform: Platform,
  machine: MachineRecord,
  pod: Pod,
  message: string,
  disruption?: string,
): void {
  const ended = { reason: 'Evicted', message, grace: EVICTION_GRACE, ...(disruption && { disruption }) };
  endPod(world, platform, machine, pod, ended, 'Evicted');
}

/** The kubelet ends a pod, which has failed by that, and says so in an event of that reason. */
export function endPod(
  world: ActorWorld,
  platform: Platform,
  machine: MachineRecord,
  pod: Pod,
  ended: NonNullable<PodWorker['ended']>,
  event?: string,
): void {
  const key = `${machine.name}/${pod.metadata.namespace}/${pod.metadata.name}/${staticUid(pod)}`;
  const scope = openScope(world, platform, machine, key);
  if (!scope || scope.worker.ended || scope.worker.stage !== 'sync') return;
  if (event) scope.event('Warning', event, ended.message);
  scope.worker.ended = ended;
  scope.worker.steps = [];
  scope.requestSync(scope.now);
  disturb(scope, key);
}

/** kubelet's rejectPod: the pod has failed before anything of it ran. */
function reject(scope: PodScope, reason: string, message: string): void {
  const { worker } = scope;
  scope.event('Warning', reason, message);
  worker.stage = 'terminated';
  worker.lastSync = scope.now;
  const pod = scope.pod!;
  const { qosClass, conditions = [] } = pod.status ?? {};
  const others = conditions.filter(({ type }) => !isKubelets(type));
  const status = {
    phase: 'Failed',
    ...(others.length > 0 && { conditions: others }),
    message: `Pod was rejected: ${message}`,
    reason,
    startTime: new Date(Math.floor(scope.now / 1000) * 1000).toISOString().replace('.000', ''),
    ...(qosClass && { qosClass }),
  };
  scope.setPod(scope.world.client.updateStatus('pods', { ...pod, status } as Pod));
}

/** kubelet's SyncTerminatingPod: everything is stopped, then the final status is written. */
function syncTerminating(scope: PodScope): void {
  const { worker } = scope;
  worker.stage = 'terminating';
  worker.grace = worker.ended?.grace ?? (scope.pod ? grace(scope.pod) : 1);
  heedDeadline(scope);
  writeStatus(scope);
  worker.steps = [{ do: 'killPod' }, { do: 'await' }, { do: 'stopSandbox' }, { do: 'stopped' }];
  worker.stepAt = scope.now;
}

/** kubelet's SyncTerminatedPod: what is left to do is to let the API server delete the object. */
function syncTerminated(scope: PodScope): void {
  const { worker } = scope;
  worker.lastSync = scope.now;
  const pod = scope.pod;
  if (!pod) return;
  heedDeadline(scope);
  writeStatus(scope, true, terminatePod);
  if (!pod.metadata.deletionTimestamp) return;
  scope.world.client.delete('pods', worker.namespace, worker.name, {
    gracePeriodSeconds: 0,
    preconditions: { uid: pod.metadata.uid! },
  });
  const left = scope.world.client.get('pods', worker.namespace, worker.name);
  if (!left || left.metadata.uid !== pod.metadata.uid) scope.pod = undefined;
}

/** A resize that was deferred is tried again now. */
const isDeferred = ({ worker, now }: PodScope) =>
  worker.resize?.reason === 'Deferred' && (worker.lastSync ?? 0) + TIMING.resync <= now;

/** A pod whose object is gone and of which nothing runs leaves nothing behind. */
function isForgotten(scope: PodScope): boolean {
  const { worker } = scope;
  if (scope.pod || worker.stage !== 'terminated') return false;
  for (const id of [...worker.containers]) removeContainer(scope, id);
  scope.forgetSandboxes();
  waitNoMore(scope);
  dropVolumes(scope);
  return true;
}

/** Asks for the next wake-ups: one for what changes the pod, one for what merely goes on. */
function schedule(scope: PodScope, key: string): void {
  const { worker, world } = scope;
  const times: { at: number; transition: boolean }[] = [];
  const add = (at: number | undefined, transition: boolean) => {
    if (at !== undefined && Number.isFinite(at)) times.push({ at, transition });
  };
  const [step] = worker.steps;
  const stops = step?.do === 'await' && Object.keys(worker.stopping).length > 0;
  if (step && !stops) add(worker.stepAt, Object.keys(worker.mountFailures).length === 0);
  add(nextStop(scope), true);
  const sync = syncAt(worker);
  if (sync) add(sync.at, !sync.retry);
  const process = nextProcess(scope);
  if (process) add(process.at, process.transition);
  const probe = nextProbe(scope);
  if (probe) add(probe.at, probe.transition);
  if (worker.stage === 'sync') {
    if (worker.resize?.reason === 'Deferred') add((worker.lastSync ?? scope.now) + TIMING.resync, false);
    add(deadline(scope), false);
  }
  for (const transition of [true, false]) {
    const earliest = Math.min(...times.filter((time) => time.transition === transition).map((time) => time.at));
    if (Number.isFinite(earliest)) world.wake(transition ? key : key + IDLE, Math.max(earliest, scope.now));
  }
}

/** Config maps, secrets or files around a pod changed: its probes must ask again, and its volumes follow later. */
export function disturb(scope: PodScope, key: string): void {
  unsettleProbes(scope);
  rouse(scope.world, key);
  schedule(scope, key);
  scope.save();
}
