import { describe, expect, it } from 'vitest';
import type { NetworkWorld } from '../world.ts';
import { CorefileError, parseCorefile, portsOf } from './corefile.ts';
import { reply } from './message.ts';
import { serverReply } from './server.ts';

const USUAL = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
}
`;

const WEB = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5'], ports: [{ port: 80 }] },
};

const world = {
  client: {
    get: (resource: string, _: string, name: string) => (resource === 'services' && name === 'web' ? WEB : undefined),
    list: () => [],
  },
  clusterDomain: 'cluster.local',
  now: () => 0,
  upstream: (name: string, type: 'A') => reply('NOERROR', [{ name, type, ttl: 30, data: '1.2.3.4' }]),
  isNameServer: (ip: string) => ip === '8.8.8.8',
} as unknown as NetworkWorld;

describe('a Corefile', () => {
  it('opens the ports of its servers and plugins', () => {
    expect(portsOf(parseCorefile(USUAL, 'Corefile'))).toEqual([53, 8080, 8181, 9153]);
    expect(portsOf(parseCorefile('.:5353 {\n  health :9000\n}', 'Corefile'))).toEqual([5353, 9000]);
  });

  it.each([
    [USUAL.replace('errors', 'errrors'), "/c:2 - Error during parsing: Unknown directive 'errrors'"],
    [USUAL.slice(0, -2), '/c:12 - Error during parsing: Unexpected EOF'],
    ['.:53', '/c:1 - Error during parsing: Unexpected EOF'],
  ])('that is wrong is refused', (text, message) => {
    expect(() => parseCorefile(text, '/c')).toThrow(new CorefileError(message));
  });

  it.each<[what: string, corefile: string, name: string, ...answer: string[]]>([
    ['the cluster', USUAL, 'web.default.svc.cluster.local', 'NOERROR', '10.96.0.5'],
    ['others', USUAL, 'example.com', 'NOERROR', '1.2.3.4'],
    ['nobody', '.:53 {\n kubernetes cluster.local\n}', 'example.com', 'REFUSED'],
    ['a server that is not there', '.:53 {\n forward . 10.9.9.9\n}', 'example.com', 'SERVFAIL'],
    ['another domain', USUAL.replaceAll('cluster.local', 'my.zone'), 'web.default.svc.my.zone', 'NOERROR', '10.96.0.5'],
    [
      'the wrong domain',
      USUAL.replaceAll('cluster.local', 'my.zone'),
      'web.default.svc.cluster.local',
      'NOERROR',
      '1.2.3.4',
    ],
    ['hosts', '.:53 {\n hosts {\n  10.0.0.1 a.test\n }\n}', 'a.test', 'NOERROR', '10.0.0.1'],
    ['hosts alone', '.:53 {\n hosts {\n  10.0.0.1 a.test\n }\n forward . 8.8.8.8\n}', 'b.test', 'NXDOMAIN'],
    [
      'hosts first',
      '.:53 {\n hosts {\n  10.0.0.1 a.test\n  fallthrough\n }\n forward . 8.8.8.8\n}',
      'b.test',
      'NOERROR',
      '1.2.3.4',
    ],
    [
      'the name behind',
      '.:53 {\n rewrite name a.test web.default.svc.cluster.local\n kubernetes cluster.local\n}',
      'a.test',
      'NOERROR',
      '10.96.0.5',
    ],
    ['its own zone', `${USUAL}b.test:53 {\n forward . 10.9.9.9\n}\n`, 'x.b.test', 'SERVFAIL'],
  ])('asks %s', (_what, corefile, name, ...answer) => {
    const { rcode, answers } = serverReply(world, corefile, name, 'A');
    expect([rcode, ...answers.map(({ data }) => data)]).toEqual(answer);
    for (const record of answers) expect(record.name).toBe(name);
  });
});
