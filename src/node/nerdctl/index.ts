import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok, parseOptions, ToolError, unlines } from '../../sh/tools/tool.ts';
import { logLine } from '../crictl/cli.ts';
import { socketFailure } from '../crictl/connection.ts';
import type { NodeHost } from '../host.ts';
import { NerdctlError, type Verb } from './cli.ts';
import { exec, inspect, kill, logs, ps, rm, stats, stop, top } from './containers.ts';
import { images, pull, rmi } from './images.ts';
import { info, namespaces, VERSION, version } from './system.ts';

const SOCKET = '/run/containerd/containerd.sock';

const VERBS: Record<string, Verb> = {
  exec,
  images,
  info,
  inspect,
  kill,
  logs,
  ps,
  pull,
  rm,
  rmi,
  stats,
  stop,
  top,
  version,
};

/** Groups of verbs, and what their own names mean. */
const GROUPS: Record<string, { summary: string; verbs: Record<string, Verb> }> = {
  container: {
    summary: 'Manage containers',
    verbs: { exec, inspect, kill, logs, ls: ps, list: ps, ps, rm, stats, stop, top },
  },
  image: { summary: 'Manage images', verbs: { inspect, ls: images, list: images, pull, rm: rmi } },
  namespace: { summary: 'Manage containerd namespaces', verbs: { ls: namespaces, list: namespaces } },
  system: { summary: 'Manage containerd', verbs: { info } },
};
const ALIASES: Record<string, string> = { ns: 'namespace' };

/** Options before the verb that have a value. */
const VALUED =
  /^(-[naH]|--(namespace|address|host|snapshotter|storage-driver|cni-path|cni-netconfpath|data-root|cgroup-manager|hosts-dir))$/;
const PLAIN = /^--(debug|debug-full|insecure-registry|experimental|kube-hide-dupe)(=.*)?$/;

