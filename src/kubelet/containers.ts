import { Quantity } from '../base/quantity.ts';
import type { Machine, OutputChunk, ProcessState, ResumeOptions, StepResult } from '../sh/process.ts';
import { type ContainerRecord, type LogRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import type { Container, Pod, PodSpec } from '../types/objects.ts';
import { ConfigError, CreateError } from './config-error.ts';
import { type Around, containerMachine, type ProcessRecord } from './container-machine.ts';
import { containerEnvironment, expand } from './environment.ts';
import { dropLayer, type LayerEntry } from './files/layer.ts';
import { hostProgram } from './host-programs.ts';
import { findImage, imageOf } from './images.ts';
import { appendLog, closeLog, readLog } from './logs.ts';
import { findContainer, formatPod } from './names.ts';
import { firstPid, nextFirstPid, sharingPids } from './pid-namespace.ts';
import type { StartFailure } from './platform.ts';
import type { PodScope } from './pod/scope.ts';
import { unsettleProbes } from './prober.ts';
import { identityOf } from './process-identity.ts';
import { allocated } from './resize.ts';
import { knowsGroupsPolicy } from './runtime-features.ts';
import { TIMING } from './timing.ts';
import { containerMounts } from './volumes.ts';
import { isRoused, keyOf, rouse, takeRousing, watchOut } from './watchful.ts';

const MAX_MESSAGE = 4096;
const FALLBACK_BYTES = 2048;
const FALLBACK_LINES = 80;
const HOST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
export const SIGKILL = 9;
export const SIGTERM = 15;
const SIGSTOP = 19;

const processes = (scope: PodScope) => scope.world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
const logs = (scope: PodScope) => scope.world.state.section<LogRecord>(RUNTIME_SECTIONS.logs);

/** The user that a container runs as, after the checks of runAsNonRoot. */
function userOf(pod: Pod, container: Container, imageUser: string): string {
  const own = container.securityContext;
  const all = pod.spec!.securityContext;
  const uid = own?.runAsUser ?? all?.runAsUser;
  if (own?.runAsNonRoot ?? all?.runAsNonRoot) {
    const who = `(pod: "${formatPod(pod)}", container: ${container.name})`;
    if (uid === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${who}`);
    const user = imageUser.split(':')[0]!;
    if (uid === undefined && /[^0-9]/.test(user) && user !== 'root') {
      throw new ConfigError(
        `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${who}`,
      );
    }
    if (uid === undefined && (user === '' || user === '0' || user === 'root')) {
      throw new ConfigError(`container has runAsNonRoot and image will run as root ${who}`);
    }
  }
  const user = uid === undefined ? imageUser || 'root' : uid === 0 ? 'root' : String(uid);
  return withGroups(user, own?.runAsGroup ?? all?.runAsGroup, all);
}

/** `user[:group[:more,…]]`: a group that the pod names goes before the image's. */
function withGroups(user: string, runAsGroup: number | undefined, pod: PodSpec['securityContext']): string {
  const more = [...(pod?.fsGroup === undefined ? [] : [pod.fsGroup]), ...(pod?.supplementalGroups ?? [])];
  const [uid, imageGroup] = user.split(':') as [string, string?];
  const group = runAsGroup?.toString() ?? imageGroup ?? (more.length > 0 ? '0' : undefined);
  return [uid, ...(group === undefined ? [] : [group]), ...(more.length > 0 ? [more.join(',')] : [])].join(':');
}

/** FNV-1a of a text, as the short hashes of annotations look. */
function shortHash(text: string): string {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return (hash >>> 0).toString(16);
}

const pidOf = (scope: PodScope) => 1000 + scope.world.random.int(30_000);

/** Creates a container from the pod's spec. Throws ConfigError with the message of CreateContainerConfigError. */
export function createContainer(scope: PodScope, name: string): ContainerRecord {
  const pod = scope.pod!;
  const { container, kind } = findContainer(pod, name)!;
  const sandbox = scope.sandbox()!;
  const image = findImage(scope, container.image!)!;
  const manifest = imageOf(scope, image.id);
  if (!manifest) throw new ConfigError(`image ${image.id} not found`);
  const previous = scope.latest(name);
  const attempt = previous ? previous.attempt + 1 : 0;
  const own = containerEnvironment(scope, container);
  const env: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: sandbox.hostname,
    ...(container.tty && { TERM: 'xterm' }),
    ...manifest.env,
    ...own,
  };
  const user = userOf(pod, container, manifest.user);
  const command = container.command?.length ? container.command : manifest.entrypoint;
  const args = container.args?.length ? container.args : container.command?.length ? [] : manifest.cmd;
  const argv = [...command, ...args].map((word) => expand(word, (variable) => own[variable]));
  const { namespace, uid } = sandbox.pod;
  const resources = allocated(scope, container);
  const id = scope.world.random.hex(64);
  if (argv.length === 0)
    throw new CreateError(
      `failed to generate container ${JSON.stringify(id)} spec: failed to generate spec: no command specified`,
    );
  const record: ContainerRecord = {
    id,
    node: scope.worker.node,
    sandbox: sandbox.id,
    pod: sandbox.pod,
    name,
    kind,
    attempt,
    image: container.image!,
    imageID: image.id,
    imageName: image.repoTags[0] ?? container.image!,
    imageRef: image.repoDigests[0] ?? image.id,
    state: 'created',
    createdAt: scope.now,
    pid: 0,
    argv,
    env: { ...env, HOME: env.HOME ?? (user.split(':')[0] === 'root' ? '/root' : '/') },
    cwd: container.workingDir || manifest.cwd || '/',
    user,
    mounts: containerMounts(scope, container, env),
    labels: {
      'io.kubernetes.container.name': name,
      'io.kubernetes.pod.name': sandbox.pod.name,
      'io.kubernetes.pod.namespace': namespace,
      'io.kubernetes.pod.uid': uid,
    },
    annotations: {
      'io.kubernetes.container.hash': shortHash(JSON.stringify(container)),
      ...(container.ports?.length && { 'io.kubernetes.container.ports': JSON.stringify(container.ports) }),
      'io.kubernetes.container.restartCount': String(attempt),
      'io.kubernetes.container.terminationMessagePath': container.terminationMessagePath ?? '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': container.terminationMessagePolicy ?? 'File',
      'io.kubernetes.pod.terminationGracePeriod': String(pod.spec!.terminationGracePeriodSeconds ?? 30),
    },
    logPath: `${sandbox.logDirectory}/${name}/${attempt}.log`,
    tty: container.tty ?? false,
    ...(manifest.stopSignal && { stopSignal: manifest.stopSignal }),
    ...(resources && { resources }),
    ...(knowsGroupsPolicy(scope.machine) && {
      identity: identityOf(
        user,
        scope.platform.programs.files(manifest),
        pod.spec!.securityContext?.supplementalGroupsPolicy === 'Strict',
      ),
    }),
    ...(container.securityContext && { securityContext: container.securityContext }),
  };
  scope.saveContainer(record);
  return record;
}

function sandboxOf(scope: PodScope, record: ContainerRecord): SandboxRecord {
  return scope.world.state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes).get(`${record.node}/${record.sandbox}`)!;
}

/** The machine around a container's processes; a kill from inside reaches the container's main process. */
export function machineOf(scope: PodScope, record: ContainerRecord, around: Around = {}) {
  const { at } = around;
  return containerMachine(scope.world, scope.platform, record, sandboxOf(scope, record), scope.pod, {
    ...around,
    kill: (pid, signal) => {
      const meant = [record, ...sharingPids(scope.world, record)].find((one) => firstPid(one) === pid);
      // The kernel spares the first process of a namespace what comes from inside and is not handled.
      const isSpared = pid === 1 && (signal === SIGKILL || signal === SIGSTOP);
      if (meant && !isSpared) signalContainer(scope, meant.id, signal);
      return meant !== undefined || pid === 1;
    },
    leave(argv) {
      const outside = hostProgram(scope, record, argv);
      const machine = outside && scope.platform.hostMachine?.(scope.world, record.node);
      return (
        machine && { machine: at ? { ...machine, now: at } : machine, argv: outside, env: hostEnvironment(record) }
      );
    },
  });
}

/** What a program's environment becomes that leaves its container. */
const hostEnvironment = ({ env }: ContainerRecord): Record<string, string> => ({
  ...env,
  PATH: HOST_PATH,
  HOME: '/root',
  USER: 'root',
  SHELL: '/bin/bash',
});

/** The machine around a process of a container, which may have left it for its node. */
export function machineAround(scope: PodScope, record: ContainerRecord, host: boolean | undefined): Machine {
  const node = host ? scope.platform.hostMachine?.(scope.world, record.node) : undefined;
  return node ?? machineOf(scope, record);
}

/** What a program begins with: in its container, or on the node if it leaves it at once. */
export function programOf(scope: PodScope, record: ContainerRecord, argv: string[]) {
  const outside = hostProgram(scope, record, argv);
  if (!outside) return { argv, env: record.env, cwd: record.cwd, user: record.user };
  return { argv: outside, env: hostEnvironment(record), cwd: '/', user: 'root', host: true };
}

/** runc's words for a file that is to be mounted over a folder, or a folder over a file. */
function misfitMount(scope: PodScope, record: ContainerRecord): string | undefined {
  const image = scope.platform.programs.files(imageOf(scope, record.imageID)!);
  for (const { containerPath, hostPath } of record.mounts) {
    const below = image.stat(containerPath)?.type;
    if (!below || below === 'symlink') continue;
    const above = machineOf(scope, record).files.stat(containerPath)?.type ?? 'directory';
    if (above !== 'symlink' && below !== above)
      return `error during container init: error mounting "${hostPath}" to rootfs at "${containerPath}": mount ${hostPath}:${containerPath} (via /proc/self/fd/6), flags: 0x5001: not a directory`;
  }
  return undefined;
}

/** Starts a created container's program. Answers runc's words if there is no such program. */
export function startContainer(scope: PodScope, id: string): string | undefined {
  const created = scope.container(id)!;
  const innerPid = nextFirstPid(scope.world, scope.platform, created);
  const record = innerPid ? { ...created, innerPid } : created;
  const { programs } = scope.platform;
  const { host, ...program } = programOf(scope, record, record.argv);
  const stdin = findContainer(scope.pod!, record.name)?.container.stdin;
  const misfit = misfitMount(scope, record);
  const result: StepResult | StartFailure = misfit
    ? { failure: misfit }
    : programs.start(
        imageOf(scope, record.imageID)!,
        { ...program, pid: firstPid(record), tty: record.tty, ...(stdin && { stdinOpen: true }) },
        machineAround(scope, record, host),
      );
  if ('failure' in result) {
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${misfit ?? `exec: "${record.argv[0] ?? ''}": ${result.failure}`}: unknown`;
    scope.saveContainer({
      ...record,
      state: 'exited',
      exitCode: 128,
      reason: 'StartError',
      message,
      finishedAt: scope.now,
    });
    return message;
  }
  scope.saveContainer({ ...record, state: 'running', startedAt: scope.now, pid: pidOf(scope) });
  applyStep(scope, id, result, { wakes: 0, ...(host && { host: true }) });
  return undefined;
}

/** A program ran on the node itself: the kubelet looks whether its manifests changed. */
export function noticeHost(scope: PodScope): void {
  scope.world.wake(scope.worker.node, scope.now + TIMING.relist);
}

/** Keeps what a step of a container's main process left: its output, its state, or its end. */
function applyStep(
  scope: PodScope,
  id: string,
  result: StepResult,
  entry: Pick<ProcessRecord, 'wakes' | 'host'>,
): void {
  appendLog(logs(scope), id, result.output);
  unsettleProbes(scope);
  if (!result.repeats) rouse(scope.world, keyOf(scope.worker));
  if (entry.host) noticeHost(scope);
  const memory = result.demand?.memory;
  const limit = scope.container(id)?.resources?.limits?.memory;
  if (memory !== undefined && limit && memory > Quantity.parse(limit).value()) {
    endContainer(scope, id, { code: 137, signal: SIGKILL }, 'OOMKilled');
    return;
  }
  if (result.exit) {
    endContainer(scope, id, result.exit);
    return;
  }
  processes(scope).set(id, {
    process: result.process,
    wakes: entry.wakes,
    ...(entry.host && { host: true }),
    ...(result.wakeAt !== undefined && { wakeAt: result.wakeAt }),
    ...(result.steady && { steady: true }),
    ...(result.demand && { demand: result.demand }),
  });
  if (result.steady?.files || result.steady?.network) watchOut(scope.world, scope.worker);
  if (result.pending) scope.pending.push({ id, answer: result.pending });
}

/** Waits for the answers that programs of the node owe to processes of this pod. */
export async function settlePending(scope: PodScope): Promise<void> {
  for (let next = scope.pending.shift(); next; next = scope.pending.shift()) {
    const answer = await next.answer;
    feedContainer(scope, next.id, { answer });
  }
}

/** What a container leaves as its message: its termination log, or the end of its log if it failed and wanted that. */
function terminationMessage(scope: PodScope, record: ContainerRecord, code: number): string {
  const path = record.annotations['io.kubernetes.container.terminationMessagePath'] ?? '/dev/termination-log';
  const { files } = machineOf(scope, record);
  const text = files.stat(path)?.type === 'file' ? files.read(path) : '';
  if (text !== '') return text.slice(-MAX_MESSAGE);
  const policy = record.annotations['io.kubernetes.container.terminationMessagePolicy'];
  if (policy !== 'FallbackToLogsOnError' || code === 0) return '';
  return readLog(logs(scope).get(record.id), { tailLines: FALLBACK_LINES }).slice(-FALLBACK_BYTES);
}

/** The container's main process is gone; the next relist will see it. */
export function endContainer(
  scope: PodScope,
  id: string,
  exit: { code: number; signal?: number },
  reason = exit.code === 0 ? 'Completed' : 'Error',
): void {
  const record = scope.container(id);
  if (record?.state !== 'running') return;
  closeLog(logs(scope), id, scope.now);
  const message = terminationMessage(scope, record, exit.code);
  processes(scope).delete(id);
  if (scope.worker.stopping[id]?.hookRunsOn)
    scope.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', record.name);
  delete scope.worker.stopping[id];
  scope.saveContainer({
    ...record,
    state: 'exited',
    finishedAt: scope.now,
    exitCode: exit.code,
    ...(exit.signal !== undefined && { signal: exit.signal }),
    reason,
    ...(message && { message }),
  });
  scope.requestRelist();
}

/** Runs the processes whose time has come; answers whether there were any. */
export function stepContainers(scope: PodScope): boolean {
  const changed = takeRousing(scope.world, scope.worker);
  if (changed) unsettleProbes(scope);
  let stepped = false;
  for (const record of scope.running()) {
    const entry = processes(scope).get(record.id);
    if (entry?.wakeAt === undefined || (entry.steady ? !changed : entry.wakeAt > scope.now)) continue;
    stepped = true;
    stepContainer(scope, record, entry, changed);
  }
  return stepped;
}

/** Brings every process of the pod up to now: what repeats itself is not run on by itself. Answers whether any was behind. */
export function catchUp(scope: PodScope): boolean {
  let stepped = false;
  for (const record of scope.running()) {
    const entry = processes(scope).get(record.id);
    if (entry?.wakeAt === undefined || entry.wakeAt > scope.now) continue;
    stepped = true;
    stepContainer(scope, record, entry);
  }
  return stepped;
}

function stepContainer(scope: PodScope, record: ContainerRecord, entry: ProcessRecord, changed = false): void {
  const result = scope.platform.programs.step(entry.process, machineAround(scope, record, entry.host), { changed });
  applyStep(scope, record.id, result, { ...entry, wakes: entry.wakes + 1 });
}

/** Gives standard input to a container's main process, or its end. */
export function feedContainer(scope: PodScope, id: string, input: ResumeOptions): void {
  const record = scope.container(id);
  const entry = processes(scope).get(id);
  if (record?.state !== 'running' || !entry) return;
  const machine = machineAround(scope, record, entry.host);
  applyStep(scope, id, scope.platform.programs.step(entry.process, machine, input), entry);
}

/** Sends a signal to a container's main process; SIGKILL ends it whatever it does. */
export function signalContainer(scope: PodScope, id: string, signal: number): void {
  const record = scope.container(id);
  const entry = processes(scope).get(id);
  if (record?.state !== 'running') return;
  if (!entry || signal === SIGKILL) {
    endContainer(scope, id, { code: 128 + signal, signal });
    return;
  }
  const machine = machineAround(scope, record, entry.host);
  applyStep(scope, id, scope.platform.programs.signal(entry.process, machine, signal), entry);
}

/** When the first of the pod's processes wants to run, and whether that may soon change the pod. */
export function nextProcess(scope: PodScope): { at: number; transition: boolean } | undefined {
  let next: { at: number; transition: boolean } | undefined;
  const roused = isRoused(scope.world, scope.worker);
  for (const record of scope.running()) {
    const entry = processes(scope).get(record.id);
    if (entry?.wakeAt === undefined || (entry.steady && !roused)) continue;
    if (!next || entry.wakeAt < next.at) next = { at: entry.wakeAt, transition: entry.wakes < 2 };
  }
  return next;
}

export interface RunResult {
  /** Undefined when it was still running at the end of its time. */
  code?: number;
  output: OutputChunk[];
  /** How long it ran, ms. */
  took: number;
  failure?: string;
  /** It changed files. */
  wrote: boolean;
}

/** What a command printed on these streams; a runtime hands standard output over before standard error. */
export const printed = ({ output }: RunResult, streams: OutputChunk['stream'][] = ['stdout', 'stderr']): string =>
  streams.flatMap((wanted) => output.filter(({ stream }) => stream === wanted).map(({ text }) => text)).join('');

/** Runs a command beside a container's main process, ahead of the cluster's time, for at most `limit` ms. */
export function runInContainer(scope: PodScope, record: ContainerRecord, argv: string[], limit: number): RunResult {
  const began = scope.now;
  let time = began;
  let wrote = false;
  const machine = machineOf(scope, record, {
    at: () => time,
    changed: () => {
      wrote = true;
    },
  });
  const { programs } = scope.platform;
  const pid = 20 + scope.world.random.int(1000);
  const program = { argv, env: record.env, cwd: record.cwd, user: record.user, pid };
  let result = programs.start(imageOf(scope, record.imageID)!, program, machine);
  if ('failure' in result) return { output: [], took: 0, failure: result.failure, wrote };
  const output = [...result.output];
  let process: ProcessState = result.process;
  while (!result.exit) {
    if (result.wakeAt === undefined || result.steady || result.wakeAt > began + limit) break;
    time = result.wakeAt;
    result = programs.step(process, machine);
    process = result.process;
    output.push(...result.output);
  }
  if (wrote) {
    unsettleProbes(scope);
    rouse(scope.world, keyOf(scope.worker));
  }
  return result.exit ? { code: result.exit.code, output, took: time - began, wrote } : { output, took: limit, wrote };
}

/** Removes a dead container with its log and its files. */
export function removeContainer(scope: PodScope, id: string): void {
  logs(scope).delete(id);
  processes(scope).delete(id);
  dropLayer(scope.world.state.section<LayerEntry>(RUNTIME_SECTIONS.files), id);
  scope.forgetContainer(id);
}

/** Of the dead containers of one name the newest stays, for its log. */
export function pruneContainers(scope: PodScope): void {
  const seen = new Set<string>();
  for (const record of scope.containers()) {
    if (record.state !== 'exited') continue;
    if (seen.has(record.name)) removeContainer(scope, record.id);
    seen.add(record.name);
  }
}
