import { expect, test } from 'vitest';
import { ImageCatalogue } from '../sh/images/catalogue.ts';
import { KubeletAgent } from './agent/index.ts';
import { shellPrograms } from './shell-programs.ts';
import { FakeWorld, machine } from './testing/fake-world.ts';

const APPLETS = [
  'sh',
  'cat',
  'date',
  'echo',
  'env',
  'hostname',
  'id',
  'kill',
  'ls',
  'ps',
  'rm',
  'sleep',
  'touch',
  'wget',
];
const FIXTURE = {
  bases: { busybox: { flavour: 'busybox' as const, programs: { '/bin': APPLETS } } },
  images: [
    { names: ['docker.io/library/busybox'], tags: ['1.36'], base: 'busybox', cmd: ['sh'] },
    {
      names: ['registry.k8s.io/agnhost'],
      tags: ['2.40'],
      base: 'busybox',
      entrypoint: ['/agnhost'],
      daemons: { agnhost: { server: 'agnhost', signals: { TERM: { code: 2 } } } },
    },
  ],
};
const IMAGES = [
  { name: 'docker.io/library/busybox', tags: ['1.36'], behaviour: 'shell' },
  { name: 'docker.io/library/nginx', tags: ['1.27'], behaviour: 'server', logs: ['ready for start up'] },
  { name: 'registry.k8s.io/agnhost', tags: ['2.40'] },
];

function cluster() {
  const programs = shellPrograms(new ImageCatalogue(() => [FIXTURE], { only: IMAGES }));
  const world = new FakeWorld(machine('node-1', '192.168.50.11'), programs);
  world.pull('busybox:1.36', 'nginx:1.27');
  const agent = new KubeletAgent({
    platform: world.platform,
    world: () => world,
    live: (time) => world.step(time).then(() => true),
  });
  return { world, agent };
}

const box = (script: string) => ({ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', script] });

test('a shell that traps TERM ends when it wants to', async () => {
  const { world } = cluster();
  world.createPod('p', { containers: [box('trap "echo bye; exit 3" TERM; echo hi; while true; do sleep 1; done')] });
  await world.run(5);
  expect(world.log('p', 'c')).toBe('hi\n');
  world.deletePod('p');
  await world.run(8);
  expect(world.pod('p')).toBeUndefined();
  expect(world.lines.some(([, , what]) => what.includes('c:terminated/Error/3'))).toBe(true);
});

test('a server that is well for ten seconds is asked again and again', async () => {
  const { world } = cluster();
  const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 3 };
  world.createPod('p', {
    containers: [{ name: 'c', image: 'registry.k8s.io/agnhost:2.40', args: ['liveness'], livenessProbe }],
  });
  await world.run(25);
  expect(world.messages.filter((text) => text.startsWith('Liveness'))).toContain(
    'Liveness probe failed: HTTP probe failed with statuscode: 500',
  );
  expect(world.pod('p')?.status?.containerStatuses?.[0]).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 2, reason: 'Error' } },
  });
});

test('process 1 does not hear signals that it does not handle', async () => {
  const { world } = cluster();
  world.createPod('p', {
    terminationGracePeriodSeconds: 4,
    containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', '3600'] }],
  });
  await world.run(3);
  world.deletePod('p');
  await world.run(6);
  expect(world.pod('p')).toBeDefined();
  await world.run(9);
  expect(world.pod('p')).toBeUndefined();
});

test('a loop costs nothing until somebody looks at its log', async () => {
  const { world, agent } = cluster();
  world.createPod('p', { containers: [box('i=0; while true; do i=$((i+1)); echo tick $i; sleep 5; done')] });
  await world.run(60);
  expect(Object.keys(world.pending()).filter((key) => key.includes('/'))).toEqual([]);
  await world.run(86_400);
  const log = await agent.logs(world.pod('p')!, { container: 'c', tailLines: 1 });
  expect(log).toBe('tick 17280\n');
});

test('a server listens, answers its probe, and is asked through exec and port-forward', async () => {
  const { world, agent } = cluster();
  const readinessProbe = { httpGet: { path: '/', port: 80 }, periodSeconds: 2 };
  world.createPod('web', { containers: [{ name: 'c', image: 'nginx:1.27', readinessProbe }] });
  await world.run(4);
  const pod = world.pod('web')!;
  expect(pod.status!.containerStatuses![0]!.ready).toBe(true);
  expect(world.log('web', 'c')).toBe('ready for start up\n');
  expect(await agent.portForward(pod, 80, 'GET / HTTP/1.1\r\n\r\n')).toContain('It works!');
  const output: string[] = [];
  const exec = (...command: string[]) =>
    agent.exec(pod, { container: 'c', command, output: (stream, text) => output.push(`${stream} ${text}`) });
  expect(await exec('cat', '/etc/hostname')).toEqual({ code: 0 });
  expect(await exec('sh', '-c', 'echo out; echo err >&2; sleep 1; kill -9 $$')).toEqual({ code: 137 });
  expect(await exec('ls', '/nonexistent')).toEqual({ code: 1 });
  expect(output).toEqual([
    'stdout web\n',
    'stdout out\n',
    'stderr err\n',
    'stderr ls: /nonexistent: No such file or directory\n',
  ]);
  expect((await exec('nosuchcommand')).message).toContain(
    'exec: "nosuchcommand": executable file not found in $PATH: unknown',
  );
});

test.each([
  [{ runAsUser: 10001, runAsGroup: 20001 }, 'uid=10001 gid=20001 groups=20001\n'],
  [{ runAsUser: 10001 }, 'uid=10001 gid=0(root) groups=0(root)\n'],
  [
    { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000] },
    'uid=1000 gid=3000 groups=2000,3000,4000\n',
  ],
])('a process has the user and groups of its pod: %j', async (securityContext, shown) => {
  const { world } = cluster();
  world.createPod('p', { securityContext, containers: [box('id; sleep 100')] });
  await world.run(5);
  expect(world.log('p', 'c')).toBe(shown);
});
