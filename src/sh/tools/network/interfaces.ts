import { fail, isBusybox, linesOf, ok, type Tool, type ToolContext } from '../tool.ts';

/** What a container has beside its loopback. */
interface Interface {
  address: string;
  gateway: string;
  network: string;
  broadcast: string;
  mac: string;
}

const MTU = 1450;

/** The address that /etc/hosts gives this machine. */
function ownAddress(context: ToolContext): string {
  if (context.machine.address !== undefined) return context.machine.address;
  try {
    const row = linesOf(context.machine.files.read('/etc/hosts'))
      .map((line) => line.split(/\s+/))
      .find((words) => words.includes(context.machine.hostname));
    return row?.[0] ?? '127.0.0.1';
  } catch {
    return '127.0.0.1';
  }
}

function interfaceOf(context: ToolContext): Interface {
  const address = ownAddress(context);
  const at = (last: string) => address.replace(/[0-9]+$/, last);
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return { address, gateway: at('1'), network: at('0'), broadcast: at('255'), mac: `0a:58:${bytes.join(':')}` };
}

/** `ip` of busybox and of iproute2: address, link, route. */
export const ip: Tool = (context) => {
  const busybox = isBusybox(context);
  const words = context.argv.slice(1);
  const [what = '', ...rest] = words.filter((word) => !word.startsWith('-'));
  const brief = words.some((word) => /^-br(ief)?$/.test(word));
  const own = interfaceOf(context);
  const device =
    rest.find((_, index) => rest[index - 1] === 'dev') ?? rest.find((word) => word === 'lo' || word === 'eth0');
  if (device !== undefined && device !== 'lo' && device !== 'eth0')
    return fail(busybox ? `ip: can't find device '${device}'\n` : `Device "${device}" does not exist.\n`);
  if (what !== '' && 'route'.startsWith(what)) return route(busybox, own, rest);
  if (what !== '' && ('address'.startsWith(what) || 'link'.startsWith(what))) {
    const withAddresses = 'address'.startsWith(what);
    const blocks = [loopback(busybox, withAddresses, brief), ethernet(busybox, own, withAddresses, brief)];
    return ok(blocks.filter((_, index) => device === undefined || (device === 'lo') === (index === 0)).join(''));
  }
  if (what !== '' && ('neighbour'.startsWith(what) || 'neighbor'.startsWith(what)))
    return ok(
      `${own.gateway} dev eth0 lladdr ${own.mac.replace(/..$/, '01')} ${busybox ? 'used 0/0/0 probes 0 ' : ''}REACHABLE\n`,
    );
  return fail(busybox ? `ip: invalid argument '${what}' to 'ip'\n` : `Object "${what}" is unknown, try "ip help".\n`);
};

const FOREVER = '       valid_lft forever preferred_lft forever\n';

function loopback(busybox: boolean, addresses: boolean, brief: boolean): string {
  if (brief)
    return `lo               UNKNOWN        ${addresses ? '127.0.0.1/8 ::1/128 ' : '00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> '}\n`;
  const group = busybox ? '' : `${addresses ? '' : 'mode DEFAULT '}group default `;
  const inet = `    inet 127.0.0.1/8 scope host lo\n${FOREVER}    inet6 ::1/128 scope host ${busybox ? '' : 'proto kernel_lo '}\n${FOREVER}`;
  return `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN ${group}qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n${addresses ? inet : ''}`;
}

function ethernet(
  busybox: boolean,
  { address, broadcast, mac }: Interface,
  addresses: boolean,
  brief: boolean,
): string {
  if (brief)
    return `eth0@if5         UP             ${addresses ? `${address}/24 ` : `${mac} <BROADCAST,MULTICAST,UP,LOWER_UP> `}\n`;
  const flags = `BROADCAST,MULTICAST,UP,LOWER_UP${busybox ? ',M-DOWN' : ''}`;
  const group = busybox ? '' : `${addresses ? '' : 'mode DEFAULT '}group default qlen 1000`;
  const inet = `    inet ${address}/24 brd ${broadcast} scope global eth0\n${FOREVER}`;
  return `2: eth0@if5: <${flags}> mtu ${MTU} qdisc noqueue state UP ${group}\n    link/ether ${mac} brd ff:ff:ff:ff:ff:ff${busybox ? '' : ' link-netnsid 0'}\n${addresses ? inet : ''}`;
}

function route(busybox: boolean, { address, gateway, network }: Interface, rest: string[]) {
  const [verb, target] = rest;
  if (verb === 'get' && target)
    return ok(
      `${target} via ${gateway} dev eth0 ${busybox ? ' ' : ''}src ${address} ${busybox ? '' : 'uid 0 '}\n    cache \n`,
    );
  const link = busybox ? `dev eth0 scope link  src ${address} ` : `dev eth0 proto kernel scope link src ${address} `;
  return ok(`default via ${gateway} dev eth0 \n${network}/24 ${link}\n`);
}

export const ifconfig: Tool = (context) => {
  const { address, broadcast, mac } = interfaceOf(context);
  const counters = (packets: number) =>
    `          RX packets:${packets} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:${packets} errors:0 dropped:0 overruns:0 carrier:0\n`;
  const wanted = context.argv.slice(1).find((word) => !word.startsWith('-'));
  const blocks: Record<string, string> = {
    eth0: `eth0      Link encap:Ethernet  HWaddr ${mac.toUpperCase()}  \n          inet addr:${address}  Bcast:${broadcast}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:${MTU}  Metric:1\n${counters(12)}          collisions:0 txqueuelen:0 \n          RX bytes:1016 (1016.0 B)  TX bytes:1016 (1016.0 B)\n\n`,
    lo: `lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n${counters(0)}          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n`,
  };
  if (wanted !== undefined && blocks[wanted] === undefined)
    return fail(`ifconfig: ${wanted}: error fetching interface information: Device not found\n`);
  return ok(wanted === undefined ? Object.values(blocks).join('') : blocks[wanted]!);
};

/** `route` and `route -n` */
export const routes: Tool = (context) => {
  const { gateway, network } = interfaceOf(context);
  const numeric = context.argv.includes('-n');
  const row = (to: string, via: string, mask: string, flags: string) =>
    `${to.padEnd(15)} ${via.padEnd(15)} ${mask.padEnd(15)} ${flags.padEnd(5)} 0      0        0 eth0\n`;
  return ok(
    `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n${row(numeric ? '0.0.0.0' : 'default', gateway, '0.0.0.0', 'UG')}${row(network, numeric ? '0.0.0.0' : '*', '255.255.255.0', 'U')}`,
  );
};
