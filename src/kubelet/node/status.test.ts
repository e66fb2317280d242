import { expect, test } from 'vitest';
import { FakeWorld, machine } from '../testing/fake-world.ts';
import { nodeStatus } from './status.ts';

test.each([
  [{ cpu: '9', 'example.com/dongle': '4' }, { 'example.com/dongle': '4' }],
  [{ cpu: '9', 'attachable-volumes.kubernetes.io/x': '4' }, {}],
  [undefined, {}],
])('what is said of a node beside what its kubelet finds stays, and can be had: %j', (capacity, more) => {
  const own = machine('node-1', '192.168.50.11');
  const status = nodeStatus(own, new FakeWorld(own).state, capacity && { capacity }, 0);
  expect(status.capacity).toEqual({ ...own.capacity, ...more });
  expect(status.allocatable).toEqual({ ...(own.allocatable ?? own.capacity), ...more });
});
