import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { KubeObject } from '../../types/objects.ts';
import { serviceCidrController } from './index.ts';

const RANGES = 'servicecidrs.networking.k8s.io';
const range = (name: string, cidr: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name },
  spec: { cidrs: [cidr] },
});
const address = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: {
    name: '10.200.0.7',
    labels: {
      'ipaddress.kubernetes.io/ip-family': 'IPv4',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    },
  },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'x' } },
};

const conditionOf = (world: TestWorld, name: string) => {
  const object = world.client.get(RANGES, '', name) as
    | (KubeObject & { status: { conditions: { status: string; reason: string }[] } })
    | undefined;
  return object && `${object.status.conditions[0]!.status} ${object.status.conditions[0]!.reason}`;
};

test('a range is ready at once, and goes when no address needs it', async () => {
  const world = await TestWorld.with([serviceCidrController]);
  world.create(range('extra', '10.200.0.0/24'));
  world.create(address);
  await world.run(100);
  expect(conditionOf(world, 'extra')).toBe('True ');
  expect(world.client.get(RANGES, '', 'extra')!.metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'service-cidr-controller', operation: 'Apply', subresource: 'status' }),
  );
  world.client.delete(RANGES, '', 'extra');
  await world.run(1000);
  expect(conditionOf(world, 'extra')).toBe('False Terminating');
  world.client.delete('ipaddresses.networking.k8s.io', '', '10.200.0.7');
  await world.run(11_000);
  expect(world.client.get(RANGES, '', 'extra')).toBeUndefined();
});

test('a range within another is not needed', async () => {
  const world = await TestWorld.with([serviceCidrController]);
  world.create(range('wide', '10.200.0.0/16'));
  world.create(range('narrow', '10.200.0.0/24'));
  world.create(address);
  await world.run(100);
  world.client.delete(RANGES, '', 'narrow');
  await world.run(11_000);
  expect(world.client.get(RANGES, '', 'narrow')).toBeUndefined();
});
