import { describe, expect, it } from 'vitest';
import type { Client } from '../runtime/client.ts';
import type { KubeObject } from '../types/objects.ts';
import { networkAccess } from './access.ts';
import type { NetworkWorld } from './world.ts';

const object = (name: string, rest: object, namespace = 'default') =>
  ({ metadata: { name, namespace }, ...rest }) as KubeObject;
const ends = (port: number, ...addresses: object[]) => ({ subsets: [{ addresses, ports: [{ port }] }] });

const OBJECTS: Record<string, KubeObject[]> = {
  services: [
    object('web', {
      spec: {
        clusterIP: '10.96.0.5',
        clusterIPs: ['10.96.0.5'],
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
    }),
    object('empty', { spec: { clusterIP: '10.96.0.6', clusterIPs: ['10.96.0.6'], ports: [{ port: 80 }] } }),
    object('db', { spec: { clusterIP: 'None', ports: [{ port: 5432 }] } }, 'data'),
    object('outside', { spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' } }),
    object(
      'kube-dns',
      { spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports: [{ port: 53 }] } },
      'kube-system',
    ),
  ],
  endpoints: [
    object('web', ends(8080, { ip: '10.244.1.2' }, { ip: '10.244.2.2' })),
    object('empty', {}),
    object('db', ends(5432, { ip: '10.244.1.3', hostname: 'db-0' }, { ip: '10.244.2.3', hostname: 'db-1' }), 'data'),
    object('kube-dns', ends(53, { ip: '10.244.1.9' }), 'kube-system'),
  ],
  pods: [
    object(
      'kube-proxy-1',
      {
        metadata: { name: 'kube-proxy-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
        spec: { nodeName: 'node-1' },
        status: { phase: 'Running' },
      },
      'kube-system',
    ),
  ],
  nodes: [object('node-1', { spec: { podCIDR: '10.244.1.0/24' } }, '')],
};

/** Pods 10.244.1.2 and 10.244.2.2 serve their address on 8080; node-1 is at 192.168.0.1; the second endpoint is always chosen. */
function world(changes: Record<string, KubeObject[]> = {}): NetworkWorld {
  const objects = { ...OBJECTS, ...changes };
  const client = {
    get: (resource: string, namespace: string, name: string) =>
      objects[resource]?.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    list: (resource: string, namespace?: string) =>
      (objects[resource] ?? []).filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
  } as Pick<Client, 'get' | 'list'>;
  const serving = (ip: string, port: number) => ip.endsWith('.2') && port === 8080;
  return {
    client,
    clusterDomain: 'cluster.local',
    clusterDNS: '10.96.0.10',
    choose: (limit) => limit - 1,
    hostAt: (ip) =>
      /^10\.244\.[12]\.[239]$/.test(ip) ? { ip } : ip === '192.168.0.1' ? { ip, node: 'node-1' } : undefined,
    isListening: ({ ip }, port) => serving(ip, port) || (ip === '10.244.1.9' && port === 53),
    serve: ({ ip }, port, { client: from, path }) =>
      serving(ip, port) ? { status: 200, reason: 'OK', headers: {}, body: `${ip}${path} to ${from}` } : undefined,
  };
}

const pod = { namespace: 'default', ip: '10.244.1.7', node: 'node-1' };

describe('names', () => {
  it.each<[name: string, addresses: string[]]>([
    ['web', ['10.96.0.5']],
    ['web.default', ['10.96.0.5']],
    ['web.default.svc.cluster.local.', ['10.96.0.5']],
    ['web.data', []],
    ['db.data', ['10.244.1.3', '10.244.2.3']],
    ['db-1.db.data', ['10.244.2.3']],
    ['outside', ['10.96.0.5']],
    ['10-244-1-2.default.pod', ['10.244.1.2']],
    ['localhost', ['127.0.0.1']],
    ['10.1.2.3', ['10.1.2.3']],
    ['web.', []],
    ['example.com', []],
  ])('%s', (name, addresses) => {
    expect(networkAccess(world(), pod).resolve(name)).toEqual(addresses);
  });

  it('are not found where no name server runs, or none is asked', () => {
    const without = world({ endpoints: [] });
    expect(networkAccess(without, pod).resolve('web')).toEqual([]);
    expect(networkAccess(world(), { ...pod, dnsPolicy: 'Default' }).resolve('web')).toEqual([]);
  });
});

describe('connections', () => {
  it.each<[host: string, port: number, state: string]>([
    ['web', 80, 'open'],
    ['web', 81, 'timeout'],
    ['empty', 80, 'refused'],
    ['10.244.1.2', 8080, 'open'],
    ['10.244.1.2', 80, 'refused'],
    ['10.244.1.77', 80, 'no-route'],
    ['192.168.0.1', 30080, 'open'],
    ['192.168.0.1', 30081, 'refused'],
    ['8.8.8.8', 53, 'timeout'],
    ['nosuch', 80, 'bad-address'],
    ['10.96.0.10', 53, 'open'],
  ])('to %s port %i: %s', (host, port, state) => {
    expect(networkAccess(world(), pod).connect(host, port)).toBe(state);
  });

  it('reach an endpoint, which sees who asks', () => {
    const request = { method: 'GET', host: 'web', port: 80, path: '/x', headers: {} };
    expect(networkAccess(world(), pod).http(request)).toMatchObject({
      status: 200,
      body: '10.244.2.2/x to 10.244.1.7',
    });
  });

  it('to a service get nowhere on a node without kube-proxy', () => {
    expect(networkAccess(world(), { ...pod, node: 'node-2' }).connect('web', 80)).toBe('timeout');
  });
});
