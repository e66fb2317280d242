import { UserError } from '../base/user-error.ts';
import type { ClusterSession } from '../cluster/session.ts';
import { crictl as runCrictl } from '../node/crictl/index.ts';
import { spawn } from '../sh/evaluator.ts';
import type { Command, CommandContext, CommandResult } from '../sh/process.ts';
import { drive, hasHome, login, loginMachine, OutOfReach } from './login.ts';
import { changeNode } from './node-verbs.ts';
import { advance, status } from './verbs.ts';

const said = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
const refused = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr, code });

/** What somebody sees who logs in to a node and runs a command there, or a shell that reads `stdin`. */
async function onNode(
  session: ClusterSession,
  target: string,
  command: string[],
  { stdin, columns }: { stdin: string; columns?: number },
): Promise<CommandResult> {
  const [node = '', user = 'root'] = target.split('@').reverse();
  const machine = loginMachine(session, node);
  const ran = { stdout: '', stderr: '', written: [] as NonNullable<CommandResult['written']> };
  const write = (stream: 'stdout' | 'stderr', text: string) => {
    ran[stream] += text;
    ran.written.push({ stream, text });
  };
  const options = { hasHome: hasHome(await machine(), user), ...(columns !== undefined && { columns }) };
  const program = { ...login(node, user, command, options), stdin, stdinOpen: false };
  const { code } = await drive(session, machine, spawn(await machine(), program), write);
  return { ...ran, code };
}

/** `ssh [-t] [user@]node [command...]`: a command that takes its input at once, see CommandContext.stdin. */
function ssh(session: ClusterSession): Command {
  return (context) => overSsh(session, context, context.stdin);
}

async function overSsh(session: ClusterSession, context: CommandContext, stdin: string): Promise<CommandResult> {
  const args = context.argv.slice(1);
  let tty = false;
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    if (/^-t+$/.test(option)) tty = true;
    else if (/^-[bcDEeFIiJLlmOopQRSWw]$/.test(option)) args.shift();
  }
  const [target, ...command] = args;
  if (target === undefined) return refused('usage: ssh [-t] [user@]node [command [argument ...]]\n', 255);
  try {
    return await onNode(session, target, command, {
      stdin,
      ...(tty && { columns: context.columns ?? 80 }),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error instanceof OutOfReach) return refused(`${error.message}\n`, 255);
    return refused(`ssh: Could not resolve hostname ${target.split('@').at(-1)}: Name or service not known\n`, 255);
  }
}

/** `crictl` on the node that KUBEMU_NODE names, or on the first one. */
function crictl(session: ClusterSession): Command {
  return async (context) => {
    const cluster = await session.writing();
    const { node, machine } = await cluster.wire();
    const names = cluster.spec.nodes.map(({ name }) => name);
    const host = node(context.env.KUBEMU_NODE ?? names[0]!);
    if (!host)
      return refused(
        `error: there is no node named ${context.env.KUBEMU_NODE}: KUBEMU_NODE may be one of ${names.join(', ')}\n`,
      );
    return await runCrictl(host, { ...context, machine: machine(host) });
  };
}

type Verb = (session: ClusterSession, args: string[], context: CommandContext) => Promise<CommandResult>;

/** The verbs of kubemu that mean something to whoever sits at a simulated machine. */
const VERBS: Record<string, Verb> = {
  advance: async (session, args) => {
    const durations = args.filter((word) => !word.startsWith('-'));
    return said(
      await advance(durations[0], { untilSettled: args.includes('--until-settled') })(await session.writing()),
    );
  },
  node: async (session, [verb = '', name = '', ...rest]) => said(changeNode(await session.writing(), verb, name, rest)),
  status: async (session, _args, { env }) => {
    const cluster = await session.reading();
    const name = cluster.state.section<string>('cluster').get('name')!;
    return said(status(cluster, { name, state: session.path, kubeconfig: `${env.HOME}/.kube/config` }));
  },
  ssh: (session, args, context) => ssh(session)({ ...context, argv: ['ssh', ...args] }) as Promise<CommandResult>,
  crictl: (session, args, context) =>
    crictl(session)({ ...context, argv: ['crictl', ...args] }) as Promise<CommandResult>,
  kubectl: async (_session, args, context) =>
    await context.machine.commands.kubectl!({ ...context, argv: ['kubectl', ...args] }),
};

function kubemu(session: ClusterSession): Command {
  return (context) => {
    if (READERS.includes(context.argv[1] ?? '')) void context.stdin;
    return runVerb(session, context);
  };
}

async function runVerb(session: ClusterSession, context: CommandContext): Promise<CommandResult> {
  const [verb = '', ...args] = context.argv.slice(1);
  const run = VERBS[verb];
  if (!run)
    return refused(`error: kubemu ${verb} is not for this simulated machine: ${Object.keys(VERBS).join(', ')} are\n`);
  try {
    return await run(session, args, context);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return refused(`error: ${error.message}\n`);
  }
}

/** Verbs that read standard input. */
const READERS = ['ssh', 'kubectl', 'crictl'];

/** The host that a client is pointed at, for its message. */
const hostIn = (argv: string[]): string => {
  const url = argv.slice(1).findLast((word) => !word.startsWith('-')) ?? '';
  return url.replace(/^[a-z]+:\/\//, '').replace(/[/:?].*$/, '');
};

/** Nothing that is simulated may look as if it had reached something. */
const noNetwork: Command = ({ argv }) =>
  refused(
    `${argv[0]}: (6) Could not resolve host: ${hostIn(argv)}: this simulated machine has no network. Try from a pod (kubectl exec) or from a node (ssh NODE ${argv[0]} ...)\n`,
    6,
  );

/** The programs of a workstation, but for kubectl. Each is a command of its own to the cluster's clock: see `asCommand`. */
export const programs = (session: ClusterSession): Record<string, Command> => ({
  kubemu: kubemu(session),
  crictl: crictl(session),
  ssh: ssh(session),
  curl: noNetwork,
  wget: noNetwork,
});
