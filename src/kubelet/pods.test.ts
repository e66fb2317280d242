import { expect, test } from 'vitest';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { KubeObject } from '../types/objects.ts';
import { visibleProcesses } from './pid-namespace.ts';
import { FakeWorld } from './testing/fake-world.ts';

const BUSYBOX = 'busybox:1.36';
const sh = (script: string) => ['sh', '-c', script];
const box = (script: string, more: Record<string, unknown> = {}) => ({
  name: 'c',
  image: BUSYBOX,
  command: sh(script),
  ...more,
});

async function lived(seconds: number, spec: Record<string, unknown>, objects: [string, KubeObject][] = []) {
  const world = new FakeWorld();
  world.pull(BUSYBOX, 'nginx:1.27');
  for (const [resource, object] of objects) world.put(resource, object);
  world.createPod('p', spec);
  await world.run(seconds);
  return world;
}

const object = (kind: string, name: string, more: Record<string, unknown>): KubeObject =>
  ({ apiVersion: 'v1', kind, metadata: { namespace: 'tl', name }, ...more }) as KubeObject;
const configMap = (name: string, data: Record<string, string>): [string, KubeObject] => [
  'configmaps',
  object('ConfigMap', name, { data }),
];

const state = (world: FakeWorld) => world.pod('p')?.status?.containerStatuses?.[0]?.state;

test.each([
  ['a config map that is not there', { envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found'],
  [
    'a secret that is not there',
    { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'k' } } }] },
    'secret "none" not found',
  ],
  [
    'a key that is not there',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'cm', key: 'NOPE' } } }] },
    "couldn't find key NOPE in ConfigMap tl/cm",
  ],
  [
    'root where it is forbidden',
    { securityContext: { runAsNonRoot: true } },
    'container has runAsNonRoot and image will run as root (pod: "p_tl(uid-p)", container: c)',
  ],
])('CreateContainerConfigError tells of %s', async (_what, more, message) => {
  const world = await lived(3, { containers: [box('forever', more)] }, [configMap('cm', { a: '1' })]);
  expect(state(world)).toEqual({ waiting: { reason: 'CreateContainerConfigError', message } });
  expect(world.messages).toContain(`Error: ${message}`);
});

test('the environment comes from maps, secrets, fields, resources and services', async () => {
  const env = [
    { name: 'A', value: '$(B)-$(KUBERNETES_SERVICE_HOST)-$$(B)' },
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
  ];
  const container = box('env; forever', {
    env,
    envFrom: [{ prefix: 'X_', configMapRef: { name: 'cm' } }],
    resources: { limits: { cpu: '1500m' } },
  });
  const world = new FakeWorld();
  world.pull(BUSYBOX);
  world.put(...configMap('cm', { b: 'two' }));
  world.put('secrets', object('Secret', 's', { data: { k: Buffer.from('hidden').toString('base64') } }));
  const kubernetes = object('Service', 'kubernetes', {
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 443, name: 'https' }] },
  });
  world.put('services', { ...kubernetes, metadata: { ...kubernetes.metadata, namespace: 'default' } });
  world.createPod('p', { containers: [container] }, { labels: { app: 'web' } });
  await world.run(3);
  const lines = world.log('p', 'c').split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'HOSTNAME=p',
      'X_b=two',
      'A=$(B)-10.96.0.1-$(B)',
      'NODE=node-1',
      'APP=web',
      'CPU=2',
      'SECRET=hidden',
      'KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443',
      'HOME=/root',
    ]),
  );
});

test('a volume that cannot be mounted holds the pod back until it can', async () => {
  const volumes = [{ name: 'v', configMap: { name: 'late' } }];
  const world = await lived(4, {
    volumes,
    containers: [box('cat /etc/v/key; forever', { volumeMounts: [{ name: 'v', mountPath: '/etc/v' }] })],
  });
  expect(state(world)).toEqual({ waiting: { reason: 'ContainerCreating' } });
  expect(
    world.messages.filter((m) => m === 'MountVolume.SetUp failed for volume "v" : configmap "late" not found'),
  ).toHaveLength(4);
  world.put(...configMap('late', { key: 'found\n' }));
  await world.run(20);
  expect(world.log('p', 'c')).toBe('found\n');
});

