import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, ok, unlines } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { type NftChain, type NftSet, type NftTable, proxyTable } from '../network/nftables.ts';
import { proxyMode } from '../network/proxy.ts';

const ELEMENTS_AT = `,\n${'\t'.repeat(3)}     `;

/** Elements of addresses stand two in a line, others alone. */
function elementsOf({ type, elements }: NftSet): string {
  const width = type === 'ipv4_addr' ? 2 : 1;
  const lines: string[] = [];
  for (let at = 0; at < elements.length; at += width) lines.push(elements.slice(at, at + width).join(', '));
  return lines.join(ELEMENTS_AT);
}

const quoted = (name: string): string => (/^[\w./-]+$/.test(name) ? name : `"${name}"`);

const setText = (set: NftSet): string =>
  unlines([
    `\t${set.kind} ${quoted(set.name)} {`,
    `\t\ttype ${set.type}`,
    ...(set.flags ? [`\t\tflags ${set.flags}`] : []),
    ...(set.timeout ? [`\t\ttimeout ${span(set.timeout)}`] : []),
    ...(set.comment ? [`\t\tcomment "${set.comment}"`] : []),
    ...(set.elements.length > 0 ? [`\t\telements = { ${elementsOf(set)} }`] : []),
    '\t}',
  ]);

/** `10800s` → `3h`, as nft prints it. */
function span(text: string): string {
  let left = Number.parseInt(text, 10);
  let shown = '';
  for (const [letter, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(left / seconds);
    if (count > 0) shown += `${count}${letter}`;
    left -= count * seconds;
  }
  return shown || '0s';
}

const chainText = (chain: NftChain): string =>
  unlines([
    `\tchain ${quoted(chain.name)} {`,
    ...(chain.comment ? [`\t\tcomment "${chain.comment}"`] : []),
    ...(chain.hook ? [`\t\t${chain.hook}`] : []),
    ...chain.rules.map((rule) => `\t\t${rule}`),
    '\t}',
  ]);

function tableText(table: NftTable, parts: string[]): string {
  const head = parts.length > 1 && table.comment ? `\tcomment "${table.comment}"\n\n` : '';
  return `table ${table.family} ${table.name} {\n${head}${parts.join('\n')}}\n`;
}

const whole = (table: NftTable): string =>
  tableText(table, [...table.sets.map(setText), ...table.chains.map(chainText)]);

const missing = (words: string[]): CommandResult =>
  fail(
    `Error: No such file or directory\n${words.join(' ')}\n${' '.repeat(words.slice(0, 3).join(' ').length + 1)}${'^'.repeat(words[3]?.length ?? 1)}\n`,
  );

/** The addresses of services, as the API server was told. */
function serviceRange(host: NodeHost): string {
  const [first] = host.list('servicecidrs.networking.k8s.io') as { spec?: { cidrs?: string[] } }[];
  const cidr = first?.spec?.cidrs?.[0];
  return cidr ?? '10.96.0.0/12';
}

/** Tables that iptables keeps in the kernel's nf_tables. */
const LEGACY = ['mangle', 'nat', 'filter'];

/** nft: the tables of the machine, of which kube-proxy's own is shown whole. */
export function nft(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv.slice(1).filter((word) => !/^-[anssTj]+$|^--(handle|numeric|stateless)$/.test(word));
  if (argv.includes('-v') || argv.includes('--version')) return ok('nftables v1.0.9 (Old Doc Yak #3)\n');
  if (words.length === 0) return fail('nft: no command specified\n');
  if (user !== 'root')
    return fail(
      'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n',
    );
  const [verb = '', what = '', ...rest] = words;
  const tables = proxyMode(host) === 'nftables' ? [proxyTable(host, serviceRange(host))] : [];
  if (verb !== 'list') return fail('kubemu: nft lists what kube-proxy writes, and changes nothing\n');
  if (what === 'ruleset') return ok(tables.map(whole).join(''));
  if (what === 'tables')
    return ok(
      unlines([
        ...LEGACY.map((name) => `table ip ${name}`),
        ...tables.map(({ family, name }) => `table ${family} ${name}`),
      ]),
    );
  const family = /^(ip|ip6|inet|arp|bridge|netdev)$/.test(rest[0] ?? '') ? rest[0]! : 'ip';
  const [tableName, member] = rest[0] === family ? rest.slice(1) : rest;
  const table = tables.find((one) => one.family === family && (tableName === undefined || one.name === tableName));
  if (/^(chains|sets|maps)$/.test(what)) {
    if (!table) return ok();
    const parts =
      what === 'chains'
        ? table.chains.map((chain) => chainText({ ...chain, rules: [] }))
        : table.sets.filter(({ kind }) => `${kind}s` === what).map(setText);
    return ok(`table ${table.family} ${table.name} {\n${parts.join('')}}\n`);
  }
  if (!/^(table|chain|set|map)$/.test(what))
    return fail(
      `Error: syntax error, unexpected string\n${words.join(' ')}\n${' '.repeat(verb.length + 1)}${'^'.repeat(what.length || 1)}\n`,
    );
  if (!table || tableName === undefined) return missing(['list', what, family, tableName ?? '']);
  if (what === 'table') return ok(whole(table));
  const found =
    what === 'chain'
      ? table.chains.filter(({ name }) => name === member).map(chainText)
      : table.sets.filter(({ name, kind }) => name === member && kind === what).map(setText);
  return found.length > 0
    ? ok(tableText(table, found))
    : missing(['list', what, `${family} ${tableName}`, member ?? '']);
}
