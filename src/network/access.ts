import { parseIp } from '../base/ip.ts';
import type { DnsOutcome, DnsReply, DnsType } from './dns/message.ts';
import { serverReply } from './dns/server.ts';
import { listensOutside, serveOutside } from './internet.ts';
import { isAllowed, type Peer } from './policy.ts';
import { type Arrival, type Failure, locate, route, type Source } from './routes.ts';
import type { HttpExchange, HttpReply, NetworkWorld, Protocol } from './world.ts';

export type { Source } from './routes.ts';

/** The port that stands for an echo request: policies that name ports let none through. */
const ECHO = 0;

type Reached = Exclude<Arrival, { failure: Failure }>;

/** Of systemd-resolved on a machine. */
const STUB_RESOLVER = '127.0.0.53';

/** The cluster's network as one process sees it. Hosts are addresses: names are for resolvers, which `query` serves. */
export function networkAccess(world: NetworkWorld, source: Source) {
  const podAt = (ip: string) =>
    world.client
      .list('pods')
      .find(({ spec, status }) => status?.podIP === ip && !spec?.hostNetwork && status.phase === 'Running');
  const peer = (ip: string): Peer => {
    const pod = podAt(ip);
    return { ip, ...(pod && { pod }) };
  };

  /** Where a connection ends, policies minded. */
  function arrive(host: string, port: number, protocol: Protocol): Arrival | { failure: 'bad-address' } {
    if (!parseIp(host)) return { failure: 'bad-address' };
    const end = route(world, source, host, port, protocol);
    if ('failure' in end) return end;
    if (!isLet(end, protocol)) return { failure: 'timeout' };
    const failure = filtered(end, protocol);
    return failure ? { failure } : end;
  }

  function isLet(end: Reached, protocol: Protocol): boolean {
    const to = peer('host' in end ? end.host.ip : end.outside);
    return isAllowed(world, { from: peer(source.ip), to, port: end.port, protocol }, source.node);
  }

  const filtered = (end: Reached, protocol: string) =>
    world.filter?.(source, 'host' in end ? end.host.ip : end.outside, end.port, protocol.toLowerCase());

  const listens = (end: Reached): boolean =>
    'host' in end ? world.isListening(end.host, end.port) : listensOutside(end.outside, end.port);

  return {
    /** Asks a name server for records of a whole name. */
    query(server: string, name: string, type: DnsType): DnsOutcome {
      if (server === STUB_RESOLVER) return world.upstream(name, type);
      const end = arrive(server, 53, 'UDP');
      if ('failure' in end) return { failure: end.failure === 'refused' ? 'refused' : 'timeout' };
      if (!listens(end)) return { failure: 'host' in end ? 'refused' : 'timeout' };
      if ('outside' in end) return world.upstream(name, type);
      // A server of ours tells its Corefile when it is spoken to.
      return shuffled(world, serverReply(world, world.talk(end.host, end.port, ''), name, type));
    },

    connect(host: string, port: number, protocol: Protocol = 'TCP'): 'open' | Failure | 'bad-address' {
      const end = arrive(host, port, protocol);
      if ('failure' in end) return end.failure;
      return listens(end) ? 'open' : 'host' in end ? 'refused' : 'timeout';
    },

    /** Whether an address answers an echo request; those of services are nobody's, and answer none. */
    ping(ip: string): 'open' | Failure {
      const end = locate(world, source, ip, ECHO);
      if ('failure' in end) return end.failure;
      return isLet(end, 'TCP') ? (filtered(end, 'icmp') ?? 'open') : 'timeout';
    },

    /** Sends text to a server that speaks no HTTP. */
    talk(host: string, port: number, text: string): { text: string } | { failure: Failure | 'bad-address' } {
      const end = arrive(host, port, 'TCP');
      if ('failure' in end) return end;
      if (!listens(end)) return { failure: 'host' in end ? 'refused' : 'timeout' };
      return { text: ('host' in end && world.talk(end.host, end.port, text)) || '' };
    },

    http({
      host,
      port,
      ...request
    }: HttpExchange & { host: string; port: number }): HttpReply | { failure: Failure | 'bad-address' | 'no-http' } {
      const end = arrive(host, port, 'TCP');
      if ('failure' in end) return end;
      if (!listens(end)) return { failure: 'host' in end ? 'refused' : 'timeout' };
      const exchange = { ...request, client: source.ip };
      const reply =
        'host' in end
          ? world.serve(end.host, end.port, exchange)
          : serveOutside(end.outside, end.port, exchange, world.now());
      return reply ?? { failure: 'no-http' };
    },
  };
}

/** Several addresses come in an order that changes from question to question. */
function shuffled(world: NetworkWorld, reply: DnsReply): DnsReply {
  const { answers } = reply;
  if (answers.length < 2 || answers.some(({ type }) => type !== 'A')) return reply;
  const start = world.choose(answers.length);
  return { ...reply, answers: [...answers.slice(start), ...answers.slice(0, start)] };
}
