import { parseIp } from '../../base/ip.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { changesOf, noteChange } from '../network/changes.ts';
import { ends, type Link, linksOf, macOf, podsWithNetwork } from '../network/links.ts';
import { neighbours, networkAddress, routesOf, routeTo } from '../network/routes.ts';
import { lineToJson, listed, type Style, showLinks } from '../network/show.ts';
import { comeBack, cutOff } from '../power.ts';

const fail = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr: `${stderr}\n`, code });

/** The interface by which a machine is on its network. */
const UPLINK = 'eth0';
const KINDS: Record<string, (link: Link) => boolean> = {
  bridge: ({ name }) => name === 'cni0',
  veth: ({ peer }) => peer !== undefined,
  vxlan: ({ name }) => name === 'flannel.1' || name.startsWith('vxlan'),
};
const VIRTUAL = new Set(['dummy', 'bridge', 'veth', 'vxlan', 'ipvs']);

/** The word behind another: `dev eth0`. */
const after = (words: string[], name: string): string | undefined =>
  words.includes(name) ? words[words.indexOf(name) + 1] : undefined;

const without = (list: string[], item: string): string[] => list.filter((one) => one !== item);

const notAllowed = fail('RTNETLINK answers: Operation not permitted', 2);

type Change = (host: NodeHost, words: string[]) => CommandResult;

const SHOWING = new Set(['show', 'list', 'ls', 'sh', 's', 'lst', 'l', 'dev', 'type', 'up', 'to', 'master', 'scope']);

function chosen(host: NodeHost, words: string[]): Link[] | CommandResult {
  const named =
    after(words, 'dev') ??
    words.find((word, i) => !SHOWING.has(word) && !['type', 'to', 'master', 'scope'].includes(words[i - 1] ?? ''));
  const type = after(words, 'type');
  const master = after(words, 'master');
  const all = linksOf(host).filter(
    (link) =>
      (named === undefined || link.name === named) &&
      (type === undefined || (KINDS[type]?.(link) ?? changesOf(host).added[link.name]?.kind === type)) &&
      (master === undefined || link.master === master) &&
      (!words.includes('up') || link.flags.includes(',UP')),
  );
  return named !== undefined && all.length === 0 ? fail(`Device "${named}" does not exist.`) : all;
}

/** Takes an interface down, or up again: the machine is on its network by one of them. */
function turn(host: NodeHost, name: string, up: boolean): void {
  const { down, up: raised } = changesOf(host);
  noteChange(host, {
    down: up ? without(down, name) : [...without(down, name), name],
    up: up ? [...without(raised, name), name] : without(raised, name),
  });
  if (name !== UPLINK) return;
  if (up) comeBack(host.state, host.record());
  else cutOff(host.state, host.record(), host.now());
  host.changed('network');
}

const setLink: Change = (host, words) => {
  const [name] = words.filter((word) => word !== 'dev');
  if (name === undefined) return fail('Not enough information: "dev" argument is required.', 255);
  if (!linksOf(host).some((link) => link.name === name)) return fail(`Cannot find device "${name}"`);
  const mtu = after(words, 'mtu');
  if (mtu !== undefined) noteChange(host, { mtu: { ...changesOf(host).mtu, [name]: Number(mtu) } });
  if (words.includes('up') || words.includes('down')) turn(host, name, words.includes('up'));
  return ok();
};

const addLink: Change = (host, words) => {
  const name = after(words, 'name') ?? words.find((word) => word !== 'name')!;
  const kind = after(words, 'type');
  if (kind === undefined) return fail('Not enough information: "type" argument is required');
  if (!VIRTUAL.has(kind)) return fail('Error: Unknown device type.', 2);
  if (linksOf(host).some((link) => link.name === name)) return fail('RTNETLINK answers: File exists', 2);
  const { added, gone } = changesOf(host);
  const mac = macOf(ends(host.record().internalIP, Object.keys(added).length + 1), '9a:3f');
  noteChange(host, { added: { ...added, [name]: { kind, mac } }, gone: without(gone, name) });
  return ok();
};

const deleteLink: Change = (host, words) => {
  const [name = ''] = words.filter((word) => word !== 'dev');
  if (!linksOf(host).some((link) => link.name === name)) return fail(`Cannot find device "${name}"`);
  if (name === 'lo' || name === UPLINK) return fail('RTNETLINK answers: Operation not supported', 2);
  const { added, gone, addresses } = changesOf(host);
  const { [name]: _, ...others } = added;
  noteChange(host, {
    added: others,
    gone: name in added ? gone : [...gone, name],
    addresses: addresses.filter(({ dev }) => dev !== name),
  });
  return ok();
};

const changeAddress =
  (adds: boolean): Change =>
  (host, words) => {
    const dev = after(words, 'dev');
    const [text = ''] = words;
    if (dev === undefined) return fail('Not enough information: "dev" argument is required.', 255);
    const [ip = '', mask = '32'] = text.split('/');
    if (!parseIp(ip)) return fail(`Error: any valid prefix is expected rather than "${text}".`);
    const link = linksOf(host).find(({ name }) => name === dev);
    if (!link) return fail(`Cannot find device "${dev}"`);
    const bits = Number(mask);
    const there = link.addresses.some((one) => one.ip === ip && one.bits === bits);
    const { addresses, withdrawn } = changesOf(host);
    const others = addresses.filter((one) => one.dev !== dev || one.ip !== ip);
    if (adds && there) return fail('Error: ipv4: Address already assigned.', 2);
    if (!adds && !there) return fail('Error: ipv4: Address not found.', 2);
    const key = `${dev} ${ip}/${bits}`;
    if (adds)
      noteChange(host, {
        addresses: [...others, { dev, ip, bits, scope: 'global' }],
        withdrawn: without(withdrawn, key),
      });
    else noteChange(host, { addresses: others, withdrawn: [...withdrawn, key] });
    return ok();
  };

