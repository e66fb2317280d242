import type { Link } from './links.ts';

const FOREVER = '       valid_lft forever preferred_lft forever';
const LOOPBACK_6 = '::1';
const ANY = 4_294_967_295;

/** How `ip` is asked to show things. */
export interface Style {
  family?: '4' | '6';
  oneline: boolean;
  brief: boolean;
  statistics: boolean;
  json: boolean;
  pretty: boolean;
}

const isLoopback = ({ name }: Link): boolean => name === 'lo';
const broadcastOf = (link: Link): string => (isLoopback(link) ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff');

/** Addresses of the family that is asked for: `inet …`. */
function addressLines(link: Link, { family }: Style): string[] {
  const four = link.addresses.map(({ ip, bits, broadcast, scope }) => {
    const range = broadcast ? ` brd ${broadcast}` : '';
    return `inet ${ip}/${bits}${range} scope ${scope} ${link.name}`;
  });
  const six = isLoopback(link) ? [`inet6 ${LOOPBACK_6}/128 scope host noprefixroute `] : [];
  return [...(family === '6' ? [] : four), ...(family === '4' ? [] : six)];
}

const COUNTERS = [
  '    RX:  bytes packets errors dropped  missed   mcast           ',
  '    TX:  bytes packets errors dropped carrier collsns           ',
];

function headOf(link: Link, addresses: boolean): string {
  const { name, index, peer = '', flags, mtu, qdisc, master, state, queue } = link;
  const mode = addresses ? '' : 'mode DEFAULT ';
  return `${index}: ${name}${peer}: <${flags}> mtu ${mtu} qdisc ${qdisc} ${master ? `master ${master} ` : ''}state ${state} ${mode}group default ${queue ? `qlen ${queue}` : ''}`;
}

function hardware(link: Link): string {
  const { mac, netns } = link;
  return `    link/${isLoopback(link) ? 'loopback' : 'ether'} ${mac} brd ${broadcastOf(link)}${netns ? ` link-netns ${netns}` : ''}`;
}

function full(link: Link, style: Style, addresses: boolean): string[] {
  const shown = addresses ? addressLines(link, style) : [];
  if (addresses && style.family && shown.length === 0) return [];
  const inet = shown.flatMap((line) => [`    ${line}`, FOREVER]);
  if (!addresses && style.oneline) return [`${headOf(link, false)}\\${hardware(link)}`];
  if (addresses && style.oneline) return shown.map((line) => `${link.index}: ${link.name}    ${line}\\${FOREVER}`);
  // A family leaves the hardware aside.
  const counters = style.statistics
    ? COUNTERS.flatMap((head, i) => [
        head,
        `${String(98_304 + link.index * (i + 1)).padStart(14)} 1204      0       0       0       0 `,
      ])
    : [];
  return [headOf(link, addresses), ...(addresses && style.family ? [] : [hardware(link)]), ...inet, ...counters];
}

function brief(link: Link, style: Style, addresses: boolean): string[] {
  const { name, peer = '', state, mac, flags } = link;
  const shown = [
    ...(style.family === '6' ? [] : link.addresses.map(({ ip, bits }) => `${ip}/${bits} `)),
    ...(isLoopback(link) && style.family !== '4' ? [`${LOOPBACK_6}/128 `] : []),
  ];
  if (addresses && style.family && shown.length === 0) return [];
  return [`${`${name}${peer}`.padEnd(16)} ${state.padEnd(14)} ${addresses ? shown.join('') : `${mac} <${flags}> `}`];
}

function toJson(link: Link, addresses: boolean, { family }: Style): Record<string, unknown> {
  const { index, name, flags, mtu, qdisc, master, state, queue, mac } = link;
  const lives = { valid_life_time: ANY, preferred_life_time: ANY };
  const four = link.addresses.map(({ ip, bits, broadcast, scope }) => ({
    family: 'inet',
    local: ip,
    prefixlen: bits,
    ...(broadcast && { broadcast }),
    scope,
    label: name,
    ...lives,
  }));
  const six = { family: 'inet6', local: LOOPBACK_6, prefixlen: 128, scope: 'host', noprefixroute: true, ...lives };
  return {
    ifindex: index,
    ifname: name,
    flags: flags.split(','),
    mtu,
    qdisc,
    ...(master && { master }),
    operstate: state,
    ...(!addresses && { linkmode: 'DEFAULT' }),
    group: 'default',
    ...(queue && { txqlen: queue }),
    link_type: isLoopback(link) ? 'loopback' : 'ether',
    address: mac,
    broadcast: broadcastOf(link),
    ...(addresses && {
      addr_info: [...(family === '6' ? [] : four), ...(isLoopback(link) && family !== '4' ? [six] : [])],
    }),
  };
}

/** iproute2's own way of indenting JSON. */
function pretty(value: unknown, depth = 0): string {
  const pad = ' '.repeat(4 * (depth + 2));
  if (Array.isArray(value)) {
    if (value.length === 0) return '[ ]';
    if (typeof value[0] !== 'object') return `[ ${value.map((one) => JSON.stringify(one)).join(',')} ]`;
    const items = value.map((one: object) =>
      Object.entries(one)
        .map(([key, inner]) => `${pad}${JSON.stringify(key)}: ${pretty(inner, depth + 2)}`)
        .join(',\n'),
    );
    const close = ' '.repeat(4 * (depth + 1));
    return `[ {\n${items.join(`\n${close}},{\n`)}\n${close}} ]`;
  }
  return JSON.stringify(value);
}

/** A list as `ip -j` writes it, with `-p` on several lines. */
export const listed = (items: Record<string, unknown>[], style: Style): string =>
  style.pretty ? `${pretty(items)}\n` : `${JSON.stringify(items)}\n`;

/** Interfaces, with their addresses or without. */
export function showLinks(links: Link[], style: Style, addresses: boolean): string {
  if (style.json)
    return listed(
      links.map((link) => toJson(link, addresses, style)),
      style,
    );
  return links
    .flatMap((link) => (style.brief ? brief(link, style, addresses) : full(link, style, addresses)))
    .map((line) => `${line}\n`)
    .join('');
}

/** A route's or neighbour's line as JSON: what it leads to, and words with their values. */
export function lineToJson(line: string): Record<string, unknown> {
  const [dst, ...words] = line.trim().split(' ');
  const names: Record<string, string> = { via: 'gateway', proto: 'protocol', src: 'prefsrc' };
  const result: Record<string, unknown> = { dst };
  const flags: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 'lladdr' || ['via', 'dev', 'proto', 'scope', 'src', 'metric'].includes(word))
      result[names[word] ?? word] = words[++i];
    else if (word === word.toUpperCase()) result.state = [word];
    else flags.push(word);
  }
  return result.state === undefined ? { ...result, flags } : result;
}
