import { cidrContains, parseCidr, parseIp } from '../../base/ip.ts';
import type { State } from '../../store/section.ts';
import { ANY } from '../programs/iptables.ts';
import type { Matches, OwnRule } from './rules.ts';
import { isFiltering, ownChain } from './store.ts';

export interface Packet {
  from: string;
  to: string;
  port: number;
  /** `tcp`, `udp`, `icmp` */
  protocol: string;
  /** It stays on the machine. */
  loopback?: boolean;
}

type Verdict = 'accept' | 'drop' | 'reject';

function within(ip: string, wanted: string): boolean {
  if (wanted === ANY) return true;
  const not = wanted.startsWith('!');
  const text = not ? wanted.slice(1) : wanted;
  const cidr = parseCidr(text.includes('/') ? text : `${text}/32`);
  const own = parseIp(ip);
  return (cidr !== undefined && own !== undefined && cidrContains(cidr, own)) !== not;
}

const hasPort = (port: number, wanted: string): boolean => {
  const [from = '', to = from] = wanted.split(':');
  return port >= Number(from) && port <= Number(to);
};

/** Whether the first packet of a connection is one that a rule is for. */
function applies({ protocol, source, destination, matches }: OwnRule, packet: Packet): boolean {
  if (protocol !== 'all' && protocol !== packet.protocol) return false;
  if (!within(packet.from, source) || !within(packet.to, destination)) return false;
  return fits(matches, packet);
}

function fits({ port, sourcePort, states, incoming, outgoing }: Matches, packet: Packet): boolean {
  // Where a client sends from, nobody knows.
  if (sourcePort !== undefined) return false;
  if (port && !port.some((wanted) => hasPort(packet.port, wanted))) return false;
  if (states && !states.includes('NEW')) return false;
  return [incoming, outgoing].every((name) => name === undefined || (name === 'lo') === (packet.loopback ?? false));
}

const VERDICTS: Record<string, Verdict> = { ACCEPT: 'accept', DROP: 'drop', REJECT: 'reject' };

function through(state: State, node: string, name: string, packet: Packet, depth = 0): Verdict | undefined {
  const { before, after } = ownChain(state, node, 'filter', name);
  for (const rule of [...before, ...after]) {
    if (!applies(rule, packet)) continue;
    if (rule.target === 'RETURN') return undefined;
    const verdict =
      VERDICTS[rule.target] ?? (depth < 10 ? through(state, node, rule.target, packet, depth + 1) : undefined);
    if (verdict) return verdict;
  }
  return undefined;
}

/** What the rules that somebody wrote on a node do with a new connection in a chain of the filter table. */
export function verdictOf(state: State, node: string, chain: 'INPUT' | 'OUTPUT' | 'FORWARD', packet: Packet): Verdict {
  if (!isFiltering(state, node)) return 'accept';
  const { policy = 'ACCEPT' } = ownChain(state, node, 'filter', chain);
  // What is forwarded is let through by the rules of the pods' network, before the policy is asked.
  return through(state, node, chain, packet) ?? (chain === 'FORWARD' ? 'accept' : VERDICTS[policy]!);
}
