import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import { CHANGES } from '../firewall/edit.ts';
import { RuleError } from '../firewall/rules.ts';
import { withOwn } from '../firewall/store.ts';
import type { NodeHost } from '../host.ts';
import { filterTable, mangleTable, natTable } from './filter-table.ts';
import { type Chain, listCommands, listTable, saveTable } from './iptables.ts';

type Table = (host: NodeHost) => Chain[];

const bare =
  (...names: string[]): Table =>
  () => [...names.map((name) => ({ name, policy: 'ACCEPT', rules: [] })), { name: 'KUBE-KUBELET-CANARY', rules: [] }];

interface Family {
  program: string;
  /** Tables in the order in which the program's -save writes them. */
  tables: Record<string, Table>;
}

const empty =
  (...names: string[]): Table =>
  () =>
    names.map((name) => ({ name, policy: 'ACCEPT', rules: [] }));

const ALL = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** IPv4, in which the cluster's services are, and IPv6, in which only the kubelet has left its marks. */
const FAMILIES: Record<4 | 6, Family> = {
  4: {
    program: 'iptables',
    tables: { mangle: mangleTable, filter: filterTable, nat: natTable },
  },
  6: {
    program: 'ip6tables',
    tables: {
      mangle: bare(...ALL),
      filter: bare('INPUT', 'FORWARD', 'OUTPUT'),
      nat: bare('PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'),
    },
  },
};

/** Tables in which nothing is, and which -save leaves out. */
const UNUSED: Record<string, Table> = {
  raw: empty('PREROUTING', 'OUTPUT'),
  security: empty('INPUT', 'FORWARD', 'OUTPUT'),
};

const VERSION = 'v1.8.10 (nf_tables)';

/** The table that is meant, and the words without it. */
function tableOf(words: string[]): { table: string | undefined; rest: string[] } {
  const at = words.findIndex((word) => word === '-t' || word === '--table');
  if (at < 0) return { table: undefined, rest: words };
  return { table: words[at + 1], rest: words.toSpliced(at, 2) };
}

const fail = (stderr: string, code: number): CommandResult => ({ stdout: '', stderr: `${stderr}\n`, code });

/** The key under which a family's own rules are kept. */
const keyOf = (host: NodeHost, family: 4 | 6): string => (family === 4 ? host.name : `${host.name}/ip6`);

/** The chains of one of a family's tables, with what somebody changed of them. */
export const chainsOf = (host: NodeHost, family: 4 | 6, name: string): Chain[] | undefined => {
  const table = FAMILIES[family].tables[name] ?? UNUSED[name];
  return table && withOwn(host.state, keyOf(host, family), name, table(host));
};

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

/** `-v`: what was counted, and the interfaces; the kernel of no machine here counts. */
function verbose(chains: Chain[], text: string): string {
  const rules = chains.flatMap((chain) => chain.rules);
  let next = 0;
  const fields = /^(\S+) +(\S+) +-- {2}(.*)$/;
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('Chain ')) return line.replace(/\(policy (\w+)\)$/, '(policy $1 0 packets, 0 bytes)');
      if (/^target {5}/.test(line))
        return ' pkts bytes target     prot opt in     out     source               destination         ';
      const [, target = '', protocol = '', rest = ''] = fields.exec(line) ?? [];
      if (target === '') return line;
      const { incoming = '*', outgoing = '*' } =
        (rules[next++] as { matches?: { incoming?: string; outgoing?: string } }).matches ?? {};
      return `    0     0 ${target.padEnd(10)} ${protocol.padEnd(4)} --  ${incoming.padEnd(6)} ${outgoing.padEnd(6)}  ${rest}`;
    })
    .join('\n');
}

const LIST = /^-[nvxw]*[LS][nvxw]*$|^--list(-rules)?$/;

function list(chains: Chain[], words: string[], at: number, program: string): CommandResult {
  const operand = words[at + 1];
  const wanted = operand === undefined || operand.startsWith('-') ? undefined : operand;
  const shown = wanted === undefined ? chains : chains.filter((chain) => chain.name === wanted);
  if (shown.length === 0) return fail(`${program}: No chain/target/match by that name.`, 1);
  if (/S|rules/.test(words[at]!)) return ok(listCommands(shown, chains));
  const has = (letter: string, long: string) =>
    words.some((word) => word === long || (/^-[a-zA-Z]+$/.test(word) && word.includes(letter)));
  const text = listTable(shown, has('n', '--numeric'), chains);
  const counted = has('v', '--verbose') ? verbose(shown, text) : text;
  return ok(words.some((word) => word.startsWith('--line')) ? numbered(counted) : counted);
}

function run(family: 4 | 6, host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const { program } = FAMILIES[family];
  if (user !== 'root')
    return fail(
      `${program} ${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)`,
      4,
    );
  const { table = 'filter', rest } = tableOf(argv.slice(1).filter((word) => word !== '-w' && word !== '--wait'));
  if (rest.includes('-V') || rest.includes('--version')) return ok(`${program} ${VERSION}\n`);
  const chains = chainsOf(host, family, table);
  if (!chains)
    return fail(
      `${program} ${VERSION}: table '${table}' does not exist\nPerhaps ${program} or your kernel needs to be upgraded.`,
      3,
    );
  const at = rest.findIndex((word) => LIST.test(word));
  if (at >= 0) return list(chains, rest, at, program);
  const place = rest.findIndex((word) => CHANGES.some(([names]) => names.includes(word)));
  const [, work] = CHANGES.find(([names]) => names.includes(rest[place]!)) ?? [];
  if (!work)
    return fail(
      `${program} ${VERSION}: no command specified\nTry \`${program} -h' or '${program} --help' for more information.`,
      2,
    );
  try {
    const words = [...rest.slice(0, place), ...rest.slice(place + 1)];
    work({ state: host.state, node: keyOf(host, family), table, chains, words });
    return ok();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    return fail(
      `${program}${error.code === 2 ? ` ${VERSION}` : ''}: ${error.message.replaceAll('iptables', program)}`,
      error.code,
    );
  }
}

function save(family: 4 | 6, host: NodeHost, argv: string[]): CommandResult {
  const { table } = tableOf(argv);
  const wanted = Object.keys(FAMILIES[family].tables).filter((name) => table === undefined || name === table);
  return ok(wanted.map((name) => saveTable(name, chainsOf(host, family, name)!, host.now())).join(''));
}

/** All tables of IPv4, as iptables-save writes them. */
export const iptablesSaved = (host: NodeHost): string => save(4, host, ['iptables-save']).stdout;

type Program = (host: NodeHost, context: CommandContext) => CommandResult;

/** iptables and ip6tables, under all of their names. */
export const IPTABLES: Record<string, Program> = Object.fromEntries(
  ([4, 6] as const).flatMap((family) => {
    const { program } = FAMILIES[family];
    const main: Program = (host, context) => run(family, host, context);
    const saving: Program = (host, context) => save(family, host, context.argv);
    return [
      [program, main],
      [`${program}-nft`, main],
      [`${program}-save`, saving],
      [`${program}-nft-save`, saving],
    ];
  }),
);
