import { parseIp } from '../base/ip.ts';
import type { DnsRecord, DnsType } from '../network/dns/message.ts';
import type { Machine } from './process.ts';

/** What /etc/resolv.conf says. */
export interface ResolverConfig {
  servers: string[];
  searches: string[];
  ndots: number;
  /** Seconds for one question, and how often it is asked. */
  timeout: number;
  attempts: number;
}

type Around = Pick<Machine, 'files' | 'network' | 'flavour'>;

export type Lookup =
  | { name: string; addresses: string[] }
  /** `unknown`: there is no such name; `unreachable`: no server answered, after so many ms. */
  | { failure: 'unknown' | 'unreachable'; after: number };

const isAddress = (text: string): boolean => parseIp(text) !== undefined;

function linesOf({ files }: Pick<Machine, 'files'>, path: string): string[][] {
  let text = '';
  try {
    text = files.read(path);
  } catch {}
  return text
    .split('\n')
    .map((line) => line.replace(/[#;].*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

export function resolverConfig(machine: Pick<Machine, 'files'>): ResolverConfig {
  const lines = linesOf(machine, '/etc/resolv.conf');
  const servers = lines.filter(([key]) => key === 'nameserver').flatMap(([, server]) => server ?? []);
  const options = Object.fromEntries(
    lines
      .filter(([key]) => key === 'options')
      .flatMap(([, ...words]) => words.map((word) => [word.split(':')[0]!, word.split(':')[1]])),
  );
  const number = (name: string, fallback: number) => Number(options[name] ?? fallback);
  return {
    servers: servers.length > 0 ? servers : ['127.0.0.1'],
    searches: (lines.findLast(([key]) => key === 'search' || key === 'domain') ?? []).slice(1).filter((s) => s !== '.'),
    ndots: number('ndots', 1),
    timeout: number('timeout', 5),
    attempts: number('attempts', 2),
  };
}

/** The whole names that a name may stand for, in the order in which they are asked. */
export function candidates(name: string, { searches, ndots }: ResolverConfig): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const relative = searches.map((search) => `${name}.${search}`);
  return name.split('.').length > ndots ? [name, ...relative] : [...relative, name];
}

/** Looks a name up as the C library does: /etc/hosts, then the name servers with the search domains. */
export function lookUp(machine: Around, name: string): Lookup {
  if (isAddress(name)) return { name, addresses: [name] };
  const row = linesOf(machine, '/etc/hosts').find(([, ...names]) => names.includes(name));
  if (row && !row[0]!.includes(':')) return { name, addresses: [row[0]!] };
  const config = resolverConfig(machine);
  for (const candidate of candidates(name, config)) {
    const outcome = ask(machine, config, candidate, 'A');
    if ('failure' in outcome) return { failure: 'unreachable', after: outcome.after };
    const addresses = outcome.records.filter(({ type }) => type === 'A').map(({ data }) => data);
    if (addresses.length > 0) return { name: candidate, addresses };
  }
  return { failure: 'unknown', after: 0 };
}

/** Asks the configured servers in turn; a name that is not there has no records. */
function ask(
  { network, flavour }: Around,
  { servers, timeout, attempts }: ResolverConfig,
  name: string,
  type: DnsType,
): { records: DnsRecord[] } | { failure: true; after: number } {
  let waited = 0;
  for (const server of servers) {
    const outcome = network.query(server, name, type);
    if (!('failure' in outcome)) return { records: outcome.answers };
    if (outcome.failure === 'timeout') waited += timeout * 1000;
  }
  // musl shares its time between the attempts, glibc asks for each again, and once more without the search domains.
  return { failure: true, after: flavour === 'busybox' ? waited : waited * attempts * 2 };
}
