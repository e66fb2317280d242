import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { RUNTIME_SECTIONS, type SandboxRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';

const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
const fail = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr, code });

/** A network interface of a machine. */
interface Link {
  name: string;
  /** What is shown behind its name: `@if2`. */
  peer?: string;
  flags: string;
  mtu: number;
  qdisc: string;
  master?: string;
  state: string;
  queue?: number;
  mac: string;
  address?: { ip: string; bits: number; broadcast?: string; scope: string };
  netns?: string;
}

const macOf = (ip: string, first = '0a:58'): string =>
  `${first}:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;

const ends = (ip: string, last: number): string => ip.replace(/\d+$/, String(last));

/** The pods of a machine that have a network of their own. */
const pods = (host: NodeHost): SandboxRecord[] => {
  const section = host.state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  return section
    .keys(`${host.name}/`)
    .map((key) => section.get(key)!)
    .filter(({ state, hostNetwork, ip }) => state === 'ready' && !hostNetwork && ip !== '');
};

/** How the network's add-on names what it makes. */
function networkOf(host: NodeHost): { overlay?: string; bridge?: string; veth: string } {
  const names = host.list('daemonsets.apps').map(({ metadata }) => metadata.name!);
  if (names.some((name) => name.includes('flannel'))) return { overlay: 'flannel.1', bridge: 'cni0', veth: 'veth' };
  if (names.some((name) => name.startsWith('calico'))) return { overlay: 'vxlan.calico', veth: 'cali' };
  return { bridge: 'cni0', veth: 'veth' };
}

const UP = 'BROADCAST,MULTICAST,UP,LOWER_UP';

function linksOf(host: NodeHost): Link[] {
  const { internalIP } = host.record();
  const range = host.node()?.spec?.podCIDR?.split('/')[0];
  const { overlay, bridge, veth } = networkOf(host);
  const mtu = overlay ? 1450 : 1500;
  const running = pods(host);
  return [
    {
      name: 'lo',
      flags: 'LOOPBACK,UP,LOWER_UP',
      mtu: 65_536,
      qdisc: 'noqueue',
      state: 'UNKNOWN',
      queue: 1000,
      mac: '00:00:00:00:00:00',
      address: { ip: '127.0.0.1', bits: 8, scope: 'host' },
    },
    {
      name: 'eth0',
      flags: UP,
      mtu: 1500,
      qdisc: 'fq_codel',
      state: 'UP',
      queue: 1000,
      mac: macOf(internalIP, '52:54'),
      address: { ip: internalIP, bits: 24, broadcast: ends(internalIP, 255), scope: 'global' },
    },
    ...(overlay && range
      ? [
          {
            name: overlay,
            flags: UP,
            mtu,
            qdisc: 'noqueue',
            state: 'UNKNOWN',
            mac: macOf(range, '5a:1c'),
            address: { ip: range, bits: 32, scope: 'global' },
          },
        ]
      : []),
    ...(bridge && range && running.length > 0
      ? [
          {
            name: bridge,
            flags: UP,
            mtu,
            qdisc: 'noqueue',
            state: 'UP',
            queue: 1000,
            mac: macOf(ends(range, 1)),
            address: { ip: ends(range, 1), bits: 24, broadcast: ends(range, 255), scope: 'global' },
          },
        ]
      : []),
    ...running.map((pod) => ({
      name: `${veth}${pod.id.slice(0, veth === 'cali' ? 11 : 8)}`,
      peer: '@if2',
      flags: UP,
      mtu,
      qdisc: 'noqueue',
      ...(bridge && { master: bridge }),
      state: 'UP',
      mac: macOf(pod.ip, 'ee:ee'),
      netns: `cni-${pod.id.slice(0, 8)}-${pod.id.slice(8, 12)}-${pod.id.slice(12, 16)}-${pod.id.slice(16, 20)}-${pod.id.slice(20, 32)}`,
    })),
  ];
}

const FOREVER = '       valid_lft forever preferred_lft forever';

function shown(link: Link, index: number, addresses: boolean): string[] {
  const { name, peer = '', flags, mtu, qdisc, master, state, queue, mac, address, netns } = link;
  const mode = addresses ? '' : 'mode DEFAULT ';
  const kind = name === 'lo' ? 'loopback' : 'ether';
  const broadcast = name === 'lo' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  const lines = [
    `${index}: ${name}${peer}: <${flags}> mtu ${mtu} qdisc ${qdisc} ${master ? `master ${master} ` : ''}state ${state} ${mode}group default ${queue ? `qlen ${queue}` : ''}`,
    `    link/${kind} ${mac} brd ${broadcast}${netns ? ` link-netns ${netns}` : ''}`,
  ];
  if (!addresses || !address) return lines;
  const range = address.broadcast ? ` brd ${address.broadcast}` : '';
  lines.push(`    inet ${address.ip}/${address.bits}${range} scope ${address.scope} ${name}`, FOREVER);
  if (name === 'lo') lines.push('    inet6 ::1/128 scope host noprefixroute ', FOREVER);
  return lines;
}

const brief = (link: Link, addresses: boolean): string => {
  const { name, peer = '', state, address, mac, flags } = link;
  const rest = addresses
    ? address
      ? `${address.ip}/${address.bits} ${name === 'lo' ? '::1/128 ' : ''}`
      : ''
    : `${mac} <${flags}> `;
  return `${`${name}${peer}`.padEnd(16)} ${state.padEnd(14)} ${rest}`;
};

function routes(host: NodeHost): string[] {
  const { internalIP } = host.record();
  const { overlay, bridge } = networkOf(host);
  const others = host
    .list('nodes')
    .flatMap(({ metadata, spec, status }) => {
      const cidr = spec?.podCIDR;
      const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      return cidr ? [{ name: metadata.name!, cidr, address }] : [];
    })
    .sort((a, b) => (a.cidr < b.cidr ? -1 : 1));
  const toPods = others.flatMap(({ name, cidr, address }) => {
    const first = cidr.split('/')[0]!;
    if (name === host.name)
      return bridge && pods(host).length > 0
        ? [`${cidr} dev ${bridge} proto kernel scope link src ${ends(first, 1)} `]
        : pods(host).map(({ ip, id }) => `${ip} dev cali${id.slice(0, 11)} scope link `);
    return overlay ? [`${cidr} via ${first} dev ${overlay} onlink `] : [`${cidr} via ${address} dev eth0 `];
  });
  return [
    `default via ${ends(internalIP, 1)} dev eth0 proto static `,
    ...toPods,
    `${ends(internalIP, 0)}/24 dev eth0 proto kernel scope link src ${internalIP} `,
  ];
}

function neighbours(host: NodeHost): string[] {
  const { internalIP } = host.record();
  const { overlay, bridge } = networkOf(host);
  const others = host.list('nodes').filter(({ metadata }) => metadata.name !== host.name);
  return [
    ...pods(host).map(({ ip }) => `${ip} dev ${bridge ?? 'cali'} lladdr ${macOf(ip)} REACHABLE `),
    ...others.flatMap(({ spec, status }) => {
      const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      const range = spec?.podCIDR?.split('/')[0];
      return [
        ...(address ? [`${address} dev eth0 lladdr ${macOf(address, '52:54')} REACHABLE `] : []),
        ...(overlay && range ? [`${range} dev ${overlay} lladdr ${macOf(range, '5a:1c')} PERMANENT `] : []),
      ];
    }),
    `${ends(internalIP, 1)} dev eth0 lladdr ${macOf(ends(internalIP, 1), '52:54')} REACHABLE `,
  ];
}

function routeTo(host: NodeHost, target: string): string {
  const { internalIP } = host.record();
  const own = pods(host).find(({ ip }) => ip === target);
  if (own) return `${target} dev ${networkOf(host).bridge ?? 'cali'} src ${ends(target, 1)} uid 0 \n    cache \n`;
  const near = ends(target, 0) === ends(internalIP, 0);
  return `${target} ${near ? '' : `via ${ends(internalIP, 1)} `}dev eth0 src ${internalIP} uid 0 \n    cache \n`;
}

const OBJECTS = ['address', 'link', 'route', 'neighbour', 'netns', 'rule'];

/** ip of iproute2 on a node: the interfaces that its network's add-on has made, and where they lead. */
export function ip(host: NodeHost, { argv }: CommandContext): CommandResult {
  const words = argv.slice(1);
  const [what = '', ...rest] = words.filter((word) => !word.startsWith('-'));
  const object =
    OBJECTS.find((name) => what !== '' && name.startsWith(what)) ?? (what === 'neighbor' ? 'neighbour' : undefined);
  const short = words.some((word) => /^-br(ief)?$/.test(word));
  const text = (lines: string[]) => ok(lines.map((line) => `${line}\n`).join(''));
  if (['add', 'append', 'replace', 'set', 'del', 'delete', 'flush'].includes(rest[0] ?? ''))
    return fail('kubemu shows the network of its machines and changes none of it: its pods would not follow\n', 2);
  if (object === 'route') {
    if (rest[0] === 'get' && rest[1]) return ok(routeTo(host, rest[1]));
    return text(routes(host));
  }
  if (object === 'neighbour') return text(neighbours(host));
  if (object === 'netns')
    return text(
      pods(host).map(
        ({ id }) =>
          `cni-${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20, 32)}`,
      ),
    );
  if (object === 'rule')
    return text(['0:\tfrom all lookup local', '32766:\tfrom all lookup main', '32767:\tfrom all lookup default']);
  if (object !== 'address' && object !== 'link')
    return fail(
      what === ''
        ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n'
        : `Object "${what}" is unknown, try "ip help".\n`,
    );
  const type = rest.includes('type') ? rest[rest.indexOf('type') + 1] : undefined;
  const named = rest.filter(
    (word, i) => !['show', 'list', 'ls', 's', 'dev', 'type', 'up'].includes(word) && rest[i - 1] !== 'type',
  )[0];
  const kinds: Record<string, (link: Link) => boolean> = {
    bridge: ({ name }) => name === 'cni0',
    veth: ({ peer }) => peer !== undefined,
    vxlan: ({ name }) => name === 'flannel.1' || name.startsWith('vxlan'),
  };
  const all = linksOf(host)
    .map((link, i) => ({ link, index: i + 1 }))
    .filter(
      ({ link }) =>
        (named === undefined || link.name === named) && (type === undefined || (kinds[type]?.(link) ?? false)),
    );
  if (named !== undefined && all.length === 0) return fail(`Device "${named}" does not exist.\n`);
  const addresses = object === 'address';
  const only4 = words.includes('-4') && addresses;
  return text(
    all
      .filter(({ link }) => !only4 || link.address)
      .flatMap(({ link, index }) => {
        if (short) return [brief(link, addresses)];
        const lines = shown(link, index, addresses);
        return only4 ? [lines[0]!, ...lines.slice(2, 4)] : lines;
      }),
  );
}
