import type { ExecOptions, ExecResult } from '../../api/node-agent.ts';
import { LiveInput } from '../../sh/live-input.ts';
import type { ResumeOptions, StepResult } from '../../sh/process.ts';
import { type ContainerRecord, type LogRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import {
  catchUp,
  feedContainer,
  machineAround,
  nextProcess,
  noticeHost,
  programOf,
  settlePending,
} from '../containers.ts';
import { imageOf } from '../images.ts';
import { outputSince, seenSoFar } from '../logs.ts';
import { disturb } from '../pod/reconcile.ts';
import type { PodScope } from '../pod/scope.ts';

/** Lets the cluster live until `time` (ms), or until something happened before that, `until` at the latest; false when nothing ever will. */
export type Live = (time: number, until?: Promise<void>) => Promise<boolean>;

/** What a client ends with that somebody interrupts. */
const INTERRUPTED = 130;

/** Opens the pod anew: while a command waits, the cluster goes on and its records change. */
export type Reopen = () => PodScope | undefined;

/** What containerd says of a command that it cannot start. */
const startFailure = (id: string, name: string, failure: string) =>
  `Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${id}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": ${failure}: unknown`;

const notFound = (name: string): ExecResult => ({
  message: `Internal error occurred: unable to upgrade connection: container not found ("${name}")`,
});

/** The running container of that name. */
function runningContainer(scope: PodScope | undefined, name: string): ContainerRecord | undefined {
  const record = scope?.latest(name);
  return record?.state === 'running' ? record : undefined;
}

async function* chunks(stdin: ExecOptions['stdin']): AsyncGenerator<string> {
  if (typeof stdin === 'string') yield stdin;
  else if (stdin) yield* stdin;
}

const liveInput = (stdin: ExecOptions['stdin']): LiveInput | undefined =>
  stdin === undefined ? undefined : new LiveInput(chunks(stdin));

/** Runs a command in a container until it ends, while the cluster's time goes on. */
export async function exec(open: Reopen, live: Live, options: ExecOptions, key: string): Promise<ExecResult> {
  let scope = open();
  const record = runningContainer(scope, options.container);
  if (!scope || !record) return notFound(options.container);
  const { programs } = scope.platform;
  const pid = 20 + scope.world.random.int(30_000);
  const { host, env, ...begin } = programOf(scope, record, options.command);
  // All of the input at once is given at the start; a live stream comes later, piece by piece.
  const { stdin } = options;
  const streamed = stdin !== undefined && typeof stdin !== 'string';
  const program = {
    ...begin,
    env: { ...env, ...(options.tty && { TERM: 'xterm' }) },
    pid,
    ...(typeof stdin === 'string' && { stdin }),
    ...(streamed && { stdinOpen: true }),
    ...(options.tty && { tty: true, size: options.size?.() }),
  };
  const started = programs.start(imageOf(scope, record.imageID)!, program, machineAround(scope, record, host));
  if ('failure' in started) {
    return { message: startFailure(scope.world.random.hex(64), options.command[0] ?? '', started.failure) };
  }
  const input = streamed ? liveInput(stdin) : undefined;
  let result: StepResult = started;
  for (;;) {
    for (const { stream, text } of result.output) options.output(stream, text);
    if (host) noticeHost(scope);
    disturb(scope, key);
    if (result.exit) return { code: result.exit.code };
    let more: ResumeOptions | undefined = result.pending ? { answer: await result.pending } : input?.take();
    while (!more) {
      const wakeAt = result.wakeAt ?? Number.POSITIVE_INFINITY;
      if (scope.world.now() < wakeAt && !(await live(wakeAt, input?.arrived))) return { code: INTERRUPTED };
      scope = open();
      if (scope?.container(record.id)?.state !== 'running') return { code: 137 };
      more = input?.take() ?? (scope.world.now() < wakeAt ? undefined : {});
    }
    result = programs.step(result.process, machineAround(scope, record, host), { ...more, size: options.size?.() });
  }
}

/** Follows a container's main process: its input, and its output from now on, until it ends. */
export async function attach(
  open: Reopen,
  live: Live,
  options: Omit<ExecOptions, 'command'>,
  key: string,
): Promise<ExecResult> {
  let scope = open();
  const record = runningContainer(scope, options.container);
  if (!scope || !record) return notFound(options.container);
  const logs = () => scope!.world.state.section<LogRecord>(RUNTIME_SECTIONS.logs).get(record.id);
  const seen = seenSoFar(logs(), options.tty === true);
  const input = liveInput(options.stdin);
  for (;;) {
    if (scope && catchUp(scope)) disturb(scope, key);
    for (const [stream, text] of outputSince(logs(), seen)) options.output(stream, text);
    const current = scope?.container(record.id);
    // How the process ended is the container's: an attachment itself went well (ServeAttach).
    if (!scope || current?.state !== 'running') return { code: 0 };
    const typed = input?.take();
    if (typed) {
      feedContainer(scope, record.id, typed);
      await settlePending(scope);
      disturb(scope, key);
      continue;
    }
    // What ends by itself is waited for; what goes on for ever is followed.
    if (!(await live(nextProcess(scope)?.at ?? Number.POSITIVE_INFINITY, input?.arrived))) return { code: INTERRUPTED };
    scope = open();
  }
}
