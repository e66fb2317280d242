import { expect, test } from 'vitest';
import type { ApiError } from '../../api/request.ts';
import { FakeWorld } from '../testing/fake-world.ts';
import { KubeletAgent } from './index.ts';

const BUSYBOX = 'busybox:1.36';
const sh = (script: string) => ['sh', '-c', script];

async function cluster(name: string, spec: Record<string, unknown>, seconds = 5) {
  const world = new FakeWorld();
  world.pull(BUSYBOX, 'nginx:1.27');
  world.createPod(name, spec);
  await world.run(seconds);
  const live = (time: number) => world.step(time).then(() => true);
  const agent = new KubeletAgent({ platform: world.platform, world: () => world, live });
  return { world, agent, pod: () => world.pod(name)! };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: ApiError) => error.message,
  );

test('logs have the lines that were asked for', async () => {
  const { agent, pod } = await cluster('web', {
    containers: [{ name: 'c', image: BUSYBOX, command: sh('echo one; echo two; sleep 2; echo three; forever') }],
  });
  const log = (options = {}) => agent.logs(pod(), { container: 'c', ...options });
  expect(await log()).toBe('one\ntwo\nthree\n');
  expect(await log({ tailLines: 1 })).toBe('three\n');
  expect(await log({ tailLines: 0 })).toBe('');
  expect(await log({ limitBytes: 6 })).toBe('one\ntw');
  expect(await log({ sinceSeconds: 4 })).toBe('three\n');
  expect(await log({ timestamps: true, tailLines: 1 })).toMatch(/^2026-11-21T04:23:08\.\d{9}Z three\n$/);
});

test.each([
  [
    'a pod that waits for its image',
    { containers: [{ name: 'c', image: 'nginx:absent' }] },
    {},
    'container "c" in pod "p" is waiting to start: image can\'t be pulled',
  ],
  [
    'a pod that initialises',
    {
      initContainers: [{ name: 'i', image: BUSYBOX, command: sh('forever') }],
      containers: [{ name: 'c', image: BUSYBOX }],
    },
    {},
    'container "c" in pod "p" is waiting to start: PodInitializing',
  ],
  [
    'a container that never ended',
    { containers: [{ name: 'c', image: BUSYBOX, command: sh('forever') }] },
    { previous: true },
    'previous terminated container "c" in pod "p" not found',
  ],
])("logs of %s are refused in the kubelet's words", async (_what, spec, options, message) => {
  const { agent, pod } = await cluster('p', spec, 3);
  expect(await failure(agent.logs(pod(), { container: 'c', ...options }))).toBe(message);
});

test('exec answers output and exit code, and what containerd says of what it cannot start', async () => {
  const { agent, pod, world } = await cluster('p', {
    containers: [{ name: 'c', image: BUSYBOX, command: sh('forever') }],
  });
  const output: string[] = [];
  const run = (command: string[], container = 'c') =>
    agent.exec(pod(), { container, command, output: (stream, text) => output.push(`${stream}: ${text}`) });
  expect(await run(sh('echo hi; sleep 3; exit 7'))).toEqual({ code: 7 });
  expect(output).toEqual(['stdout: hi\n']);
  expect(world.now() / 1000 - 5).toBeGreaterThanOrEqual(3);
  expect((await run(['nosuch'])).message).toMatch(
    /^Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in \$PATH: unknown$/,
  );
  expect(await run(['cat', '/x'], 'absent')).toEqual({
    message: 'Internal error occurred: unable to upgrade connection: container not found ("absent")',
  });
});

test('a file that an exec leaves makes a readiness probe succeed', async () => {
  const readinessProbe = { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 };
  const { agent, pod, world } = await cluster('p', {
    containers: [{ name: 'c', image: BUSYBOX, command: sh('forever'), readinessProbe }],
  });
  expect(pod().status!.containerStatuses![0]!.ready).toBe(false);
  await agent.exec(pod(), { container: 'c', command: ['touch', '/tmp/ready'], output: () => {} });
  await world.run(7);
  expect(pod().status!.containerStatuses![0]!.ready).toBe(true);
});

test('attach shows what comes until the container ends', async () => {
  const { agent, pod } = await cluster('p', {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image: BUSYBOX, command: sh('echo before; sleep 6; echo after; exit 4') }],
  });
  const output: string[] = [];
  expect(await agent.attach(pod(), { container: 'c', output: (_, text) => output.push(text) })).toEqual({ code: 0 });
  expect(output).toEqual(['after\n']);
});

test('a kubelet that is down cannot be reached', async () => {
  const { agent, pod, world } = await cluster('p', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
  expect((await agent.proxy('node-1', 'GET', 'healthz')).body).toBe('ok');
  expect(await agent.portForward(pod(), 80, 'GET / HTTP/1.1\r\n\r\n')).toContain('welcome');
  world.stopKubelet();
  expect(await failure(agent.logs(pod(), { container: 'c' }))).toBe(
    'Get "https://192.168.50.11:10250/containerLogs/tl/p/c": dial tcp 192.168.50.11:10250: connect: connection refused',
  );
});