const changeRoute =
  (adds: boolean): Change =>
  (host, [to = '', ...words]) => {
    const via = after(words, 'via');
    const { routes, unrouted } = changesOf(host);
    const there = routesOf(host).find((route) => route.split(' ')[0] === to);
    if (to !== 'default' && !parseIp(to.split('/')[0]!))
      return fail(`Error: any valid prefix is expected rather than "${to}".`);
    if (!adds && !there) return fail('RTNETLINK answers: No such process', 2);
    if (!adds) {
      noteChange(host, { routes: routes.filter((route) => route !== there), unrouted: [...without(unrouted, to), to] });
      return ok();
    }
    if (there) return fail('RTNETLINK answers: File exists', 2);
    const link =
      via === undefined
        ? undefined
        : linksOf(host).find(({ addresses }) =>
            addresses.some(({ ip, bits }) => networkAddress(ip, bits) === networkAddress(via, bits)),
          );
    const dev = after(words, 'dev') ?? link?.name;
    if (via !== undefined && !link && !words.includes('onlink')) return fail('Error: Nexthop has invalid gateway.', 2);
    if (dev === undefined) return fail('RTNETLINK answers: No such device', 2);
    if (!linksOf(host).some(({ name }) => name === dev)) return fail(`Cannot find device "${dev}"`);
    const route = `${to} ${via ? `via ${via} ` : ''}dev ${dev} ${via ? '' : 'scope link '}`;
    noteChange(host, { routes: [...routes, route], unrouted: without(unrouted, to) });
    return ok();
  };

const VERBS: Record<string, Record<string, Change>> = {
  link: { set: setLink, add: addLink, del: deleteLink, delete: deleteLink },
  address: {
    add: changeAddress(true),
    replace: changeAddress(true),
    del: changeAddress(false),
    delete: changeAddress(false),
  },
  route: {
    add: changeRoute(true),
    append: changeRoute(true),
    replace: changeRoute(true),
    del: changeRoute(false),
    delete: changeRoute(false),
  },
};

type Shown = (host: NodeHost, words: string[], style: Style) => string | CommandResult;

/** Lines that name their interface, those of one if it is asked for. */
const linesOf =
  (all: (host: NodeHost) => string[]): Shown =>
  (host, words, style) => {
    const dev = after(words, 'dev');
    const found = all(host).filter((line) => dev === undefined || line.includes(` dev ${dev} `));
    if (style.json) return listed(found.map(lineToJson), style);
    return found.map((line) => `${dev === undefined ? line : line.replace(` dev ${dev}`, '')}\n`).join('');
  };

const showRoutes: Shown = (host, words, style) => {
  if (words[0] !== 'get') return linesOf(routesOf)(host, words, style);
  if (!parseIp(words[1] ?? '')) return fail(`Error: any valid prefix is expected rather than "${words[1] ?? ''}".`);
  return routeTo(host, words[1]!) ?? fail('RTNETLINK answers: Network is unreachable', 2);
};

const netnsOf = (host: NodeHost): string =>
  podsWithNetwork(host)
    .map(
      ({ id }) =>
        `cni-${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 32)}\n`,
    )
    .join('');

const showInterfaces =
  (addresses: boolean): Shown =>
  (host, words, style) => {
    const links = chosen(host, words);
    return Array.isArray(links) ? showLinks(links, style, addresses) : links;
  };

/** What `ip` can be asked about; each may be shortened. */
const OBJECTS: Record<string, Shown> = {
  address: showInterfaces(true),
  link: showInterfaces(false),
  route: showRoutes,
  neighbour: linesOf(neighbours),
  neighbor: linesOf(neighbours),
  netns: netnsOf,
  rule: () => '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n',
  maddress: (host) =>
    linksOf(host)
      .map(({ index, name }) => `${index}:\t${name}\n\tinet  224.0.0.1\n`)
      .join(''),
  tunnel: () => '',
};

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { ${Object.keys(OBJECTS).join(' | ')} }
`;

/** ip of iproute2 on a node: interfaces, addresses and routes, and what somebody changes of them. */
export function ip(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv.slice(1);
  const first = words.findIndex((word) => !word.startsWith('-'));
  const options = first < 0 ? words : words.slice(0, first);
  const given = (pattern: RegExp) => options.some((word) => pattern.test(word));
  if (given(/^-V(ersion)?$/)) return ok('ip utility, iproute2-6.1.0, libbpf 1.3.0\n');
  const [what = '', ...rest] = first < 0 ? [] : words.slice(first);
  if (what === '' || what === 'help') return { stdout: '', stderr: USAGE, code: what === '' ? 255 : 0 };
  const object = Object.keys(OBJECTS).find((name) => name.startsWith(what));
  if (!object) return fail(`Object "${what}" is unknown, try "ip help".`);
  const verbs = VERBS[object];
  const change = verbs && Object.hasOwn(verbs, rest[0] ?? '') ? verbs[rest[0]!] : undefined;
  if (change && user !== 'root') return notAllowed;
  if (change) return change(host, rest.slice(1));
  const style: Style = {
    oneline: given(/^-o(neline)?$/),
    brief: given(/^-br(ief)?$/),
    statistics: given(/^-s(tat.*)?$/),
    json: given(/^-j(son)?$/),
    pretty: given(/^-p(retty)?$/),
    ...(given(/^-4$/) && { family: '4' }),
    ...(given(/^-6$/) && { family: '6' }),
  };
  const shown = OBJECTS[object]!(host, rest, style);
  return typeof shown === 'string' ? ok(shown) : shown;
}
