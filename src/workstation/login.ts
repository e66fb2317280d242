import { UserError } from '../base/user-error.ts';
import type { ClusterSession } from '../cluster/session.ts';
import type { IOStreams } from '../kubectl/io.ts';
import { connect } from '../kubectl/streams.ts';
import { TransportError } from '../kubectl/transport.ts';
import { dialFailure } from '../node/api-server.ts';
import { resume, spawn } from '../sh/evaluator.ts';
import { decoded, LiveInput } from '../sh/live-input.ts';
import type { Machine, OutputChunk, ProcessState, ResumeOptions, SpawnOptions } from '../sh/process.ts';

/** What a program on a node reads and writes. */
export type LoginStreams = Pick<IOStreams, 'out' | 'err' | 'stdin'> & {
  flush(): void;
  stdinIsTerminal?: boolean;
  /** Told what was typed or piped in. */
  heard?(text: string): void;
};

/** The error for a node that a cluster does not have. */
export const noSuchNode = (name: string, names: string[]): UserError =>
  new UserError(`there is no node named ${name}: there are ${names.join(', ')}`);

/** A machine that is there, and does not answer: in the words of ssh. */
export class OutOfReach extends UserError {
  constructor(address: string, why: string) {
    super(`ssh: connect to host ${address} port 22: ${why}`);
  }
}

/** The machine that somebody finds who logs in to a node, as it is whenever one asks: kubectl is installed there too. */
export function loginMachine(session: ClusterSession, node: string): () => Promise<Machine> {
  return async () => {
    const cluster = await session.writing();
    const { node: find, machine } = await cluster.wire();
    const host = find(node);
    if (!host)
      throw noSuchNode(
        node,
        cluster.spec.nodes.map(({ name }) => name),
      );
    const { off, cut, internalIP } = host.record();
    if (off || cut) throw new OutOfReach(internalIP, off ? 'No route to host' : 'Connection timed out');
    const { kubectl } = await import('./kubectl.ts');
    const around = machine(host);
    const place = {
      now: () => host.now(),
      reach(server: string) {
        const failure = dialFailure(host, server);
        if (failure) throw new TransportError(failure, new URL(server).host);
      },
    };
    return { ...around, commands: { ...around.commands, kubectl: kubectl(session, place) } };
  };
}

const homeOf = (user: string): string => (user === 'root' ? '/root' : `/home/${user}`);

/** Whether a user of a machine has a home folder. */
export const hasHome = ({ files }: Machine, user: string): boolean => files.stat(homeOf(user)) !== undefined;

/** How a shell, or `command` in one, begins for a user of a node. */
export function login(
  node: string,
  user: string,
  command: string[],
  { hasHome, columns }: { hasHome: boolean; columns?: number },
): SpawnOptions {
  const home = homeOf(user);
  return {
    argv: command.length > 0 ? ['bash', '-c', command.join(' ')] : ['bash'],
    env: {
      HOME: home,
      LOGNAME: user,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      PWD: home,
      SHELL: '/bin/bash',
      USER: user,
      PS1: `\\u@${node}:\\w\\$ `,
      ...(columns !== undefined && { TERM: 'xterm', COLUMNS: String(columns) }),
    },
    cwd: hasHome ? home : '/',
    user,
    pid: 20_000,
    ...(command.length === 0 && { stdinOpen: true }),
    ...(columns !== undefined && { tty: true }),
  };
}

async function* overheard(input: AsyncIterable<string>, heard?: (text: string) => void): AsyncGenerator<string> {
  for await (const text of input) {
    heard?.(text);
    yield text;
  }
}

/** Cluster time that a line may take which nobody watches, ms; and that a busy loop may take. */
const PATIENCE = 24 * 3_600_000;
const LOOP_PATIENCE = 15 * 60_000;
/** Steps after which a line is one. */
const LOOP_STEPS = 500;

/** Steps a process to its end, with these streams' input, while the cluster's time goes on; resolves with its exit code. */
export async function runOnNode(
  session: ClusterSession,
  machine: () => Promise<Machine>,
  program: SpawnOptions,
  streams: LoginStreams,
): Promise<number> {
  const process = spawn(await machine(), program);
  if (process.failure) throw new UserError(process.failure);
  const { stdin, stdout, stderr } = connect(streams, { stdin: program.stdinOpen === true, tty: program.tty === true });
  const input = stdin && new LiveInput(overheard(decoded(stdin), streams.heard));
  const write = (stream: OutputChunk['stream'], text: string) =>
    (stream === 'stdout' ? stdout : stderr)(Buffer.from(text));
  return (await drive(session, machine, process, write, input)).code;
}

/**
 * Steps a process to its end while the cluster's time goes on. Without `input` nobody sits there to interrupt it: what does not
 * end in a day of the cluster's is ended.
 */
export async function drive(
  session: ClusterSession,
  machine: () => Promise<Machine>,
  process: ProcessState,
  write: (stream: OutputChunk['stream'], text: string) => void,
  input?: LiveInput,
): Promise<{ code: number; process: ProcessState }> {
  const begun = (await machine()).now();
  let step = resume(await machine(), process);
  for (let steps = 0; ; steps++) {
    for (const { stream, text } of step.output) write(stream, text);
    if (step.exit) return { code: step.exit.code, process: step.process };
    let more: ResumeOptions | undefined = step.pending ? { answer: await step.pending } : input?.take();
    if (!more) {
      const now = (await machine()).now();
      const limit = (step.wakeAt ?? Number.POSITIVE_INFINITY) - now;
      const why = input || step.follows ? undefined : hopeless({ limit, passed: now - begun, steps });
      if (why) {
        write('stderr', `kubemu: this ${why} and was stopped\n`);
        return { code: 137, process: step.process };
      }
      const waiting = Number.isFinite(limit) && !step.follows ? 'drives' : 'follows';
      const lived = limit > 0 ? await session.live(limit, waiting, input?.arrived) : 0;
      // Who looks on where nothing will ever happen is interrupted, as somebody would.
      if (lived === undefined && step.follows && !input) return { code: 130, process: step.process };
      more = input?.take() ?? {};
    }
    step = resume(await machine(), step.process, more);
  }
}

/** Why nobody should wait any longer for a line; undefined while it may still end. */
function hopeless({ limit, passed, steps }: { limit: number; passed: number; steps: number }): string | undefined {
  if (limit === Number.POSITIVE_INFINITY) return 'waits for what never comes';
  if (passed > PATIENCE) return 'had not ended after a day';
  return passed > LOOP_PATIENCE && steps > LOOP_STEPS ? 'went round and round' : undefined;
}
