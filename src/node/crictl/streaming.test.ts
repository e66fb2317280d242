import { expect, test } from 'vitest';
import { type LogRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { webHost } from '../docker/testing.ts';
import { crictl } from './index.ts';

const call = async (line: string, memory?: unknown, prepare?: (host: ReturnType<typeof webHost>) => void) => {
  const host = webHost('containerd://1.7.27');
  const containers = host.state.section<object>(RUNTIME_SECTIONS.containers);
  containers.set('node-1/c', { ...containers.get('node-1/c'), state: 'running' });
  const sandboxes = host.state.section<object>(RUNTIME_SECTIONS.sandboxes);
  sandboxes.set('node-1/s', { ...sandboxes.get('node-1/s'), ip: '10.244.1.5' });
  prepare?.(host);
  const context = { argv: line.split(' '), env: {}, cwd: '/', user: 'root', stdin: '', machine: { flavour: 'bash' } };
  return await crictl(host, { ...context, ...(memory !== undefined && { memory }) } as never);
};

test('port-forward says what it forwards, once, and goes on', async () => {
  const first = await call('crictl port-forward 5bb 8080:80 :443');
  expect(first.stdout).toBe(
    'Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\nForwarding from 127.0.0.1:36882 -> 443\nForwarding from [::1]:36882 -> 443\n',
  );
  expect(first.again?.forwards).toEqual([
    { port: 8080, host: '10.244.1.5', to: 80 },
    { port: 36_882, host: '10.244.1.5', to: 443 },
  ]);
  expect(await call('crictl port-forward 5bb 8080:80', true)).toMatchObject({ stdout: '', again: { memory: true } });
});

test.each([
  ['crictl port-forward 5bb x:80', /error parsing local port 'x': strconv.ParseUint: parsing \\"x\\": invalid syntax/],
  ['crictl port-forward 5bb 80:70000', /error parsing remote port '70000'.*value out of range/],
  ['crictl port-forward 5bb 1:2:3', /invalid port format '1:2:3'/],
  ['crictl port-forward nope 80', /code = NotFound desc = failed to find sandbox/],
  ['crictl attach nope', /code = NotFound/],
  ['crictl logs --tail 1 -s stdout ccc', /--tail and --stream are mutually exclusive/],
  ['crictl logs --since banana ccc', /failed to parse value as time or duration: \\"banana\\"/],
])('%s is refused', async (line, stderr) => {
  const result = await call(line);
  expect(result.stderr).toMatch(stderr);
  expect(result.code).toBe(1);
});

test('attach and logs -f show what comes', async () => {
  const lines = (count: number) => (host: ReturnType<typeof webHost>) =>
    host.state.section<LogRecord>(RUNTIME_SECTIONS.logs).set(`c${'c'.repeat(63)}`, {
      lines: Array.from({ length: count }, (_, i) => [i, i % 2 ? 'stderr' : 'stdout', `line ${i}`]),
      pending: {},
      droppedLines: 10,
      bytes: 0,
    });
  const attached = await call('crictl attach ccc', undefined, lines(2));
  expect(attached).toMatchObject({ stdout: '', stderr: '', again: { memory: 12 } });
  const later = await call('crictl attach ccc', attached.again!.memory, lines(4));
  expect(later).toMatchObject({ stdout: 'line 2\n', stderr: 'line 3\n', again: { memory: 14 } });
  const followed = await call('crictl logs -f --tail 1 ccc', undefined, lines(3));
  expect(followed).toMatchObject({ stdout: 'line 2\n', stderr: '', again: { memory: 13 } });
  expect((await call('crictl logs --tail 1 ccc', undefined, lines(3))).again).toBeUndefined();
});
