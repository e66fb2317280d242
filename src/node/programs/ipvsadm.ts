import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, ok, unlines } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { ipSets, nodeAddresses } from '../network/ipvs.ts';
import { linksOf } from '../network/links.ts';
import { byAddress, proxyMode, proxySetting, type VirtualServer, virtualServers } from '../network/proxy.ts';
import { chainsOf } from './iptables-command.ts';

const PORTS: Record<number, string> = { 22: 'ssh', 53: 'domain', 80: 'http', 443: 'https', 8080: 'http-alt' };

const NUMBERS: Record<string, number> = { tcp: 6, udp: 17, sctp: 132 };

const serversOf = (host: NodeHost): VirtualServer[] =>
  proxyMode(host) === 'ipvs'
    ? virtualServers(host, nodeAddresses(linksOf(host))).sort(
        (a, b) => NUMBERS[a.protocol]! - NUMBERS[b.protocol]! || byAddress(a.ip, b.ip) || a.port - b.port,
      )
    : [];

const TITLE = 'IP Virtual Server version 1.2.1 (size=4096)';
const COUNTS = ' '.repeat(8).concat('0').repeat(5);

/** What a list shows: its head, and the rest of a service's and of an endpoint's line. */
const FORMS: Record<string, { head: string[]; service(text: string): string; end(text: string): string }> = {
  usual: {
    head: [
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    ],
    service: (text) => text,
    end: (text) => `  -> ${text.padEnd(28)} ${'Masq'.padEnd(7)} ${'1'.padEnd(6)} ${'0'.padEnd(10)} ${'0'.padEnd(10)}`,
  },
  stats: {
    head: ['Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes', '  -> RemoteAddress:Port'],
    service: (text) => `${text.split(' ').slice(0, 3).join(' ').padEnd(33)}${COUNTS}`,
    end: (text) => `  -> ${text.padEnd(28)}${COUNTS}`,
  },
  rate: {
    head: ['Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS', '  -> RemoteAddress:Port'],
    service: (text) => `${text.split(' ').slice(0, 3).join(' ').padEnd(33)}${COUNTS}`,
    end: (text) => `  -> ${text.padEnd(28)}${COUNTS}`,
  },
};

/** ipvsadm lists what kube-proxy in ipvs mode has written; kube-proxy alone writes it. */
export function ipvsadm(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv.slice(1);
  const letters = words.filter((word) => /^-[a-zA-Z]+$/.test(word)).join('');
  const has = (letter: string, long: string) => letters.includes(letter) || words.includes(`--${long}`);
  if (user !== 'root') return fail("Can't initialize ipvs: Permission denied (you must be root)\n", 255);
  if (words.includes('--version') || letters.includes('v'))
    return ok('ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n');
  if (words.includes('-h') || words.includes('--help'))
    return ok(
      'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\nUsage:\n  ipvsadm -L|l [-t|u service-address] [-n] [-c] [--stats] [--rate] [--timeout]\n  ipvsadm -S [-n]\n',
    );
  const saving = letters.includes('S') || words.includes('--save');
  if (words.length > 0 && !saving && !has('L', 'list') && !has('l', 'list') && !words.every((word) => word === '-n'))
    return fail('kubemu: ipvsadm lists what kube-proxy writes, and changes nothing\n', 1);
  const numeric = has('n', 'numeric');
  const named = ({ ip, port }: { ip: string; port: number }) => `${ip}:${numeric ? port : (PORTS[port] ?? port)}`;
  const scheduler = proxySetting(host, 'scheduler') ?? 'rr';
  const wanted = words.find((_, at) => /^-[tu]$|^--(tcp|udp)-service$/.test(words[at - 1] ?? ''));
  const servers = serversOf(host).filter((server) => wanted === undefined || `${server.ip}:${server.port}` === wanted);
  if (wanted !== undefined && servers.length === 0) return fail('No such service\n', 255);
  if (saving) {
    const flag = ({ protocol }: VirtualServer) =>
      protocol === 'udp' ? '-u' : protocol === 'tcp' ? '-t' : '--sctp-service';
    return ok(
      unlines(
        servers.flatMap((server) => [
          `-A ${flag(server)} ${named(server)} -s ${scheduler}${server.affinity ? ` -p ${server.affinity}` : ''}`,
          ...server.endpoints.map((end) => `-a ${flag(server)} ${named(server)} -r ${named(end)} -m -w 1`),
        ]),
      ),
    );
  }
  if (words.includes('--timeout')) return ok('Timeout (tcp tcpfin udp): 900 120 300\n');
  if (has('c', 'connection'))
    return ok('IPVS connection entries\npro expire state       source             virtual            destination\n');
  const form = FORMS[words.includes('--stats') ? 'stats' : words.includes('--rate') ? 'rate' : 'usual']!;
  const lines = servers.flatMap((server) => [
    form.service(
      `${server.protocol.toUpperCase()}  ${named(server)} ${scheduler}${server.affinity ? ` persistent ${server.affinity}` : ''}`,
    ),
    ...[...server.endpoints].sort((a, b) => byAddress(a.ip, b.ip)).map((end) => form.end(named(end))),
  ]);
  return ok(unlines([TITLE, ...form.head, ...lines]));
}

