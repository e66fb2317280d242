import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import { socketFailure } from '../crictl/connection.ts';
import type { NodeHost } from '../host.ts';
import { type CtrCommand, CtrError, type CtrFlag, ctrHelp, flagRow, namesOf, rows, takeFlags } from './cli.ts';
import { COMMANDS } from './commands.ts';

const SOCKET = '/run/containerd/containerd.sock';

const GLOBAL: CtrFlag[] = [
  { names: 'debug', usage: 'enable debug output in logs' },
  {
    names: 'address, a',
    usage: `address for containerd's GRPC server (default: "${SOCKET}") [$CONTAINERD_ADDRESS]`,
    valued: true,
  },
  { names: 'timeout', usage: 'how long a command may take (default: 0s)', valued: true },
  { names: 'connect-timeout', usage: 'how long connecting may take (default: 0s)', valued: true },
  {
    names: 'namespace, n',
    usage: 'namespace to use with commands (default: "default") [$CONTAINERD_NAMESPACE]',
    valued: true,
  },
  { names: 'help, h', usage: 'show help' },
  { names: 'version, v', usage: 'print the version' },
];
const HELP: CtrFlag = { names: 'help, h', usage: 'show help' };

function rootHelp(version: string): string {
  const commands = COMMANDS.map(({ names, summary }): [string, string] => [names, summary]);
  return [
    'NAME:',
    '   ctr - containerd CLI',
    '',
    'USAGE:',
    '   ctr [global options] command [command options] [arguments...]',
    '',
    'VERSION:',
    `   ${version}`,
    '',
    'DESCRIPTION:',
    '   A client for looking into containerd: nobody promises that its commands stay as they are.',
    '',
    'COMMANDS:',
    ...rows([...commands, ['help, h', 'Shows a list of commands or help for one command']]),
    '',
    'GLOBAL OPTIONS:',
    ...rows(GLOBAL.map(flagRow)),
    '',
  ].join('\n');
}

/** ctr of containerd: the kubelet's containers and images in the namespace `k8s.io`. */
export async function ctr(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const version = host.record().containerRuntimeVersion.split('://')[1]!;
  const fail = (message: string, stdout = ''): CommandResult => ({ stdout, stderr: `ctr: ${message}\n`, code: 1 });
  try {
    const { args, found } = takeFlags(context.argv.slice(1), GLOBAL);
    if (found.has('version')) return ok(`ctr github.com/containerd/containerd ${version}\n`);
    const [name, ...rest] = args;
    if (!name || found.has('help') || name === 'help' || name === 'h') return ok(rootHelp(version));
    const failure = socketFailure(host, `unix://${found.get('address') ?? SOCKET}`);
    const namespace = found.get('namespace') ?? context.env.CONTAINERD_NAMESPACE ?? 'default';
    let words = rest;
    let command = pick(COMMANDS, name);
    const path: string[] = [];
    const settings = new Map<string, string>();
    for (;;) {
      if (!command) return { stdout: '', stderr: `No help topic for '${name}'\n`, code: 3 };
      path.push(namesOf(command.names)[0]!);
      const flags = takeFlags(words, [...(command.flags ?? []), HELP]);
      for (const [key, value] of flags.found) settings.set(key, value);
      words = flags.args;
      if (settings.has('help') || (command.commands && words.length === 0)) return ok(ctrHelp(path.join(' '), command));
      if (!command.commands) break;
      const next = pick(command.commands, words[0]!);
      if (!next) return { stdout: '', stderr: `No help topic for '${words[0]}'\n`, code: 3 };
      command = next;
      words = words.slice(1);
    }
    if (!command.run) return fail(`kubemu does not have 'ctr ${path.join(' ')}'`);
    if (failure)
      return fail(`failed to dial ${JSON.stringify(SOCKET)}: ${failure.replace(/^rpc error: .*? desc = /, '')}`);
    return await command.run({
      host,
      context,
      namespace,
      args: words,
      flag: (key) => settings.has(key),
      value: (key) => settings.get(key),
    });
  } catch (error) {
    if (error instanceof CtrError) return fail(error.message);
    throw error;
  }
}

const pick = (commands: CtrCommand[], name: string): CtrCommand | undefined =>
  commands.find(({ names }) => namesOf(names).includes(name));
