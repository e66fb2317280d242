import { describe, expect, it } from 'vitest';
import type { Client } from '../runtime/client.ts';
import type { KubeObject } from '../types/objects.ts';
import { networkAccess } from './access.ts';
import { askOutside, isNameServer } from './internet.ts';
import type { NetworkWorld } from './world.ts';

type Objects = Record<string, KubeObject[]>;

const object = (name: string, rest: object, namespace = 'default') => {
  const { metadata, ...others } = { metadata: {}, ...rest };
  return { metadata: { name, namespace, ...metadata }, ...others } as unknown as KubeObject;
};

const service = (name: string, spec: object, namespace?: string) =>
  object(name, { spec: { clusterIPs: [(spec as { clusterIP?: string }).clusterIP], ...spec } }, namespace);

interface End {
  ip: string;
  node?: string;
  hostname?: string;
  ready?: boolean;
  terminating?: boolean;
}

/** A slice of a service, all of its endpoints ready unless they say otherwise. */
const slice = (of: string, ports: object[], ends: End[], namespace?: string) =>
  object(
    `${of}-x`,
    {
      metadata: { labels: { 'kubernetes.io/service-name': of } },
      ports,
      endpoints: ends.map(({ ip, node, hostname, ready = true, terminating = false }) => ({
        addresses: [ip],
        conditions: { ready, serving: ready || terminating, terminating },
        ...(node && { nodeName: node }),
        ...(hostname && { hostname }),
      })),
    },
    namespace,
  );

const pod = (name: string, ip: string, node: string, labels: object = {}, namespace = 'default', spec: object = {}) =>
  object(
    name,
    {
      metadata: { labels },
      spec: { nodeName: node, containers: [], ...spec },
      status: { phase: 'Running', podIP: ip },
    },
    namespace,
  );
const agent = (label: string, value: string, node: string) =>
  pod(`${value}-${node}`, node === 'node-1' ? '192.168.0.1' : '192.168.0.2', node, { [label]: value }, 'kube-system', {
    hostNetwork: true,
  });
const namespace = (name: string) => object(name, { metadata: { labels: { 'kubernetes.io/metadata.name': name } } }, '');

const WEB_PORTS = [{ name: '', port: 8080, protocol: 'TCP' }];

const OBJECTS: Objects = {
  namespaces: ['default', 'data', 'kube-system'].map(namespace),
  services: [
    service('web', { clusterIP: '10.96.0.5', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }),
    service('empty', { clusterIP: '10.96.0.6', ports: [{ port: 80 }] }),
    service('named', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }], externalIPs: ['203.0.113.9'] }),
    service('db', { clusterIP: 'None', ports: [{ name: 'pg', port: 5432 }] }, 'data'),
    service('outside', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
    service('far', { type: 'ExternalName', externalName: 'example.com' }),
    service(
      'kube-dns',
      { clusterIP: '10.96.0.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
      'kube-system',
    ),
  ],
  'endpointslices.discovery.k8s.io': [
    slice('web', WEB_PORTS, [
      { ip: '10.244.1.2', node: 'node-1' },
      { ip: '10.244.2.2', node: 'node-2' },
    ]),
    slice('empty', WEB_PORTS, [{ ip: '10.244.1.2', ready: false }]),
    slice(
      'named',
      [{ name: 'http', port: 8080, protocol: 'TCP' }],
      [{ ip: '10.244.2.2', ready: false, terminating: true }],
    ),
    slice(
      'db',
      [{ name: 'pg', port: 5432, protocol: 'TCP' }],
      [{ ip: '10.244.1.3', hostname: 'db-0' }, { ip: '10.244.2.3' }],
      'data',
    ),
    slice('kube-dns', [{ name: 'dns', port: 53, protocol: 'UDP' }], [{ ip: '10.244.1.9' }], 'kube-system'),
  ],
  pods: [
    agent('k8s-app', 'kube-proxy', 'node-1'),
    pod('client', '10.244.1.7', 'node-1', { app: 'client' }),
    pod('web-1', '10.244.1.2', 'node-1', { app: 'web' }, 'default', {
      containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080, hostPort: 9090 }] }],
    }),
    pod('web-2', '10.244.2.2', 'node-2', { app: 'web' }),
    pod('db-0', '10.244.1.3', 'node-1', { app: 'db' }, 'data'),
    pod('dns', '10.244.1.9', 'node-1', { 'k8s-app': 'kube-dns' }, 'kube-system'),
  ],
  nodes: [object('node-1', { spec: { podCIDR: '10.244.1.0/24' } }, '')],
};

