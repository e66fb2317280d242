import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { CriError, type NodeHost } from '../host.ts';
import {
  type CliCommand,
  type CliFlag,
  type CliValues,
  CRICTL_VERSION,
  columns,
  commandHelp,
  flagLines,
  HELP,
  HELP_COMMAND,
  logLine,
  parseFlags,
  UsageError,
} from './cli.ts';
import { config } from './commands/config.ts';
import { exec } from './commands/exec.ts';
import { images } from './commands/images.ts';
import { information } from './commands/info.ts';
import { inspections } from './commands/inspect.ts';
import { lifecycle, pull } from './commands/lifecycle.ts';
import { logs } from './commands/logs.ts';
import { others } from './commands/others.ts';
import { pods } from './commands/pods.ts';
import { ps } from './commands/ps.ts';
import { statistics } from './commands/stats.ts';
import { streaming } from './commands/streaming.ts';
import { version } from './commands/version.ts';
import { connect } from './connection.ts';

/** The commands of crictl 1.33: a new one is a file and an entry here. */
const COMMANDS: CliCommand[] = [
  config,
  exec,
  images,
  ...information,
  ...inspections,
  ...lifecycle,
  logs,
  ...others,
  pods,
  ps,
  pull,
  ...statistics,
  ...streaming,
  version,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Flags before the command. */
const GLOBAL_FLAGS: CliFlag[] = [
  {
    name: 'config',
    alias: 'c',
    type: 'string',
    usage: "Location of the client config file; without it, that of the program's own folder",
    default: '"/etc/crictl.yaml") [$CRI_CONFIG_FILE]',
  },
  { name: 'debug', alias: 'D', type: 'bool', usage: 'Enable debug mode' },
  { name: 'enable-tracing', type: 'bool', usage: 'Enable OpenTelemetry tracing.' },
  {
    name: 'image-endpoint',
    alias: 'i',
    type: 'string',
    usage: 'Endpoint of CRI image manager service (default: that of the runtime) [$IMAGE_SERVICE_ENDPOINT]',
  },
  { name: 'max-retries', type: 'int', usage: 'How often to try an endpoint that was set; 0 not at all', default: '3' },
  { name: 'profile-cpu', type: 'string', usage: 'Write a pprof CPU profile to the provided path.' },
  { name: 'profile-mem', type: 'string', usage: 'Write a pprof memory profile to the provided path.' },
  {
    name: 'runtime-endpoint',
    alias: 'r',
    type: 'string',
    usage: 'Endpoint of CRI container runtime service (default: the first that answers) [$CONTAINER_RUNTIME_ENDPOINT]',
  },
  { name: 'timeout', alias: 't', type: 'string', usage: 'Timeout of connecting to the server', default: '2s' },
  { name: 'tracing-endpoint', type: 'string', usage: 'Where traces are sent', default: '"127.0.0.1:4317"' },
  {
    name: 'tracing-sampling-rate-per-million',
    type: 'int',
    usage: 'How many of a million samples are collected; -1 is all',
    default: '-1',
  },
];
const VERSION: CliFlag = { name: 'version', alias: 'v', type: 'bool', usage: 'print the version' };

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
  const commands = columns([...rows, HELP_COMMAND]);
  return `${[...head, 'COMMANDS:', ...commands, '', 'GLOBAL OPTIONS:', ...flagLines([...GLOBAL_FLAGS, HELP, VERSION])].join('\n')}\n`;
}

const noTopic = (name: string): CommandResult => ({ stdout: '', stderr: `No help topic for '${name}'\n`, code: 3 });

/** What --debug tells of the connection. */
function debugLines(host: NodeHost, service: 'runtime' | 'image' | 'none', command: string): string {
  if (service === 'none') return '';
  const log = (message: string) => logLine(host.now(), message, 'debug');
  const [runtime = '', number = ''] = host.record().containerRuntimeVersion.split('://');
  const lines = log(`Get ${service} connection`) + log(`Using ${service} connection timeout: 10s`);
  if (command !== 'version') return lines;
  return (
    lines +
    log('VersionRequest: version:"v1"') +
    log(
      `VersionResponse: version:"0.1.0" runtime_name:"${runtime}" runtime_version:"${number}" runtime_api_version:"v1"`,
    )
  );
}

/** crictl on a node: the records of its kubelet, shown as crictl 1.33 shows a runtime's. */
export async function crictl(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
  const fail = (message: string, stdout = ''): CommandResult => ({
    stdout,
    stderr: logLine(host.now(), message),
    code: 1,
  });
  let globals: CliValues;
  let words: string[];
  try {
    ({ values: globals, args: words } = parseFlags(context.argv.slice(1), [...GLOBAL_FLAGS, VERSION]));
  } catch (error) {
    const { message } = error as UsageError;
    return fail(message, `Incorrect Usage: ${message}\n\n${rootHelp()}\n`);
  }
  const [name, ...rest] = words;
  if (globals.has('version')) return ok(`crictl version ${CRICTL_VERSION}\n`);
  if (!name || globals.has('help') || ((name === 'help' || name === 'h') && !rest[0])) return ok(rootHelp());
  if (name === 'help' || name === 'h') {
    const about = find(rest[0]!);
    return about ? ok(commandHelp(about, false)) : noTopic(rest[0]!);
  }
  const command = find(name);
  if (!command) return noTopic(name);
  try {
    const { values, args } = parseFlags(rest, command.flags);
    if (values.has('help')) return ok(commandHelp(command, false));
    const service = command.service ?? 'runtime';
    const { stderr, failed } = service === 'none' ? { stderr: '', failed: false } : connect(host, globals, service);
    if (failed) return { stdout: '', stderr, code: 1 };
    const answer = await command.run({ host, context, flags: values, args });
    const debug = globals.has('debug') ? debugLines(host, service, command.name) : '';
    return { ...answer, stderr: stderr + debug + answer.stderr };
  } catch (error) {
    if (error instanceof CriError) return fail(error.toRpc());
    if (!(error instanceof UsageError)) throw error;
    const usage = /^(flag |invalid value )/.test(error.message)
      ? `Incorrect Usage: ${error.message}\n\n${commandHelp(command, true)}\n`
      : '';
    return fail(error.message, usage);
  }
}