test('hooks run after the start and before the stop', async () => {
  const lifecycle = { postStart: { exec: { command: sh('exit 1') } } };
  const failed = await lived(2, { containers: [box('forever', { lifecycle })] });
  expect(failed.messages).toEqual(expect.arrayContaining(['PostStartHook failed', 'FailedPostStartHook']));

  const world = await lived(3, {
    containers: [{ name: 'c', image: 'nginx:1.27', lifecycle: { preStop: { sleep: { seconds: 5 } } } }],
  });
  world.deletePod('p');
  await world.run(7);
  expect(world.pod('p')).toBeDefined();
  await world.run(10);
  expect(world.pod('p')).toBeUndefined();
});

test('a deadline fails the pod', async () => {
  const world = await lived(12, {
    activeDeadlineSeconds: 5,
    terminationGracePeriodSeconds: 1,
    containers: [box('forever')],
  });
  const { phase, reason, message } = world.pod('p')!.status!;
  expect({ phase, reason, message }).toEqual({
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  });
});

test.each([
  ['of its own', { containers: [box('forever', { resources: { requests: { cpu: '3' } } })] }, 3000],
  [
    'together with its sidecar',
    {
      containers: [box('forever', { resources: { requests: { cpu: '1' } } })],
      initContainers: [
        { ...box('forever'), name: 's', restartPolicy: 'Always', resources: { requests: { cpu: '1500m' } } },
      ],
    },
    2500,
  ],
])('a pod that wants too much %s is refused', async (_, spec, requested) => {
  const world = await lived(2, spec);
  const { phase, reason, message } = world.pod('p')!.status!;
  expect({ phase, reason, message }).toEqual({
    phase: 'Failed',
    reason: 'OutOfcpu',
    message: `Pod was rejected: Node didn't have enough resource: cpu, requested: ${requested}, used: 0, capacity: 2000`,
  });
});

test.each([
  [
    'whose port of the node is taken',
    { containers: [box('forever', { ports: [{ containerPort: 80, hostPort: 8080 }] })] },
    'NodePorts',
    "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  ],
  [
    'that its node should not run',
    { nodeSelector: { disk: 'ssd' }, containers: [box('forever')] },
    'NodeAffinity',
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
  ],
  [
    'of another operating system',
    { os: { name: 'windows' }, containers: [box('forever')] },
    'PodOSNotSupported',
    "Failed to admit pod as the OS field doesn't match node OS",
  ],
])('a pod %s is refused', async (_, spec, reason, message) => {
  const world = await lived(2, { containers: [box('forever', { ports: [{ containerPort: 80, hostPort: 8080 }] })] });
  world.createPod('q', spec);
  await world.run(4);
  expect(world.pod('p')!.status!.phase).toBe('Running');
  expect(world.pod('q')!.status).toMatchObject({ phase: 'Failed', reason, message: `Pod was rejected: ${message}` });
});

test('a local volume whose folder is not there is not mounted', async () => {
  const pvc = object('PersistentVolumeClaim', 'c', { spec: { volumeName: 'v' }, status: { phase: 'Bound' } });
  const pv = { ...object('PersistentVolume', 'v', { spec: { local: { path: '/mnt/ssd' } } }), metadata: { name: 'v' } };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }];
  const world = await lived(
    3,
    { volumes, containers: [box('forever', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })] },
    [
      ['persistentvolumeclaims', pvc],
      ['persistentvolumes', pv],
    ],
  );
  const message = 'MountVolume.NewMounter initialization failed for volume "v" : path "/mnt/ssd" does not exist';
  expect(world.messages).toContain(message);
});

