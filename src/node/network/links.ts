import { RUNTIME_SECTIONS, type SandboxRecord } from '../../types/node-runtime.ts';
import type { NodeHost } from '../host.ts';
import { recordsOn } from '../records.ts';
import { changesOf } from './changes.ts';
import { DUMMY, serviceAddresses } from './ipvs.ts';
import { proxyMode } from './proxy.ts';

export interface Address {
  ip: string;
  bits: number;
  broadcast?: string;
  scope: string;
}

/** A network interface of a machine. */
export interface Link {
  name: string;
  /** Its number: `2: eth0`. */
  index: number;
  /** What is shown behind its name: `@if2`. */
  peer?: string;
  flags: string;
  mtu: number;
  qdisc: string;
  master?: string;
  state: string;
  queue?: number;
  mac: string;
  addresses: Address[];
  netns?: string;
}

export const macOf = (ip: string, first = '0a:58'): string =>
  `${first}:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;

export const ends = (ip: string, last: number): string => ip.replace(/\d+$/, String(last));

/** The pods of a machine that have a network of their own. */
export const podsWithNetwork = (host: NodeHost): SandboxRecord[] =>
  recordsOn<SandboxRecord>(host.state, RUNTIME_SECTIONS.sandboxes, host.name).filter(
    ({ state, hostNetwork, ip }) => state === 'ready' && !hostNetwork && ip !== '',
  );

/** How the network's add-on names what it makes. */
export function networkOf(host: NodeHost): { overlay?: string; bridge?: string; veth: string } {
  const names = host.list('daemonsets.apps').map(({ metadata }) => metadata.name!);
  if (names.some((name) => name.includes('flannel'))) return { overlay: 'flannel.1', bridge: 'cni0', veth: 'veth' };
  if (names.some((name) => name.startsWith('calico'))) return { overlay: 'vxlan.calico', veth: 'cali' };
  return { bridge: 'cni0', veth: 'veth' };
}

const UP = 'BROADCAST,MULTICAST,UP,LOWER_UP';

/** The interface on which kube-proxy in ipvs mode has all services' addresses. */
const dummy = (host: NodeHost): Omit<Link, 'index'> => ({
  name: DUMMY,
  flags: 'BROADCAST,NOARP',
  mtu: 1500,
  qdisc: 'noop',
  state: 'DOWN',
  mac: macOf(host.record().internalIP, '5e:d1'),
  addresses: serviceAddresses(host).map((ip) => ({ ip, bits: 32, scope: 'global' })),
});

/** The interfaces that the machine came with and that its network's add-on has made. */
function shippedLinks(host: NodeHost): Omit<Link, 'index'>[] {
  const { internalIP } = host.record();
  const range = host.node()?.spec?.podCIDR?.split('/')[0];
  const { overlay, bridge, veth } = networkOf(host);
  const mtu = overlay ? 1450 : 1500;
  const running = podsWithNetwork(host);
  return [
    {
      name: 'lo',
      flags: 'LOOPBACK,UP,LOWER_UP',
      mtu: 65_536,
      qdisc: 'noqueue',
      state: 'UNKNOWN',
      queue: 1000,
      mac: '00:00:00:00:00:00',
      addresses: [{ ip: '127.0.0.1', bits: 8, scope: 'host' }],
    },
    {
      name: 'eth0',
      flags: UP,
      mtu: 1500,
      qdisc: 'fq_codel',
      state: 'UP',
      queue: 1000,
      mac: macOf(internalIP, '52:54'),
      addresses: [{ ip: internalIP, bits: 24, broadcast: ends(internalIP, 255), scope: 'global' }],
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
            addresses: [{ ip: range, bits: 32, scope: 'global' }],
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
            addresses: [{ ip: ends(range, 1), bits: 24, broadcast: ends(range, 255), scope: 'global' }],
          },
        ]
      : []),
    ...(proxyMode(host) === 'ipvs' ? [dummy(host)] : []),
    ...running.map((pod) => ({
      name: `${veth}${pod.id.slice(0, veth === 'cali' ? 11 : 8)}`,
      peer: '@if2',
      flags: UP,
      mtu,
      qdisc: 'noqueue',
      ...(bridge && { master: bridge }),
      state: 'UP',
      addresses: [],
      mac: macOf(pod.ip, 'ee:ee'),
      netns: `cni-${pod.id.slice(0, 8)}-${pod.id.slice(8, 12)}-${pod.id.slice(12, 16)}-${pod.id.slice(16, 20)}-${pod.id.slice(20, 32)}`,
    })),
  ];
}

/** What an interface without a cable looks like. */
const lowered = (link: Omit<Link, 'index'>): Omit<Link, 'index'> => ({
  ...link,
  flags: link.flags.replace(/,UP,LOWER_UP/, ''),
  state: 'DOWN',
});

/** The interfaces of a machine, as they were made and as somebody has changed them since. */
export function linksOf(host: NodeHost): Link[] {
  const { added, down, up, gone, mtu, addresses, withdrawn } = changesOf(host);
  const made = Object.entries(added).map(
    ([name, { mac, kind }]): Omit<Link, 'index'> => ({
      name,
      flags: `BROADCAST,${kind === 'dummy' ? 'NOARP' : 'MULTICAST'}${up.includes(name) ? ',UP,LOWER_UP' : ''}`,
      mtu: 1500,
      qdisc: up.includes(name) ? 'noqueue' : 'noop',
      state: up.includes(name) ? 'UNKNOWN' : 'DOWN',
      queue: 1000,
      mac,
      addresses: [],
    }),
  );
  return [...shippedLinks(host), ...made]
    .map((link, i) => ({
      ...(down.includes(link.name) ? lowered(link) : link),
      index: i + 1,
      mtu: mtu[link.name] ?? link.mtu,
      addresses: [
        ...link.addresses.filter(({ ip, bits }) => !withdrawn.includes(`${link.name} ${ip}/${bits}`)),
        ...addresses.filter(({ dev }) => dev === link.name),
      ],
    }))
    .filter(({ name }) => !gone.includes(name));
}
