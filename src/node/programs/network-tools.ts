import { TOOLS } from '../../sh/tools/index.ts';
import { waitOf } from '../../sh/tools/network/failures.ts';
import { fail, ok, type ToolContext, unlines } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { linksOf } from '../network/links.ts';
import { neighbours, routesOf, routeTo } from '../network/routes.ts';
import type { Program } from './index.ts';

const isNumeric = (argv: string[]): boolean => argv.some((word) => /^-[a-z]*n/.test(word));
const word = (line: string, name: string): string | undefined => new RegExp(` ${name} (\\S+)`).exec(line)?.[1];

/** arp [-n]: whose hardware addresses are known. */
const arp: Program = (host) => {
  const rows = neighbours(host).map((line) => [
    line.split(' ')[0]!,
    word(line, 'lladdr') ?? '',
    word(line, 'dev') ?? '',
  ]);
  return ok(
    unlines([
      'Address                  HWtype  HWaddress           Flags Mask            Iface',
      ...rows.map(
        ([address = '', mac, dev = '']) => `${address.padEnd(24)} ether   ${mac}   C                     ${dev}`,
      ),
    ]),
  );
};

const maskOf = (bits: number): string =>
  [24, 16, 8, 0].map((shift) => ((bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0) >>> shift) & 255).join('.');

/** The main table's rows: where to, through whom, under which mask, with which flags, by which interface. */
const routeRows = (host: NodeHost, numeric: boolean): string[][] =>
  routesOf(host).map((line) => {
    const [to = ''] = line.split(' ');
    const [network = '', bits = '32'] = to === 'default' ? ['0.0.0.0', '0'] : to.split('/');
    const via = word(line, 'via');
    const shown = to === 'default' && !numeric ? 'default' : network;
    const flags = via ? 'UG' : bits === '32' ? 'UH' : 'U';
    return [shown, via ?? (numeric ? '0.0.0.0' : '*'), maskOf(Number(bits)), flags, word(line, 'dev') ?? ''];
  });

/** A table of routes; `between`: what stands between a row's flags and its interface. */
const routeTable = (host: NodeHost, numeric: boolean, titles: string, between: string): string =>
  unlines([
    'Kernel IP routing table',
    `Destination     Gateway         Genmask         ${titles}`,
    ...routeRows(host, numeric).map(
      ([to = '', via = '', mask = '', flags = '', dev]) =>
        `${to.padEnd(15)} ${via.padEnd(15)} ${mask.padEnd(15)} ${flags.padEnd(5)}${between}${dev}`,
    ),
  ]);

/** route [-n]: the main table the older way. */
const route: Program = (host, { argv }) =>
  ok(routeTable(host, isNumeric(argv), 'Flags Metric Ref    Use Iface', ' 0      0        0 '));

/** netstat of a node: -r and -i are about the machine, the rest is every machine's. */
const netstat: Program = (host, context) => {
  const letters = context.argv
    .slice(1)
    .map((text) => ({ '--route': 'r', '--interfaces': 'i' })[text] ?? (/^-[a-zA-Z]+$/.test(text) ? text.slice(1) : ''))
    .join('');
  if (letters.includes('r'))
    return ok(routeTable(host, letters.includes('n'), 'Flags   MSS Window  irtt Iface', '     0 0          0 '));
  if (letters.includes('i')) {
    const rows = linksOf(host)
      .filter(({ flags }) => flags.includes('UP'))
      .map(({ name, mtu, index }) => {
        const packets = String(1204 * index).padStart(8);
        return `${name.slice(0, 15).padEnd(15)} ${String(mtu).padStart(5)} ${packets}      0      0 0      ${packets}      0      0      0 ${name === 'lo' ? 'LRU' : 'BMRU'}`;
      });
    return ok(
      unlines([
        'Kernel Interface table',
        'Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg',
        ...rows,
      ]),
    );
  }
  return TOOLS.netstat!(context as ToolContext);
};

