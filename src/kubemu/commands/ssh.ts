import { ClusterSession } from '../../cluster/session.ts';
import { hasHome, login, loginMachine, runOnNode } from '../../workstation/login.ts';
import { findCluster } from '../current.ts';
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
  const machine = loginMachine(session, node);
  const terminal = streams.stdinIsTerminal && streams.stdoutIsTerminal;
  const tty = options.t ?? (terminal && command.length === 0);
  const home = hasHome(await machine(), user);
  const program = login(node, user, command, { hasHome: home, ...(tty && { columns: streams.columns }) });
  const code = await runOnNode(session, machine, program, streams);
  await session.letGo();
  return code;
}
