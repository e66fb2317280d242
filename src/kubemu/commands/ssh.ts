import { ClusterSession } from '../../cluster/session.ts';
import { resume, spawn } from '../../sh/evaluator.ts';
import type { Machine, ResumeOptions, SpawnOptions } from '../../sh/process.ts';
import { UserError } from '../clusters.ts';
import { findCluster, noSuchNode } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu ssh [user@]node [command...]`: what somebody sees who logs in to the machine; resolves with the shell's exit code. */
export async function ssh(
  streams: ProcessStreams,
  target: string,
  command: string[],
  options: { t?: boolean },
): Promise<number> {
  const [node = '', user = 'root'] = target.split('@').reverse();
  const { path } = await findCluster(process.env);
  const session = new ClusterSession({
    path,
    command: ['kubemu ssh', target, ...command].join(' '),
    flush: () => streams.flush(),
  });
  const machine = async (): Promise<Machine> => {
    const cluster = await session.writing();
    const wiring = await cluster.wire();
    const host = wiring.node(node);
    if (host) return wiring.machine(host);
    throw noSuchNode(
      node,
      cluster.spec.nodes.map(({ name }) => name),
    );
  };
  const terminal = streams.stdinIsTerminal && streams.stdoutIsTerminal;
  const tty = options.t ?? (terminal && command.length === 0);
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const program: SpawnOptions = {
    argv: command.length > 0 ? ['bash', '-c', command.join(' ')] : ['bash'],
    env: {
      HOME: home,
      LOGNAME: user,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      PWD: home,
      SHELL: '/bin/bash',
      USER: user,
      PS1: `${user}@${node}:~${user === 'root' ? '#' : '$'} `,
      ...(tty && { TERM: 'xterm', COLUMNS: String(streams.columns) }),
    },
    cwd: (await machine()).files.stat(home) ? home : '/',
    user,
    pid: 20_000,
    ...(command.length === 0 && { stdinOpen: true }),
    ...(tty && { tty: true }),
  };
  const code = await run(session, machine, program, streams);
  await session.letGo();
  return code;
}

/** Steps a process to its end, with this process's input, while the cluster's time goes on. */
async function run(
  session: ClusterSession,
  machine: () => Promise<Machine>,
  program: SpawnOptions,
  streams: ProcessStreams,
): Promise<number> {
  const process = spawn(await machine(), program);
  if (process.failure) throw new UserError(process.failure);
  const input = program.stdinOpen ? streams.stdin()[Symbol.asyncIterator]() : undefined;
  const decoder = new TextDecoder();
  let step = resume(await machine(), process);
  for (;;) {
    for (const { stream, text } of step.output) (stream === 'stdout' ? streams.out : streams.err)(text);
    if (step.exit) return step.exit.code;
    let more: ResumeOptions = {};
    if (step.pending) more = { answer: await step.pending };
    else if (step.wakeAt !== undefined) await session.live(step.wakeAt - (await machine()).now(), 'drives');
    else if (input) {
      await session.letGo();
      streams.flush();
      const next = await input.next();
      more = next.done ? { stdinEnds: true } : { stdin: decoder.decode(next.value, { stream: true }) };
    } else await session.live(Number.POSITIVE_INFINITY, 'follows');
    step = resume(await machine(), step.process, more);
  }
}
