import { expect, test } from 'vitest';
import { FakeWorld } from './testing/fake-world.ts';

const show = (w: FakeWorld) =>
  console.log(w.lines.map(([t, l]) => `${t} ${l}`).join('\n') + '\nPENDING ' + JSON.stringify(w.pending()));
test('crash', async () => {
  const world = new FakeWorld();
  world.createPod('crash', {
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'echo started; sleep 1; exit 3'] }],
  });
  await world.run(40);
  show(world);
});
test('pull', async () => {
  const world = new FakeWorld();
  world.createPod('absent', { containers: [{ name: 'c', image: 'nginx:absent' }] });
  await world.run(60);
  show(world);
});
test('init', async () => {
  const world = new FakeWorld();
  world.createPod('multi', {
    restartPolicy: 'OnFailure',
    containers: [
      { name: 'c', image: 'nginx:1.27' },
      { name: 'helper', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 10'] },
    ],
    initContainers: [
      { name: 'first', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 2'] },
      { name: 'side', image: 'busybox:1.36', restartPolicy: 'Always', command: ['sh', '-c', 'forever'] },
      { name: 'second', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 1'] },
    ],
  });
  world.createPod('badinit', {
    containers: [{ name: 'c', image: 'nginx:1.27' }],
    initContainers: [{ name: 'first', image: 'busybox:1.36', command: ['sh', '-c', 'exit 1'] }],
  });
  await world.run(40);
  show(world);
  world.deletePod('multi');
  await world.run(80);
  show(world);
});
test('live', async () => {
  const world = new FakeWorld();
  world.createPod('live', {
    terminationGracePeriodSeconds: 5,
    containers: [
      {
        name: 'c',
        image: 'nginx:1.27',
        livenessProbe: { httpGet: { port: 80, path: '/healthz' }, periodSeconds: 5, failureThreshold: 2 },
      },
    ],
  });
  await world.run(75);
  show(world);
});
test('slow', async () => {
  const world = new FakeWorld();
  world.createPod('slow', {
    containers: [
      {
        name: 'c',
        image: 'busybox:1.36',
        command: ['sh', '-c', 'sleep 8; touch /tmp/ok; sleep 600'],
        startupProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 2, failureThreshold: 30 },
        readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 3 },
      },
    ],
  });
  await world.run(30);
  show(world);
});
test('delete', async () => {
  const world = new FakeWorld();
  world.createPod('stubborn', {
    terminationGracePeriodSeconds: 10,
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'trap;forever'] }],
  });
  await world.run(5);
  world.deletePod('stubborn');
  await world.run(20);
  world.createPod('quick', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
  await world.run(25);
  world.deletePod('quick');
  world.createPod('once', {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'exit 1'] }],
  });
  await world.run(30);
  show(world);
  expect(1).toBe(1);
});