const ifconfig: Program = (host, { argv }) => {
  const [wanted] = argv.slice(1).filter((text) => !text.startsWith('-'));
  const found = linksOf(host).filter(({ name, flags }) =>
    wanted === undefined ? flags.includes(',UP') : name === wanted,
  );
  if (wanted !== undefined && found.length === 0)
    return fail(`${wanted}: error fetching interface information: Device not found\n`);
  const blocks = found.map(({ name, flags, mtu, mac, queue = 0, addresses, index }) => {
    const loopback = name === 'lo';
    const words = loopback
      ? 'UP,LOOPBACK,RUNNING'
      : flags.includes(',UP')
        ? 'UP,BROADCAST,RUNNING,MULTICAST'
        : 'BROADCAST,MULTICAST';
    const number = loopback ? 73 : flags.includes(',UP') ? 4163 : 4098;
    const counters = (kind: 'RX' | 'TX', last: string) => [
      `        ${kind} packets ${1204 * index}  bytes ${98_304 * index} (${(98.3 * index).toFixed(1)} KB)`,
      `        ${kind} errors 0  dropped 0  ${last}`,
    ];
    return [
      `${name}: flags=${number}<${words}>  mtu ${mtu}`,
      ...addresses.map(
        ({ ip, bits, broadcast }) =>
          `        inet ${ip}  netmask ${maskOf(bits)}${broadcast ? `  broadcast ${broadcast}` : ''}`,
      ),
      ...(loopback ? ['        inet6 ::1  prefixlen 128  scopeid 0x10<host>'] : []),
      loopback
        ? `        loop  txqueuelen ${queue}  (Local Loopback)`
        : `        ether ${mac}  txqueuelen ${queue}  (Ethernet)`,
      ...counters('RX', 'overruns 0  frame 0'),
      ...counters('TX', 'overruns 0 carrier 0  collisions 0'),
      '',
    ];
  });
  return ok(unlines(blocks.flat()));
};

/** Whether a machine answers, through one router where it is not near. */
const traceroute: Program = (host, { argv, machine }) => {
  const [target] = argv.slice(1).filter((text) => !text.startsWith('-') && !/^\d+$/.test(text));
  if (target === undefined) return fail('Usage: traceroute [ -46dFITnreAUDV ] host [ packetlen ]\n', 2);
  const numeric = /^[\d.]+$/.test(target);
  const named = numeric ? undefined : host.list('nodes').find(({ metadata }) => metadata.name === target);
  const address = numeric ? target : named?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  if (address === undefined)
    return fail(
      `${target}: Name or service not known\nCannot handle "host" cmdline arg \`${target}' on position 1 (argc ${argv.length - 1})\n`,
      2,
    );
  const path = routeTo(host, address);
  const reached = machine.network.ping(address) === 'open';
  const via = path && word(path, 'via');
  const hop = (number: number, ip: string, ms: number) =>
    `${String(number).padStart(2)}  ${ip} (${ip})  ${ms.toFixed(3)} ms  ${(ms * 0.9).toFixed(3)} ms  ${(ms * 0.86).toFixed(3)} ms`;
  const silent = Array.from({ length: 30 }, (_, i) => `${String(i + 1).padStart(2)}  * * *`);
  const hops = via
    ? [hop(1, via, 0.412), ...(reached ? [hop(2, address, 0.731)] : silent.slice(1))]
    : reached
      ? [hop(1, address, 0.214)]
      : silent;
  return {
    ...ok(unlines([`traceroute to ${target} (${address}), 30 hops max, 60 byte packets`, ...hops])),
    after: reached ? 10 : waitOf('no-route'),
  };
};

/** tcpdump tells what it would listen to; kubemu sends no packets that it could see. */
const tcpdump: Program = (host, { argv, user }) => {
  const words = argv.slice(1);
  const device = words.includes('-i') ? words[words.indexOf('-i') + 1]! : 'eth0';
  const all = linksOf(host);
  if (words.includes('-D'))
    return ok(
      unlines([
        ...all.map(({ name }, i) => `${i + 1}.${name} [Up, Running]`),
        `${all.length + 1}.any (Pseudo-device that captures on all interfaces) [Up, Running]`,
      ]),
    );
  if (words.includes('--version')) return ok('tcpdump version 4.99.4\nlibpcap version 1.10.4 (with TPACKET_V3)\n');
  if (user !== 'root')
    return fail(
      `tcpdump: ${device}: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n`,
    );
  if (device !== 'any' && !all.some(({ name }) => name === device))
    return fail(`tcpdump: ${device}: No such device exists\n(No such device exists)\n`);
  const kind = device === 'any' ? 'LINUX_SLL2 (Linux cooked v2)' : 'EN10MB (Ethernet)';
  return {
    stdout: '',
    stderr: `tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on ${device}, link-type ${kind}, snapshot length 262144 bytes\n\n0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n`,
    code: 0,
  };
};

const ethtool: Program = (host, { argv }) => {
  const name = argv.slice(1).find((text) => !text.startsWith('-')) ?? '';
  const link = linksOf(host).find((one) => one.name === name);
  if (!link)
    return fail(
      `netlink error: no device matches name (offset 24)\nnetlink error: No such device\nNo data available\n`,
      75,
    );
  return ok(
    unlines([
      `Settings for ${name}:`,
      '\tSupported ports: [  ]',
      '\tSpeed: Unknown!',
      '\tDuplex: Unknown! (255)',
      '\tAuto-negotiation: off',
      '\tPort: Other',
      '\tPHYAD: 0',
      '\tTransceiver: internal',
      `\tLink detected: ${link.flags.includes(',UP') ? 'yes' : 'no'}`,
    ]),
  );
};

