import { cidrContains, parseCidr, parseIp } from '../../base/ip.ts';
import type { NodeHost } from '../host.ts';
import { changesOf } from './changes.ts';
import { ends, linksOf, macOf, networkOf, podsWithNetwork } from './links.ts';

function shippedRoutes(host: NodeHost): string[] {
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
      return bridge && podsWithNetwork(host).length > 0
        ? [`${cidr} dev ${bridge} proto kernel scope link src ${ends(first, 1)} `]
        : podsWithNetwork(host).map(({ ip, id }) => `${ip} dev cali${id.slice(0, 11)} scope link `);
    return overlay ? [`${cidr} via ${first} dev ${overlay} onlink `] : [`${cidr} via ${address} dev eth0 `];
  });
  return [
    `default via ${ends(internalIP, 1)} dev eth0 proto static `,
    ...toPods,
    `${ends(internalIP, 0)}/24 dev eth0 proto kernel scope link src ${internalIP} `,
  ];
}

const deviceOf = (route: string): string => / dev (\S+)/.exec(route)?.[1] ?? '';

/** The kernel's main table, each line as `ip route` shows it: without what leads over an interface that is down. */
export function routesOf(host: NodeHost): string[] {
  const { routes, unrouted } = changesOf(host);
  const live = new Map(linksOf(host).map(({ name, flags }) => [name, flags.includes(',UP')]));
  const own = linksOf(host).flatMap(({ name, addresses }) =>
    changesOf(host)
      .addresses.filter(({ dev, ip }) => dev === name && addresses.some((one) => one.ip === ip))
      .filter(({ bits }) => bits < 32)
      .map(({ ip, bits }) => `${networkAddress(ip, bits)}/${bits} dev ${name} proto kernel scope link src ${ip} `),
  );
  return [...shippedRoutes(host), ...own, ...routes].filter(
    (route) => live.get(deviceOf(route)) !== false && !unrouted.includes(route.split(' ')[0]!),
  );
}

/** The first address of a range. */
export function networkAddress(ip: string, bits: number): string {
  const value = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(value / 2 ** (32 - bits)) * 2 ** (32 - bits);
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}

/** The machines and pods whose hardware addresses are known, each as `ip neigh` shows it. */
export function neighbours(host: NodeHost): string[] {
  const { internalIP } = host.record();
  const { overlay, bridge } = networkOf(host);
  const others = host.list('nodes').filter(({ metadata }) => metadata.name !== host.name);
  return [
    ...podsWithNetwork(host).map(({ ip }) => `${ip} dev ${bridge ?? 'cali'} lladdr ${macOf(ip)} REACHABLE `),
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

/** Where a packet to an address leaves the machine, as `ip route get` tells it. */
export function routeTo(host: NodeHost, target: string): string | undefined {
  if (/^127\./.test(target) || target === host.record().internalIP)
    return `local ${target} dev lo src ${target} uid 0 \n    cache <local> \n`;
  const ip = parseIp(target);
  const found = routesOf(host)
    .flatMap((route) => {
      const [to = ''] = route.split(' ');
      const cidr = parseCidr(to === 'default' ? '0.0.0.0/0' : to.includes('/') ? to : `${to}/32`);
      return ip && cidr && cidrContains(cidr, ip)
        ? [{ route, bits: to === 'default' ? 0 : Number(to.split('/')[1] ?? 32) }]
        : [];
    })
    .sort((a, b) => b.bits - a.bits)[0];
  if (!found) return undefined;
  const dev = deviceOf(found.route);
  const via = / via (\S+)/.exec(found.route)?.[1];
  const source =
    / src (\S+)/.exec(found.route)?.[1] ??
    linksOf(host).find(({ name }) => name === dev)?.addresses[0]?.ip ??
    host.record().internalIP;
  return `${target} ${via ? `via ${via} ` : ''}dev ${dev} src ${source} uid 0 \n    cache \n`;
}
