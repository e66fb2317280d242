import type { DnsOutcome, DnsRecord, DnsType } from '../../../network/dns/message.ts';
import { candidates, resolverConfig } from '../../resolver.ts';
import type { ToolContext } from '../tool.ts';

/** The name under which addresses are turned round. */
export const pointerName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`;

export const isIpv4 = (text: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(text);

/** Asks one server; the search domains are tried until one of the names is there. The last name that was asked is told. */
export function search(
  context: ToolContext,
  server: string,
  name: string,
  type: DnsType,
  whole: boolean,
): { name: string; outcome: DnsOutcome } {
  const { network } = context.machine;
  const names = whole ? [name.replace(/\.$/, '')] : candidates(name, resolverConfig(context.machine));
  let last: { name: string; outcome: DnsOutcome } = { name, outcome: { failure: 'refused' } };
  for (const candidate of names) {
    last = { name: candidate, outcome: network.query(server, candidate, type) };
    if ('failure' in last.outcome || last.outcome.rcode !== 'NXDOMAIN') break;
  }
  return last;
}

/** How nslookup words a record that is no address. */
const WORDS: Partial<Record<DnsType, (data: string) => string>> = {
  CNAME: (data) => `canonical name = ${data}`,
  PTR: (data) => `name = ${data}`,
  SRV: (data) => `service = ${data}`,
  NS: (data) => `nameserver = ${data}`,
  MX: (data) => `mail exchanger = ${data}`,
  TXT: (data) => `text = "${data}"`,
};

/** A record as nslookup shows it; bind writes the final dot of names, busybox does not. */
export function wordRecord({ name, type, data }: DnsRecord, finalDot: boolean): string {
  if (type === 'A' || type === 'AAAA') return `Name:\t${name}\nAddress: ${data}\n`;
  return `${name}\t${WORDS[type]?.(finalDot ? data : data.replace(/\.$/, '')) ?? data}\n`;
}