/** Pods 10.244.1.2 and 10.244.2.2 serve their address on 8080; of several endpoints the last is chosen, of addresses none is moved. */
function world(changes: Objects = {}, choose = (limit: number) => limit - 1): NetworkWorld {
  const objects = { ...OBJECTS, ...changes };
  const client = {
    get: (resource: string, namespace: string, name: string) =>
      objects[resource]?.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    list: (resource: string, namespace?: string) =>
      (objects[resource] ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
  } as Pick<Client, 'get' | 'list'>;
  const serving = (ip: string, port: number) => ip.endsWith('.2') && port === 8080;
  const machines: Record<string, string> = { '192.168.0.1': 'node-1', '192.168.0.2': 'node-2' };
  return {
    client,
    clusterDomain: 'cluster.local',
    clusterDNS: '10.96.0.10',
    now: () => 1_000_000,
    choose,
    hostAt: (ip) =>
      machines[ip] ? { ip, node: machines[ip] } : /^10\.244\.[12]\.[2379]$/.test(ip) ? { ip } : undefined,
    isListening: ({ ip }, port) =>
      serving(ip, port) || (ip === '10.244.1.9' && port === 53) || (ip === '10.244.1.3' && port === 5432),
    serve: ({ ip }, port, { client: from, path }) =>
      serving(ip, port) ? { status: 200, reason: 'OK', headers: {}, body: `${ip}${path} to ${from}` } : undefined,
    talk: () => undefined,
    upstream: askOutside,
    isNameServer,
  };
}

const CLIENT = { namespace: 'default', ip: '10.244.1.7', node: 'node-1' };
const DNS = '10.96.0.10';

describe('the cluster name server', () => {
  const first = world({}, () => 0);
  const ask = (name: string, type: 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME' = 'A') => {
    const outcome = networkAccess(first, CLIENT).query(DNS, name, type);
    return 'failure' in outcome ? outcome.failure : [outcome.rcode, ...outcome.answers.map(({ data }) => data)];
  };

  it.each<[name: string, ...answer: string[]]>([
    ['web.default.svc.cluster.local', 'NOERROR', '10.96.0.5'],
    ['web.data.svc.cluster.local', 'NXDOMAIN'],
    ['db.data.svc.cluster.local', 'NOERROR', '10.244.1.3', '10.244.2.3'],
    ['db-0.db.data.svc.cluster.local', 'NOERROR', '10.244.1.3'],
    ['10-244-2-3.db.data.svc.cluster.local', 'NOERROR', '10.244.2.3'],
    ['outside.default.svc.cluster.local', 'NOERROR', 'web.default.svc.cluster.local.', '10.96.0.5'],
    ['far.default.svc.cluster.local', 'NOERROR', 'example.com.', '93.184.215.14'],
    ['10-244-1-2.default.pod.cluster.local', 'NOERROR', '10.244.1.2'],
    ['default.svc.cluster.local', 'NOERROR'],
    ['nosuch.svc.cluster.local', 'NXDOMAIN'],
    ['cluster.local', 'NOERROR'],
    ['web', 'NXDOMAIN'],
    ['example.com', 'NOERROR', '93.184.215.14'],
  ])('%s', (name, ...answer) => {
    expect(ask(name)).toEqual(answer);
  });

  it('answers other questions than for addresses', () => {
    expect(ask('web.default.svc.cluster.local', 'AAAA')).toEqual(['NOERROR']);
    expect(ask('_http._tcp.named.default.svc.cluster.local', 'SRV')).toEqual([
      'NOERROR',
      '0 100 80 named.default.svc.cluster.local.',
    ]);
    expect(ask('_pg._tcp.db.data.svc.cluster.local', 'SRV')).toEqual([
      'NOERROR',
      '0 50 5432 db-0.db.data.svc.cluster.local.',
      '0 50 5432 10-244-2-3.db.data.svc.cluster.local.',
    ]);
    expect(ask('5.0.96.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'web.default.svc.cluster.local.']);
    expect(ask('3.1.244.10.in-addr.arpa', 'PTR')).toEqual(['NOERROR', 'db-0.db.data.svc.cluster.local.']);
    expect(ask('outside.default.svc.cluster.local', 'CNAME')).toEqual(['NOERROR', 'web.default.svc.cluster.local.']);
  });

  it('is silent without kube-proxy, and refuses without endpoints', () => {
    const query = (changed: NetworkWorld) =>
      networkAccess(changed, CLIENT).query(DNS, 'web.default.svc.cluster.local', 'A');
    expect(query(world({ pods: [] }))).toEqual({ failure: 'timeout' });
    expect(query(world({ 'endpointslices.discovery.k8s.io': [] }))).toEqual({ failure: 'refused' });
    expect(query(world({ services: [] }))).toEqual({ failure: 'timeout' });
  });
});

describe('connections', () => {
  it.each<[host: string, port: number, state: string]>([
    ['10.96.0.5', 80, 'open'],
    ['10.96.0.5', 81, 'timeout'],
    ['10.96.0.6', 80, 'refused'],
    ['10.96.0.7', 80, 'open'],
    ['203.0.113.9', 80, 'open'],
    ['10.244.1.2', 8080, 'open'],
    ['10.244.1.2', 80, 'refused'],
    ['10.244.1.77', 80, 'no-route'],
    ['192.168.0.1', 30080, 'open'],
    ['192.168.0.1', 30081, 'refused'],
    ['192.168.0.1', 9090, 'open'],
    ['192.168.0.2', 30080, 'refused'],
    ['10.11.12.13', 53, 'timeout'],
    ['8.8.8.8', 53, 'open'],
    ['web', 80, 'bad-address'],
    ['127.0.0.1', 8080, 'refused'],
  ])('to %s port %i: %s', (host, port, state) => {
    expect(networkAccess(world(), CLIENT).connect(host, port)).toBe(state);
  });

  it('reach an endpoint, which sees who asks', () => {
    const request = { method: 'GET', host: '10.96.0.5', port: 80, path: '/x', headers: {} };
    expect(networkAccess(world(), CLIENT).http(request)).toMatchObject({
      status: 200,
      body: '10.244.2.2/x to 10.244.1.7',
    });
  });

  it('to a service get nowhere on a node without kube-proxy', () => {
    expect(networkAccess(world(), { ...CLIENT, node: 'node-2' }).connect('10.96.0.5', 80)).toBe('timeout');
  });

  it.each<[spec: object, source: object, ip: string, state: string, end?: string]>([
    [{ internalTrafficPolicy: 'Local' }, {}, '10.96.0.5', 'open', '10.244.1.2'],
    [{ internalTrafficPolicy: 'Local' }, { node: 'node-3' }, '10.96.0.5', 'timeout'],
    [{ externalTrafficPolicy: 'Local' }, {}, '192.168.0.3', 'timeout'],
    [{ externalTrafficPolicy: 'Local' }, {}, '192.168.0.1', 'open'],
    [{}, { ip: '192.168.0.1', node: 'node-1' }, '127.0.0.1', 'open'],
    [{}, {}, '127.0.0.1', 'refused'],
    [{ externalTrafficPolicy: 'Local' }, { ip: '192.168.0.2', node: 'node-2' }, '192.168.0.1', 'open', '10.244.1.2'],
    [{ externalTrafficPolicy: 'Local' }, { ip: '192.168.0.2', node: 'node-2' }, '192.168.0.3', 'timeout'],
  ])('with %o from %o to %s: %s', (spec, from, ip, state, end) => {
    const services = [service('web', { clusterIP: '10.96.0.5', ports: [{ port: 80, nodePort: 30080 }], ...spec })];
    const pods = [...OBJECTS.pods!, agent('k8s-app', 'kube-proxy', 'node-3')];
    const changed = world({ services, pods });
    const hostAt = (address: string) =>
      address === '192.168.0.3' ? { ip: address, node: 'node-3' } : changed.hostAt(address);
    const access = networkAccess({ ...changed, hostAt }, { ...CLIENT, ...from });
    const port = ip.startsWith('10.') ? 80 : 30080;
    expect(access.connect(ip, port)).toBe(state);
    const answered = access.http({ method: 'GET', host: ip, port, path: '/', headers: {} });
    if (end) expect(answered).toMatchObject({ body: expect.stringContaining(`${end}/`) });
  });

  it('of one client stay with one endpoint where the service wants that', () => {
    const services = [service('web', { clusterIP: '10.96.0.5', ports: [{ port: 80 }], sessionAffinity: 'ClientIP' })];
    const ends = (choose: number) =>
      Array.from({ length: 20 }, (_, n) => {
        const access = networkAccess(
          world({ services }, () => choose),
          { ...CLIENT, ip: `10.244.1.${100 + n}` },
        );
        const answered = access.http({ method: 'GET', host: '10.96.0.5', port: 80, path: '/', headers: {} });
        return 'body' in answered ? answered.body.split('/')[0] : answered.failure;
      });
    expect(ends(0)).toEqual(ends(1));
    expect(new Set(ends(0))).toEqual(new Set(['10.244.1.2', '10.244.2.2']));
  });
});

describe('echo requests', () => {
  it.each([
    ['10.244.2.2', 'open'],
    ['10.96.0.5', 'timeout'],
    ['192.168.0.2', 'open'],
    ['8.8.8.8', 'open'],
    ['10.244.1.77', 'no-route'],
  ])('to %s: %s', (ip, state) => {
    expect(networkAccess(world(), CLIENT).ping(ip)).toBe(state);
  });
});

describe('policies', () => {
  const policy = (spec: object, inNamespace = 'default') => object('p', { spec }, inNamespace);
  const calico = ['node-1', 'node-2'].map((node) => agent('k8s-app', 'calico-node', node));
  const connect = (policies: KubeObject[], host: string, port: number, agents = calico, from = CLIENT) =>
    networkAccess(
      world({ 'networkpolicies.networking.k8s.io': policies, pods: [...OBJECTS.pods!, ...agents] }),
      from,
    ).connect(host, port);
  const web = { matchLabels: { app: 'web' } };
  const client = { podSelector: { matchLabels: { app: 'client' } } };
  const named = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

  it.each<[what: string, state: string, spec: object]>([
    ['nothing comes in', 'timeout', { podSelector: {}, policyTypes: ['Ingress'] }],
    ['another pod is meant', 'open', { podSelector: { matchLabels: { app: 'db' } } }],
    ['all may come', 'open', { podSelector: web, ingress: [{}] }],
    ['the client may', 'open', { podSelector: web, ingress: [{ from: [client] }] }],
    ['others may', 'timeout', { podSelector: web, ingress: [{ from: [{ podSelector: web }] }] }],
    ['its namespace may', 'open', { podSelector: web, ingress: [{ from: [named('default')] }] }],
    ['another namespace may', 'timeout', { podSelector: web, ingress: [{ from: [named('data')] }] }],
    ['both must match', 'timeout', { podSelector: web, ingress: [{ from: [{ ...named('data'), ...client }] }] }],
    ['either may match', 'open', { podSelector: web, ingress: [{ from: [named('data'), client] }] }],
    ['its block may', 'open', { podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16' } }] }] }],
    [
      'its block is excepted',
      'timeout',
      { podSelector: web, ingress: [{ from: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }] }] },
    ],
    ['the port may', 'open', { podSelector: web, ingress: [{ ports: [{ port: 8080 }] }] }],
    ['the service port may', 'timeout', { podSelector: web, ingress: [{ ports: [{ port: 80 }] }] }],
    ['a range may', 'open', { podSelector: web, ingress: [{ ports: [{ port: 8000, endPort: 8100 }] }] }],
    ['a named port may', 'open', { podSelector: web, ingress: [{ ports: [{ port: 'http' }] }] }],
    ['UDP may', 'timeout', { podSelector: web, ingress: [{ ports: [{ port: 8080, protocol: 'UDP' }] }] }],
    ['nothing goes out', 'timeout', { podSelector: {}, policyTypes: ['Egress'] }],
    [
      'it may go to the pod',
      'open',
      { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: web }] }] },
    ],
    ['it may go elsewhere', 'timeout', { podSelector: {}, egress: [{ to: [named('data')] }], policyTypes: ['Egress'] }],
  ])('%s: %s', (_what, state, spec) => {
    expect(connect([policy(spec)], '10.244.1.2', 8080)).toBe(state);
  });

  it('are looked at behind a service, where they name the pods and their ports', () => {
    const egress = [{ to: [{ podSelector: web }], ports: [{ port: 8080 }] }];
    expect(connect([policy({ podSelector: {}, policyTypes: ['Egress'], egress })], '10.96.0.5', 80)).toBe('open');
  });

  it('cut the way to the name server as well, until a rule opens it', () => {
    const query = (egress: object[]) =>
      networkAccess(
        world({
          'networkpolicies.networking.k8s.io': [policy({ podSelector: {}, policyTypes: ['Egress'], egress })],
          pods: [...OBJECTS.pods!, ...calico],
        }),
        CLIENT,
      ).query(DNS, 'web.default.svc.cluster.local', 'A');
    expect(query([])).toEqual({ failure: 'timeout' });
    expect(query([{ to: [named('kube-system')], ports: [{ port: 53, protocol: 'UDP' }] }])).toMatchObject({
      rcode: 'NOERROR',
    });
  });

  it('mean nothing where nobody enforces them, and never hold a machine back from its own pods', () => {
    const deny = [policy({ podSelector: {}, policyTypes: ['Ingress'] })];
    expect(connect(deny, '10.244.1.2', 8080, [])).toBe('open');
    const machine = { namespace: '', ip: '192.168.0.1', node: 'node-1' };
    expect(connect(deny, '10.244.1.2', 8080, calico, machine)).toBe('open');
    expect(connect(deny, '10.244.2.2', 8080, calico, machine)).toBe('timeout');
  });
});
