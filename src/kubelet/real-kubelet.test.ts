// What kubelet 1.33.13 did with these pods over a scripted runtime.
import { expect, test } from 'vitest';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject, Pod } from '../types/objects.ts';
import { FakeWorld } from './testing/fake-world.ts';

const BUSYBOX = 'busybox:1.36';
const sh = (script: string) => ['sh', '-c', script];
const box = (name: string, script: string, more: Record<string, unknown> = {}) => ({
  name,
  image: BUSYBOX,
  command: sh(script),
  ...more,
});

async function lived(seconds: number, spec: Record<string, unknown>, metadata: Record<string, unknown> = {}) {
  const world = new FakeWorld();
  world.pull(BUSYBOX);
  world.createPod('p', { terminationGracePeriodSeconds: 2, ...spec }, metadata);
  await world.run(seconds);
  return world;
}

const count = (world: FakeWorld, message: string) => world.messages.filter((one) => one === message).length;
const container = (world: FakeWorld) => world.pod('p')!.status!.containerStatuses![0]!;
const resources = (cpu: string) => ({ requests: { cpu }, limits: { cpu } });

test('a container is killed in the name of its field although the pod is gone', async () => {
  const world = await lived(4, { containers: [box('c', 'forever')] });
  world.forcePod('p');
  await world.run(8);
  expect(world.fields).toContain('Killing spec.containers{c}');
});

test('a pod that is refused keeps the conditions of others alone', async () => {
  const world = await lived(2, { containers: [box('c', 'forever')] });
  world.createPod('q', { containers: [box('c', 'forever')], os: { name: 'windows' } });
  const pod = world.pod('q')!;
  const other = { type: 'example.com/a', status: 'True' };
  world.put('pods', { ...pod, status: { ...pod.status, conditions: [other, ...pod.status!.conditions!] } } as Pod);
  await world.run(4);
  expect(world.pod('q')!.status).toMatchObject({ phase: 'Failed', conditions: [other] });
});

test('every status from the deadline on tells of it, and says still why a container waits', async () => {
  const world = await lived(15, {
    activeDeadlineSeconds: 4,
    containers: [{ name: 'c', image: 'nginx:absent' }],
  });
  expect(count(world, 'Pod was active on the node longer than the specified deadline')).toBe(4);
  expect(world.lines.some(([, , what]) => what.includes('waiting/ContainerCreating') && what.includes('Failed'))).toBe(
    false,
  );
});

test('a sidecar that ended well is shown so until it starts again', async () => {
  const world = await lived(9, {
    initContainers: [box('s', 'sleep 1', { restartPolicy: 'Always' })],
    containers: [box('c', 'forever')],
  });
  const [sidecar] = world.pod('p')!.status!.initContainerStatuses!;
  expect(sidecar).toMatchObject({ restartCount: 1, state: { terminated: { reason: 'Completed' } } });
});

test('what a readiness gate waits for is heeded at once', async () => {
  const world = await lived(5, {
    readinessGates: [{ conditionType: 'example.com/a' }],
    containers: [box('c', 'forever')],
  });
  const ready = () => world.pod('p')!.status!.conditions!.find(({ type }) => type === 'Ready')!;
  expect(ready().message).toBe('corresponding condition of pod readiness gate "example.com/a" does not exist.');
  const pod = world.pod('p')!;
  for (const status of ['True', 'False']) {
    const { conditions = [] } = world.pod('p')!.status!;
    const others = conditions.filter(({ type }) => type !== 'example.com/a');
    const stated = { ...pod.status, conditions: [{ type: 'example.com/a', status }, ...others] };
    world.put('pods', { ...pod, status: stated } as Pod as KubeObject);
    await world.run((world.now() - new Date(pod.status!.startTime!).getTime()) / 1000 + 3);
    expect(ready().status).toBe(status);
  }
});

test('a hook that its container takes with it has failed', async () => {
  const world = await lived(4, {
    containers: [box('c', 'forever', { lifecycle: { preStop: { exec: { command: sh('sleep 60') } } } })],
  });
  world.deletePod('p');
  await world.run(12);
  expect(world.fields.slice(-2)).toEqual(['Killing spec.containers{c}', 'FailedPreStopHook spec.containers{c}']);
});

test.each([
  [{ subPathExpr: '$(UP)' }, "unable to provision SubPath `../x`: must not contain '..'"],
  [{ subPathExpr: '$(ROOT)' }, 'error SubPath `/x` must not be an absolute path'],
  [{ subPathExpr: '$(NONE)/$(EMPTY)' }, 'missing value for EMPTY, NONE'],
  [
    { readOnly: true, recursiveReadOnly: 'Enabled' },
    'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime',
  ],
])('a mount of %j cannot be', async (mount, message) => {
  const world = await lived(3, {
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [
      box('c', 'forever', {
        env: [
          { name: 'UP', value: '../x' },
          { name: 'ROOT', value: '/x' },
          { name: 'EMPTY', value: '' },
        ],
        volumeMounts: [{ name: 'v', mountPath: '/data', ...mount }],
      }),
    ],
  });
  expect(container(world).state).toEqual({ waiting: { reason: 'CreateContainerConfigError', message } });
});

