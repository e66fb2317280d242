import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { CriError, type NodeHost } from '../host.ts';
import {
  type CliCommand,
  type CliFlag,
  CRICTL_VERSION,
  columns,
  commandHelp,
  logLine,
  parseFlags,
  UsageError,
} from './cli.ts';
import { exec } from './commands/exec.ts';
import { images } from './commands/images.ts';
import { inspections } from './commands/inspect.ts';
import { lifecycle, pull } from './commands/lifecycle.ts';
import { logs } from './commands/logs.ts';
import { pods } from './commands/pods.ts';
import { ps } from './commands/ps.ts';
import { version } from './commands/version.ts';

/** The commands of crictl 1.33 that kubemu has: a new one is a file and an entry here. */
const COMMANDS: CliCommand[] = [exec, images, ...inspections, ...lifecycle, logs, pods, ps, pull, version].sort(
  (a, b) => (a.name < b.name ? -1 : 1),
);

/** Commands of the real crictl that kubemu does not have. */
const MISSING = [
  'attach',
  'checkpoint',
  'completion',
  'config',
  'create',
  'events',
  'imagefsinfo',
  'info',
  'metricdescs',
  'metricsp',
  'port-forward',
  'run',
  'runp',
  'runtime-config',
  'start',
  'stats',
  'statsp',
  'update',
  'update-runtime-config',
];

/** Flags before the command. Endpoints and timeouts say how to reach the runtime, which a simulated machine always can. */
const GLOBAL_FLAGS: CliFlag[] = [
  { name: 'config', alias: 'c', type: 'string', usage: 'Location of the client config file.' },
  { name: 'debug', alias: 'D', type: 'bool', usage: 'Enable debug mode' },
  { name: 'image-endpoint', alias: 'i', type: 'string', usage: 'Endpoint of CRI image manager service' },
  { name: 'runtime-endpoint', alias: 'r', type: 'string', usage: 'Endpoint of CRI container runtime service' },
  { name: 'timeout', alias: 't', type: 'string', usage: 'Timeout of connecting to the server' },
  { name: 'version', alias: 'v', type: 'bool', usage: 'print the version' },
];

const find = (name: string): CliCommand | undefined =>
  COMMANDS.find((c) => c.name === name || c.aliases?.includes(name));

function rootHelp(): string {
  const rows = COMMANDS.map((c): [string, string] => [[c.name, ...(c.aliases ?? [])].join(', '), c.summary]);
  const head = [
    'NAME:',
    '   crictl - client for CRI',
    '',
    'USAGE:',
    '   crictl [global options] command [command options]',
    '',
    'VERSION:',
    `   ${CRICTL_VERSION}`,
    '',
  ];
  return `${[...head, 'COMMANDS:', ...columns([...rows, ['help, h', 'Shows a list of commands or help for one command']])].join('\n')}\n`;
}

/** crictl on a node: the records of its kubelet, shown as crictl 1.33 shows a runtime's. */
export async function crictl(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const {
    values: globals,
    args: [name, ...rest],
  } = parseFlags(context.argv.slice(1), GLOBAL_FLAGS);
  const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
  const fail = (message: string, stdout = ''): CommandResult => ({
    stdout,
    stderr: logLine(host.now(), message),
    code: 1,
  });
  if (globals.has('version')) return ok(`crictl version ${CRICTL_VERSION}\n`);
  if (!name || globals.has('help') || ((name === 'help' || name === 'h') && !rest[0])) return ok(rootHelp());
  if (name === 'help' || name === 'h') {
    const about = find(rest[0]!);
    return about ? ok(commandHelp(about, false)) : fail(`No help topic for '${rest[0]}'`);
  }
  const command = find(name);
  if (!command && MISSING.includes(name))
    return fail(`kubemu does not have 'crictl ${name}' yet: 'crictl help' lists what it has`);
  if (!command) return fail(`No help topic for '${name}'`);
  try {
    const { values, args } = parseFlags(rest, command.flags);
    if (values.has('help')) return ok(commandHelp(command, true));
    return await command.run({ host, context, flags: values, args });
  } catch (error) {
    if (error instanceof CriError) return fail(error.toRpc());
    if (!(error instanceof UsageError)) throw error;
    const usage = /^(flag |invalid value )/.test(error.message)
      ? `Incorrect Usage: ${error.message}\n\n${commandHelp(command, true)}\n`
      : '';
    return fail(error.message, usage);
  }
}