const bridge: Program = (host, { argv }) => {
  const [what] = argv.slice(1).filter((text) => !text.startsWith('-'));
  const ports = linksOf(host).filter(({ master }) => master !== undefined);
  if (what === 'link')
    return ok(
      unlines(
        ports.map(
          ({ index, name, peer = '', mtu, master, flags }) =>
            `${index}: ${name}${peer}: <${flags}> mtu ${mtu} master ${master} state forwarding priority 32 cost 2 `,
        ),
      ),
    );
  if (what === 'fdb')
    return ok(
      unlines(
        neighbours(host)
          .filter((line) => line.includes('PERMANENT'))
          .map((line) => `${word(line, 'lladdr')} dev ${word(line, 'dev')} dst ${line.split(' ')[0]} self permanent`),
      ),
    );
  return fail('Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }\n', 255);
};

const resolvectl: Program = (host, { argv, machine }) => {
  const [verb = 'status', name = ''] = argv.slice(1).filter((text) => !text.startsWith('-'));
  const server = /nameserver (\S+)/.exec(host.files.read('/run/systemd/resolve/resolv.conf'))?.[1] ?? '8.8.8.8';
  if (verb === 'query') {
    const reply = machine.network.query('127.0.0.53', name, 'A');
    const found = 'failure' in reply ? [] : reply.answers.filter(({ type }) => type === 'A');
    if (found.length === 0) return fail(`${name}: resolve call failed: '${name}' not found\n`);
    return ok(
      unlines([
        ...found.map(({ data }) => `${name}: ${data}                     -- link: eth0`),
        '',
        '-- Information acquired via protocol DNS in 12.4ms.',
        '-- Data is authenticated: no; Data was acquired via local or encrypted transport: no',
        '-- Data from: network',
      ]),
    );
  }
  const modes = '-LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported';
  return ok(
    unlines([
      'Global',
      `         Protocols: ${modes}`,
      '  resolv.conf mode: stub',
      '',
      'Link 2 (eth0)',
      '    Current Scopes: DNS',
      `         Protocols: +DefaultRoute ${modes}`,
      `Current DNS Server: ${server}`,
      `       DNS Servers: ${server}`,
    ]),
  );
};

const RULES = 'ufw';
interface Firewall {
  active: boolean;
  rules: [to: string, action: string, from: string][];
}

const firewallOf = (host: NodeHost): Firewall =>
  host.state.section<Firewall>(RULES).get(host.name) ?? { active: false, rules: [] };

/** ufw: its rules are kept and shown; nothing is filtered by them. */
const ufw: Program = (host, { argv, user }) => {
  const [verb = '', ...rest] = argv.slice(1).filter((text) => !text.startsWith('-'));
  if (user !== 'root') return fail('ERROR: You need to be root to run this script\n');
  const note = (change: Partial<Firewall>) =>
    host.state.section<Firewall>(RULES).set(host.name, { ...firewallOf(host), ...change });
  const { active, rules } = firewallOf(host);
  switch (verb) {
    case 'status': {
      if (!active) return ok('Status: inactive\n');
      const rows = rules.map(([to, action, from]) => `${to.padEnd(26)} ${action.padEnd(11)} ${from}`);
      const head = ['To                         Action      From', '--                         ------      ----'];
      return ok(unlines(['Status: active', ...(rows.length > 0 ? ['', ...head, ...rows, ''] : [])]));
    }
    case 'enable':
      note({ active: true });
      return ok('Firewall is active and enabled on system startup\n');
    case 'disable':
      note({ active: false });
      return ok('Firewall stopped and disabled on system startup\n');
    case 'reload':
      return ok(active ? 'Firewall reloaded\n' : 'Firewall not enabled (skipping reload)\n');
    case 'allow':
    case 'deny': {
      const to = rest.at(-1) ?? '';
      if (to === '') return fail('ERROR: Not enough args\n');
      note({ rules: [...rules, [to, verb.toUpperCase(), 'Anywhere']] });
      return ok(active ? 'Rule added\n' : 'Rules updated\nRules updated (v6)\n');
    }
    case 'delete': {
      const left = rules.filter(([to]) => to !== rest.at(-1));
      if (left.length === rules.length) return ok('Could not delete non-existent rule\n');
      note({ rules: left });
      return ok('Rule deleted\n');
    }
    case '':
      return fail('ERROR: not enough args\n');
    default:
      return fail('ERROR: Invalid syntax\n\nUsage: ufw COMMAND\n');
  }
};

/** What looks at the machine's network besides `ip`. */
export const NETWORK_TOOLS: Record<string, Program> = {
  arp,
  bridge,
  ethtool,
  ifconfig,
  netstat,
  resolvectl,
  route,
  tcpdump,
  traceroute,
  tracepath: traceroute,
  ufw,
};
