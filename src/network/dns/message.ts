/** One resource record; `data` as `dig` prints it: an address, a name with its final dot, `0 100 80 web.default.svc.cluster.local.` */
export interface DnsRecord {
  /** Without the final dot. */
  name: string;
  type: DnsType;
  /** Seconds. */
  ttl: number;
  data: string;
}

export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'SOA' | 'NS' | 'MX' | 'TXT' | 'ANY';

export interface DnsReply {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  authoritative: boolean;
  answers: DnsRecord[];
  /** What stands in for an answer that there is not: the zone's SOA. */
  authority: DnsRecord[];
}

/** What came back from a name server, or how it was not reached. */
export type DnsOutcome = DnsReply | { failure: 'timeout' | 'refused' };

export const reply = (rcode: DnsReply['rcode'], answers: DnsRecord[] = [], authoritative = false): DnsReply => ({
  rcode,
  authoritative,
  answers,
  authority: [],
});

/** `4.3.2.1.in-addr.arpa` → `1.2.3.4`; undefined if it is no such name. */
export function reversed(name: string): string | undefined {
  const [, labels] = /^((?:\d{1,3}\.){4})in-addr\.arpa$/i.exec(name) ?? [];
  return labels?.split('.').slice(0, 4).reverse().join('.');
}