const HEADERS: Record<string, string> = {
  'bitmap:port': 'range 0-65535',
  hash: 'family inet hashsize 1024 maxelem 65536',
};

/** ipset: the sets that kube-proxy in ipvs mode has made. */
export function ipset(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv
    .slice(1)
    .filter((word, at) => !/^-(o|n|t|name|terse|output)$/.test(word) && !/^-o(utput)?$/.test(argv[at] ?? ''));
  const [verb = '', name] = words;
  if (user !== 'root') return fail('ipset v7.19: Kernel error received: Operation not permitted\n');
  if (/^(version|-v|--version|-V)$/.test(verb)) return ok('ipset v7.19, protocol version: 7\n');
  const sets = proxyMode(host) === 'ipvs' ? ipSets(host, nodeAddresses(linksOf(host))) : [];
  const shown = name === undefined ? sets : sets.filter((set) => set.name === name);
  if (!/^(l|list|-L|s|save|-S)$/.test(verb))
    return verb === ''
      ? fail("ipset v7.19: No command specified.\nTry `ipset help' for more information.\n", 2)
      : fail('kubemu: ipset lists what kube-proxy writes, and changes nothing\n');
  if (name !== undefined && shown.length === 0)
    return fail('ipset v7.19: The set with the given name does not exist\n');
  if (argv.includes('-n') || argv.includes('-name')) return ok(unlines(shown.map((set) => set.name)));
  const header = (type: string) => HEADERS[type] ?? HEADERS.hash!;
  if (/^(s|save|-S)$/.test(verb) || argv.includes('save'))
    return ok(
      unlines(
        shown.flatMap((set) => [
          `create ${set.name} ${set.type} ${header(set.type)}`,
          ...set.members.map((member) => `add ${set.name} ${member}`),
        ]),
      ),
    );
  const rules = ['nat', 'filter'].flatMap((table) => chainsOf(host, 4, table)!.flatMap((chain) => chain.rules));
  const terse = argv.includes('-t') || argv.includes('-terse');
  return ok(
    shown
      .map(({ name: own, type, members }) => {
        const used = rules.filter(({ extra }) => extra.includes(`match-set ${own} `)).length;
        const size = type === 'bitmap:port' ? 8264 : 200 + members.length * 64;
        const head = [
          `Name: ${own}`,
          `Type: ${type}`,
          `Revision: ${type === 'bitmap:port' ? 3 : type === 'hash:ip,port,net' ? 8 : 6}`,
          `Header: ${header(type)}${type === 'bitmap:port' ? '' : ' bucketsize 12 initval 0x5a3c1e07'}`,
          `Size in memory: ${size}`,
          `References: ${used}`,
          `Number of entries: ${members.length}`,
        ];
        return unlines(terse ? head : [...head, 'Members:', ...members]);
      })
      .join('\n'),
  );
}
