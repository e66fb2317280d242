import type { Client } from '../runtime/client.ts';
import type { DnsReply, DnsType } from './dns/message.ts';

/** What a request over HTTP finds at its end. */
export interface HttpExchange {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string;
  /** The address that it comes from. */
  client?: string;
  /** It is asked over TLS. */
  tls?: boolean;
  /** The client's certificate, PEM. */
  certificate?: string;
}

export interface HttpReply {
  status: number;
  reason: string;
  headers: Record<string, string>;
  body: string;
  /** It speaks HTTPS. */
  tls?: boolean;
  /** Its certificate is one that everybody trusts. */
  trusted?: boolean;
  /** Who signed its certificate (PEM), and the names in it. */
  signedBy?: { authority: string; names: string[] };
  /** The certificate that it shows, PEM. */
  certificate?: string;
  /** It speaks HTTP/2, as Go's servers do over TLS. */
  h2?: boolean;
  /** Why it ends the connection instead of answering, in TLS' words: `certificate required`. */
  alert?: string;
}

/** A place with ports of its own: a pod's sandbox, or a machine and the pods that share its network. */
export interface Host {
  ip: string;
  /** The machine's name, where it is one. */
  node?: string;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** What the network knows of the cluster; `cluster/` gives it, for the machines and their containers stand above. */
export interface NetworkWorld {
  client: Pick<Client, 'get' | 'list'>;
  clusterDomain: string;
  /** Where pods ask for names. */
  clusterDNS: string;
  /** Cluster time, ms. */
  now(): number;
  /** A number in [0, limit): which of several endpoints is taken. */
  choose(limit: number): number;
  /** The host with that address, if there is one that is up. */
  hostAt(ip: string): Host | undefined;
  /** Why nothing gets from a node (or from nowhere: '') to an address of the cluster, or out of it: machines are off or cut off. */
  gap?(node: string, ip: string): 'timeout' | 'no-route' | undefined;
  /** What the machines on the way do with a connection: their rules are their own. */
  filter?(
    from: { ip: string; node: string },
    to: string,
    port: number,
    protocol: string,
  ): 'timeout' | 'refused' | undefined;
  isListening(host: Host, port: number): boolean;
  /** Undefined when what listens does not speak HTTP. */
  serve(host: Host, port: number, request: HttpExchange): HttpReply | undefined;
  /** What comes back from a server that speaks no HTTP; undefined when it says nothing. */
  talk(host: Host, port: number, text: string): string | undefined;
  /** What the name servers outside of the cluster say. */
  upstream(name: string, type: DnsType): DnsReply;
  /** Whether one of those has that address. */
  isNameServer(ip: string): boolean;
}
