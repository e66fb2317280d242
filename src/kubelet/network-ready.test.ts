import { expect, test } from 'vitest';
import { FakeWorld } from './testing/fake-world.ts';

const TROUBLE =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized';
const container = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'forever'] };

test('pods wait for the network of their node, and begin when it comes; those of the host do not', async () => {
  const world = new FakeWorld();
  world.pull('busybox:1.36');
  world.platform.trouble = () => TROUBLE;
  world.wake('node-1', world.time);
  await world.run(15);
  world.createPod('p', { containers: [container] });
  world.createPod('host', { containers: [container], hostNetwork: true });
  await world.run(36);
  expect(world.pod('host')?.status?.phase).toBe('Running');
  expect(world.pod('p')?.status?.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
  const told = world.lines.filter(([, pod, what]) => pod === 'p' && what.includes('NetworkNotReady'));
  // Every second tick of the loop that looks for pods to try again.
  expect(told.map(([at]) => Math.round(at - 15))).toEqual([0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  expect(world.messages).toContain(`network is not ready: ${TROUBLE}`);
  // So long that nobody is told any more.
  await world.run(7200);
  world.platform.trouble = () => undefined;
  world.wake('node-1', world.time);
  await world.run(7220);
  expect(world.pod('p')?.status?.phase).toBe('Running');
});
