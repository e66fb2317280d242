import { noteDeed, shellLine } from '../../cluster/deeds.ts';
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
  const begun = login(node, user, command, { hasHome: home, ...(tty && { columns: streams.columns }) });
  // What is piped in is for the command.
  const program = streams.stdinIsTerminal ? begun : { ...begun, stdinOpen: true };
  const heard = noteDeed(session, { kind: 'line', line: shellLine(['ssh', target, ...command]) });
  const { out, err, stdinIsTerminal } = streams;
  const code = await runOnNode(session, machine, program, {
    out,
    err,
    stdinIsTerminal,
    stdin: (options) => streams.stdin(options),
    flush: () => streams.flush(),
    heard,
  });
  await session.letGo();
  return code;
}
