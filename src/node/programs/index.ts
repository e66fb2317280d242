import type { Command, CommandContext, CommandResult } from '../../sh/process.ts';
import { ok, ToolError } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { ps } from '../processes/ps.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { apt, aptCache, aptMark, dpkg } from './apt.ts';
import { etcdctl, etcdutl } from './etcd.ts';
import { filterTable, mangleTable } from './filter-table.ts';
import { HOST_PROGRAMS } from './host-tools.ts';
import { ip } from './ip.ts';
import { type Chain, listCommands, listTable, natTable, saveTable } from './iptables.ts';
import { kubelet } from './kubelet.ts';
import { MACHINE_TOOLS } from './machine-tools.ts';
import { NETWORK_TOOLS } from './network-tools.ts';
import { POWER_PROGRAMS } from './power.ts';
import { df, free, top, uptime } from './resources.ts';

/** The tables that iptables knows, in the order in which iptables-save writes them. */
const TABLES: Record<string, (host: NodeHost) => Chain[]> = {
  mangle: mangleTable,
  filter: filterTable,
  nat: natTable,
};

const tableOf = (words: string[]): string | undefined => {
  const at = words.findIndex((word) => word === '-t' || word === '--table');
  return at < 0 ? undefined : words[at + 1];
};

function iptables(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv.slice(1);
  const fail = (stderr: string, code: number) => ({ stdout: '', stderr, code });
  const table = tableOf(words) ?? 'filter';
  const at = words.findIndex((w) => /^-[nvxw]*[LS][nvxw]*$|^--list(-rules)?$/.test(w));
  if (user !== 'root') return fail(`Fatal: can't open lock file /run/xtables.lock: Permission denied\n`, 4);
  if (words.includes('-V') || words.includes('--version')) return ok('iptables v1.8.10 (nf_tables)\n');
  if (at < 0 && words.length > 0)
    return fail(`iptables: kubemu shows rules (-L, -S), and changes none: kube-proxy would write them anew\n`, 1);
  if (at < 0)
    return fail(
      `iptables v1.8.10 (nf_tables): no command specified\nTry \`iptables -h' or 'iptables --help' for more information.\n`,
      2,
    );
  const chains = TABLES[table]?.(host);
  if (!chains)
    return fail(
      `iptables v1.8.10 (nf_tables): table '${table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`,
      3,
    );
  const numeric = words.some((w) => /^-[a-zA-Z]*n/.test(w) || w === '--numeric');
  const wanted = words[at + 1]?.startsWith('-') ? undefined : words[at + 1];
  const shown = wanted ? chains.filter((c) => c.name === wanted) : chains;
  if (wanted && !shown.length) return fail('iptables: No chain/target/match by that name.\n', 1);
  if (/S|rules/.test(words[at]!)) return ok(listCommands(shown, chains));
  const listed = listTable(shown, numeric, chains);
  return ok(words.some((w) => w.startsWith('--line')) ? numbered(listed) : listed);
}

/** The rules of each chain with their numbers. */
function numbered(text: string): string {
  let number = 0;
  return text
    .split('\n')
    .map((line) => {
      if (line === '' || line.startsWith('Chain ')) return line;
      if (/^target {5}/.test(line)) {
        number = 0;
        return `num  ${line}`;
      }
      return `${String(++number).padEnd(4)} ${line}`;
    })
    .join('\n');
}

function iptablesSave(host: NodeHost, { argv }: CommandContext): CommandResult {
  const only = tableOf(argv);
  const wanted = Object.entries(TABLES).filter(([name]) => only === undefined || name === only);
  return ok(wanted.map(([name, chains]) => saveTable(name, chains(host), host.now())).join(''));
}

/** A program of a machine. */
export type Program = (host: NodeHost, context: CommandContext) => CommandResult | Promise<CommandResult>;

/** Programs of a machine by name: a new one is a file and a line here. */
const PROGRAMS: Record<string, Program> = {
  systemctl,
  journalctl,
  ps,
  iptables,
  kubelet,
  free,
  df,
  top,
  uptime,
  apt,
  'apt-get': apt,
  'apt-mark': aptMark,
  'apt-cache': aptCache,
  'iptables-save': iptablesSave,
  ip,
  dpkg,
  'dpkg-query': dpkg,
  ...HOST_PROGRAMS,
  ...MACHINE_TOOLS,
  ...NETWORK_TOOLS,
  ...POWER_PROGRAMS,
  etcdctl,
  etcdutl,
  kubeadm(host, context) {
    // What asks for a yes must have its input before it begins: see CommandContext.stdin.
    const { argv } = context;
    const asks = /^(reset( phase preflight)?|upgrade apply( [^p].*)?)$/.test(
      argv.slice(1).join(' ').replace(/ -.*/, ''),
    );
    if (asks && !argv.some((word) => /^(-f|-y|-h|--force|--yes|--help)$/.test(word))) void context.stdin;
    return import('../kubeadm/index.ts').then(({ kubeadm }) => kubeadm(host, context));
  },
  ctr: async (host, context) => (await import('../ctr/index.ts')).ctr(host, context),
  crictl: async (host, context) => (await import('../crictl/index.ts')).crictl(host, context),
};

/** Programs that do not point to their help when they are called wrongly. */
const TERSE = /^(systemctl|journalctl|hostnamectl|timedatectl)$/;

/** A program as the shell calls it: what it refuses of its command line becomes its message. */
const asCommand =
  (host: NodeHost, run: Program): Command =>
  (context) => {
    const refused = (error: unknown): CommandResult => {
      if (!(error instanceof ToolError)) throw error;
      const message = TERSE.test(context.argv[0]!) ? error.message.replace(/\nTry '.*$/s, '') : error.message;
      return { stdout: '', stderr: `${context.argv[0]}: ${message}\n`, code: error.code };
    };
    try {
      const result = run(host, context);
      return result instanceof Promise ? result.catch(refused) : result;
    } catch (error) {
      return refused(error);
    }
  };

/** The programs that a shell on this machine finds beyond the usual text tools. */
export const nodePrograms = (host: NodeHost): Record<string, Command> =>
  Object.fromEntries(
    Object.entries({ ...PROGRAMS, ...(hasDocker(host) && { docker }) }).map(([name, run]) => [
      name,
      asCommand(host, run),
    ]),
  );

const hasDocker = (host: NodeHost): boolean => host.record().containerRuntimeVersion.startsWith('docker://');

const docker: Program = (host, context) => {
  // Who execs with -i reads: see CommandContext.stdin.
  if (/^(container )?exec .*-\w*i/.test(context.argv.slice(1).join(' '))) void context.stdin;
  return import('../docker/index.ts').then((module) => module.docker(host, context));
};