function help(): string {
  const rows = (entries: [string, { summary: string }][]) =>
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`);
  return unlines([
    'nerdctl is a command line interface for containerd: kubemu has these of its commands',
    '',
    'Usage: nerdctl [command]',
    '',
    'Management commands:',
    ...rows(Object.entries(GROUPS)),
    '',
    'Commands:',
    ...rows(Object.entries(VERBS)),
    '',
    'Flags:',
    '  -a, --address string     containerd address, optionally with "unix://" prefix [$CONTAINERD_ADDRESS] (default "/run/containerd/containerd.sock")',
    '  -h, --help               help for nerdctl',
    '  -n, --namespace string   containerd namespace, such as "k8s.io" for Kubernetes [$CONTAINERD_NAMESPACE] (default "default")',
    '  -v, --version            version for nerdctl',
    '',
    "Run 'nerdctl COMMAND --help' for more information on a command.",
  ]);
}

interface Line {
  namespace: string;
  address: string;
  words: string[];
}

/** The command line without what stands before the verb. */
function globals({ argv, env }: CommandContext): Line {
  const words = argv.slice(1);
  const line: Line = {
    namespace: env.CONTAINERD_NAMESPACE ?? 'default',
    address: env.CONTAINERD_ADDRESS ?? SOCKET,
    words,
  };
  const take = (name: string, value: string) => {
    if (/^(-n|--namespace)$/.test(name)) line.namespace = value;
    if (/^(-[aH]|--address|--host)$/.test(name)) line.address = value;
  };
  for (let at = 0; at < words.length; ) {
    const [name = '', value] = words[at]!.split(/=(.*)/s);
    const joined = /^(-[naH])(.+)$/.exec(words[at]!);
    // Long global flags may follow the verb.
    const early = at === 0 || name.startsWith('--');
    if (words[at] === '--' || (words[0] === 'exec' && !name.startsWith('-') && at > 0)) break;
    if (early && VALUED.test(name)) {
      take(name, value ?? words[at + 1] ?? '');
      words.splice(at, value === undefined ? 2 : 1);
    } else if (at === 0 && joined) {
      take(joined[1]!, joined[2]!);
      words.splice(at, 1);
    } else if (PLAIN.test(words[at]!)) words.splice(at, 1);
    else at++;
  }
  return line;
}

function find(words: string[]): { verb: Verb; path: string; rest: string[] } | string {
  const [first = '', second] = words;
  const group = GROUPS[ALIASES[first] ?? first];
  if (!group) {
    const verb = Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
    return verb
      ? { verb, path: first, rest: words.slice(1) }
      : `unknown subcommand ${JSON.stringify(first)} for "nerdctl"`;
  }
  const verb = second === undefined ? undefined : group.verbs[second];
  return verb
    ? { verb, path: `${first} ${second}`, rest: words.slice(2) }
    : `unknown subcommand ${JSON.stringify(second ?? '')} for ${JSON.stringify(first)}`;
}

async function run(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const { namespace, address, words } = globals(context);
  const [first] = words;
  if (first === undefined || /^(-h|--help|help)$/.test(first)) return ok(help());
  if (/^(-v|--version)$/.test(first)) return ok(`nerdctl version ${VERSION.slice(1)}\n`);
  const found = find(words);
  if (typeof found === 'string') {
    if (words.length === 1 && GROUPS[ALIASES[words[0]!] ?? words[0]!]) return ok(help());
    throw new NerdctlError(found);
  }
  const { verb, path, rest } = found;
  const options = parseOptions(
    { argv: [`nerdctl ${path}`], machine: context.machine },
    `${verb.short}h`,
    [...verb.long, 'help'],
    verb.command,
    rest,
  );
  if (options.has('help') || (options.has('h') && !verb.short.includes('h')))
    return ok(
      `${verb.summary}\n\nUsage: nerdctl ${path} [flags]\n\nFlags:\n${unlines(verb.long.map((name) => `      --${name.replace(':', ' string')}`))}`,
    );
  const { count, exactly } = verb.wants ?? { count: 0 };
  if (options.rest.length < count || (exactly && options.rest.length > count))
    throw new NerdctlError(
      exactly
        ? `"nerdctl ${path}" requires exactly ${count} argument(s).\nSee 'nerdctl ${path} --help'.\n\nUsage:  nerdctl ${path} [flags]\n\n${verb.summary}`
        : `requires at least ${count} arg(s), only received ${options.rest.length}`,
    );
  const socket = address.replace(/^unix:\/\//, '');
  if (context.user !== 'root')
    throw new NerdctlError(
      'rootless containerd not running? (hint: use `containerd-rootless-setuptool.sh install` to start rootless containerd): stat /run/user/1000/containerd-rootless: no such file or directory',
    );
  if (socketFailure(host, `unix://${socket}`))
    throw new NerdctlError(`cannot access containerd socket ${JSON.stringify(socket)}: no such file or directory`);
  return await verb.run({ host, context, options, namespace });
}

/** nerdctl, on machines whose runtime is containerd. */
export async function nerdctl(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  try {
    return await run(host, context);
  } catch (error) {
    if (!(error instanceof NerdctlError) && !(error instanceof ToolError)) throw error;
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const message = error instanceof ToolError ? unknownFlag(error.message) : error.message;
    const line =
      context.columns === undefined ? logLine(host.now(), message, 'fatal') : `FATA[0000] ${message.padEnd(44)} \n`;
    return { stdout, stderr: stderr + line, code: 1 };
  }
}

/** pflag's words for what getopt refuses. */
function unknownFlag(message: string): string {
  const [, long] = /unrecognized option '(--[^'=]*)/.exec(message) ?? [];
  if (long) return `unknown flag: ${long}`;
  const [, letter = ''] = /-- '(.)'/.exec(message) ?? [];
  const [, lacking] = /option '--([^']*)' requires/.exec(message) ?? [];
  if (lacking) return `flag needs an argument: --${lacking}`;
  return message.startsWith('option requires')
    ? `flag needs an argument: '${letter}' in -${letter}`
    : `unknown shorthand flag: '${letter}' in -${letter}`;
}
