import type { ClusterSession } from '../cluster/session.ts';
import { connect } from '../kubectl/streams.ts';
import { resume, spawn } from '../sh/evaluator.ts';
import { decoded, LiveInput } from '../sh/live-input.ts';
import type { Machine, ResumeOptions, SpawnOptions } from '../sh/process.ts';
import { UserError } from './clusters.ts';
import { noSuchNode } from './current.ts';
import type { ProcessStreams } from './streams.ts';

/** What a program on a node reads and writes. */
export type LoginStreams = Pick<ProcessStreams, 'out' | 'err' | 'flush' | 'stdin'> & { stdinIsTerminal?: boolean };

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
    const { nodeKubectl } = await import('./node-kubectl.ts');
    const around = machine(host);
    return { ...around, commands: { ...around.commands, kubectl: nodeKubectl(session, () => host) } };
  };
}

/** How a shell, or `command` in one, begins for a user of a node. */
export function login(
  node: string,
  user: string,
  command: string[],
  { hasHome, columns }: { hasHome: boolean; columns?: number },
): SpawnOptions {
  const home = user === 'root' ? '/root' : `/home/${user}`;
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
  const input = stdin && new LiveInput(decoded(stdin));
  let step = resume(await machine(), process);
  for (;;) {
    for (const { stream, text } of step.output) (stream === 'stdout' ? stdout : stderr)(Buffer.from(text));
    if (step.exit) return step.exit.code;
    let more: ResumeOptions | undefined = step.pending ? { answer: await step.pending } : input?.take();
    if (!more) {
      const limit = (step.wakeAt ?? Number.POSITIVE_INFINITY) - (await machine()).now();
      if (limit > 0) await session.live(limit, Number.isFinite(limit) ? 'drives' : 'follows', input?.arrived);
      more = input?.take() ?? {};
    }
    step = resume(await machine(), step.process, more);
  }
}