test.each([
  ['one space', { shareProcessNamespace: true }, {}, ['/pause', 'sh', 'sh']],
  ['those of its target', {}, { targetContainerName: 'c' }, ['sh', 'sh']],
  ['its own', {}, {}, ['sh']],
])('an ephemeral container sees the processes of %s', async (_, spec, target, expected) => {
  const world = await lived(3, { ...spec, containers: [box('forever')] });
  const pod = world.pod('p')!;
  const ephemeralContainers = [{ ...box('forever'), name: 'd', ...target }];
  world.put('pods', { ...pod, spec: { ...pod.spec!, ephemeralContainers } } as unknown as KubeObject);
  await world.run(6);
  const containers = world.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const debugger_ = containers
    .keys()
    .map((key) => containers.get(key)!)
    .find(({ name }) => name === 'd')!;
  const seen = visibleProcesses(world, world.platform, debugger_);
  expect(seen.map(({ command }) => command.split(' ')[0])).toEqual(expected);
  expect(new Set(seen.map(({ pid }) => pid)).size).toBe(seen.length);
});

test('a program that is not there ends with StartError', async () => {
  const world = await lived(3, {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: BUSYBOX, command: ['nosuch'] }],
  });
  expect(state(world)!.terminated).toMatchObject({
    exitCode: 128,
    reason: 'StartError',
    startedAt: '1970-01-01T00:00:00Z',
    message:
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown',
  });
});

test('an ephemeral container joins a pod that runs', async () => {
  const world = await lived(3, { containers: [{ name: 'c', image: 'nginx:1.27' }] });
  const pod = world.pod('p')!;
  const ephemeralContainers = [{ name: 'dbg', image: BUSYBOX, command: sh('echo hello; exit 0') }];
  world.put('pods', { ...pod, spec: { ...pod.spec!, ephemeralContainers } } as unknown as KubeObject);
  await world.run(6);
  expect(world.pod('p')!.status!.ephemeralContainerStatuses![0]!.state!.terminated!.reason).toBe('Completed');
  expect(world.log('p', 'dbg')).toBe('hello\n');
  expect(world.pod('p')!.status!.phase).toBe('Running');
});

test('a kubelet that is down does nothing, and goes on when it is back', async () => {
  const world = await lived(3, { containers: [box('sleep 5; exit 1')] });
  world.stopKubelet();
  await world.run(30);
  expect(state(world)).toHaveProperty('running');
  world.startKubelet();
  await world.run(33);
  expect(world.pod('p')!.status!.containerStatuses![0]!.lastState!.terminated!.exitCode).toBe(1);
});

test('pull secrets that are not there are told, and the pull is tried all the same', async () => {
  const world = await lived(3, { imagePullSecrets: [{ name: 'none' }], containers: [box('sleep 100')] });
  expect(world.messages).toContain(
    'Unable to retrieve some image pull secrets (none); attempting to pull the image may not succeed.',
  );
  expect(state(world)).toHaveProperty('running');
});

test.each([
  ['a container', 'containers', []],
  ['a sidecar', 'initContainers', []],
  [
    'a sidecar that must be restarted for it',
    'initContainers',
    [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
  ],
] as const)('%s gets more while it runs', async (_, where, resizePolicy) => {
  const sidecar = { ...box('forever'), name: 's', restartPolicy: 'Always' };
  const sized = (cpu: string) => ({
    containers: [box('forever')],
    initContainers: [sidecar],
    [where]: [
      { ...(where === 'containers' ? box('forever') : sidecar), resizePolicy, resources: { requests: { cpu } } },
    ],
  });
  const world = await lived(5, sized('100m'));
  const pod = world.pod('p')!;
  const { generation = 1 } = pod.metadata;
  const metadata = { ...pod.metadata, generation: generation + 1 };
  world.put('pods', { ...pod, metadata, spec: { ...pod.spec!, ...sized('200m') } } as unknown as KubeObject);
  await world.run(60);
  const { conditions, containerStatuses, initContainerStatuses } = world.pod('p')!.status!;
  const [status] = (where === 'containers' ? containerStatuses : initContainerStatuses)!;
  expect(conditions!.map(({ type }) => type)).not.toContain('PodResizeInProgress');
  expect(status).toMatchObject({
    restartCount: resizePolicy.length,
    allocatedResources: { cpu: '200m' },
    resources: { requests: { cpu: '200m' } },
  });
});
