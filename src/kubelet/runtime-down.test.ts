import { expect, test } from 'vitest';
import type { UnitState } from '../node/systemd/units.ts';
import { FakeWorld } from './testing/fake-world.ts';

const container = { name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'forever'] };

test('without its container runtime a kubelet syncs no pods; with it again they begin', async () => {
  const world = new FakeWorld();
  world.pull('busybox:1.36');
  const unit = (active: UnitState['active']) => {
    const units = world.state.section<Partial<UnitState>>('units');
    units.set('node-1/containerd', { active, since: world.time, enabled: true });
    world.wake('node-1', world.time);
  };
  unit('inactive');
  world.createPod('p', { containers: [container] });
  await world.run(60);
  expect(world.pod('p')?.status?.containerStatuses).toBeUndefined();
  expect(world.lines.filter(([, name, what]) => name === 'p' && what.startsWith('Normal'))).toEqual([]);
  unit('active');
  await world.run(65);
  expect(world.pod('p')?.status?.phase).toBe('Running');
});
