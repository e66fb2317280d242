import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { Service } from '../../types/objects.ts';
import { serviceLoadBalancers } from './index.ts';

const service = (name: string, more: object = {}, annotations: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, annotations },
  spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...more },
});

async function cluster(...objects: unknown[]) {
  const balancers = serviceLoadBalancers({ cidr: '20.0.0.0/24', internalCIDR: '10.1.0.0/24' });
  const world = await TestWorld.with(
    [balancers],
    [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }],
  );
  for (const object of objects) world.create(object);
  const get = (name: string) => world.client.get('services', 'default', name) as Service | undefined;
  const address = (name: string) => get(name)?.status?.loadBalancer?.ingress?.[0]?.ip;
  return { world, get, address };
}

test('each balancer gets an address of its network, after a while', async () => {
  const { world, address, get } = await cluster(
    service('a'),
    service('b'),
    service('mine', { loadBalancerIP: '20.0.0.99' }),
    service('within', {}, { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' }),
    service('other', { loadBalancerClass: 'example.com/x' }),
    service('plain', { type: 'ClusterIP' }),
  );
  await world.run(1000);
  expect([address('a'), get('a')!.metadata.finalizers]).toEqual([
    undefined,
    ['service.kubernetes.io/load-balancer-cleanup'],
  ]);
  await world.run(20_000);
  expect(['a', 'b', 'mine', 'within', 'other', 'plain'].map(address)).toEqual([
    '20.0.0.4',
    '20.0.0.5',
    '20.0.0.99',
    '10.1.0.4',
    undefined,
    undefined,
  ]);
});

test('it is lost with its service, or when the service wants none any more', async () => {
  const { world, address, get } = await cluster(service('a'), service('b'));
  await world.run(20_000);
  world.client.delete('services', 'default', 'a');
  world.client.patch('services', 'default', 'b', { spec: { type: 'ClusterIP' } });
  await world.run(2000);
  expect([get('a'), address('b'), get('b')!.metadata.finalizers]).toEqual([undefined, undefined, undefined]);
  world.client.patch('services', 'default', 'b', { spec: { type: 'LoadBalancer' } });
  await world.run(20_000);
  expect(address('b')).toBe('20.0.0.4');
});