test('a volume that no container mounts is nobody’s concern', async () => {
  const world = await lived(3, {
    volumes: [{ name: 'v', configMap: { name: 'none' } }],
    containers: [box('c', 'forever')],
  });
  expect(container(world).ready).toBe(true);
});

test('a probe that changes files is asked again', async () => {
  const command = sh('cat /tmp/ok; touch /tmp/ok');
  const world = await lived(4, { containers: [box('c', 'forever', { readinessProbe: { exec: { command } } })] });
  const counting = count(world, "Readiness probe failed: cat: can't open '/tmp/ok': No such file or directory\n");
  expect([counting, container(world).ready]).toEqual([0, true]);
});

test('an ephemeral container that cannot start says so', async () => {
  const world = await lived(2, { containers: [box('c', 'forever')] });
  const pod = world.pod('p')!;
  const ephemeralContainers = [{ name: 'e', image: BUSYBOX, command: ['nope'] }];
  world.put('pods', { ...pod, spec: { ...pod.spec!, ephemeralContainers } } as KubeObject);
  await world.run(5);
  expect(world.pod('p')!.status!.ephemeralContainerStatuses![0]!.state!.waiting!.reason).toBe('RunContainerError');
});

test('room that a waiting resize asks for is not taken', async () => {
  const world = await lived(3, { containers: [box('c', 'forever', { resources: resources('100m') })] });
  const wish = (name: string, cpu: string) => {
    const pod = world.pod(name)!;
    const containers = [{ ...pod.spec!.containers[0]!, resources: resources(cpu) }];
    const metadata = { ...pod.metadata, generation: 2 };
    world.put('pods', { ...pod, metadata, spec: { ...pod.spec!, containers } } as KubeObject);
  };
  wish('p', '100');
  await world.run(6);
  const pending = world.pod('p')!.status!.conditions!.find(({ type }) => String(type) === 'PodResizePending');
  expect(pending).toMatchObject({ reason: 'Infeasible' });
  world.createPod('q', { containers: [box('c', 'forever', { resources: resources('200m') })] });
  await world.run(9);
  expect(world.pod('q')!.status!.phase).toBe('Running');
});

test('a runtime class whose handler the runtime does not have makes no sandbox', async () => {
  const world = new FakeWorld();
  const runtimeClass = {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    handler: 'runsc',
    metadata: { name: 'g' },
  };
  world.put('runtimeclasses.node.k8s.io', runtimeClass as KubeObject);
  world.createPod('p', { runtimeClassName: 'g', containers: [box('c', 'forever')] });
  await world.run(3);
  const why = 'failed to get sandbox runtime: no runtime for "runsc" is configured';
  expect(world.messages).toContain(`Failed to create pod sandbox: rpc error: code = Unknown desc = ${why}`);
});

test('what of a pod’s DNS is more than resolvers read is told with each configuration of its sandbox', async () => {
  const nameservers = ['1.1.1.1', '1.1.1.2', '1.1.1.3'];
  const searches = Array.from({ length: 33 }, (_, i) => `s${i}`);
  const world = await lived(0.5, { dnsConfig: { nameservers, searches }, containers: [box('c', 'forever')] });
  const servers =
    'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ';
  const lines = 'Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ';
  expect(count(world, `${servers}10.96.0.10 1.1.1.1 1.1.1.2`)).toBeGreaterThan(1);
  expect(world.messages.find((message) => message.startsWith(lines))).toMatch(/ cluster\.local s0 .* s28$/);
});

test('the oldest container of a pod is told to stop first, the others from the newest on', async () => {
  const world = await lived(3, { containers: ['a', 'b', 'd'].map((name) => box(name, 'forever')) });
  world.deletePod('p');
  await world.run(3.2);
  const killed = world.fields.filter((field) => field.startsWith('Killing')).map((field) => field.slice(-2, -1));
  expect(killed).toEqual(['a', 'd', 'b']);
});

test('a shorter grace does not reach a container that is being stopped', async () => {
  const world = await lived(2, { terminationGracePeriodSeconds: 20, containers: [box('c', 'trap; forever')] });
  world.deletePod('p');
  await world.run(5);
  world.forcePod('p');
  await world.run(20);
  expect(world.fields.at(-1)).toBe('Killing spec.containers{c}');
  const records = world.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const running = () => [...records.keys()].filter((key) => records.get(key)!.state === 'running').length;
  expect(running()).toBe(1);
  await world.run(24);
  expect(running()).toBe(0);
});
