import { expect, test } from 'vitest';
import type { Machine } from '../../sh/process.ts';
import { RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { testHost } from '../testing.ts';
import { departureOf, interactiveExec } from './enter.ts';

test.each([
  ['crictl exec -it abc sh', { reference: 'abc', command: ['sh'] }],
  ['crictl -r unix:///x exec --interactive -t abc sh -c ls', { reference: 'abc', command: ['sh', '-c', 'ls'] }],
  ['docker exec -ti -u root abc bash', { reference: 'abc', command: ['bash'] }],
  ['nerdctl -n k8s.io exec -it abc ls -la', { reference: 'abc', command: ['ls', '-la'] }],
  ['crictl exec -i abc sh', undefined],
  ['crictl exec -it abc', undefined],
  ['crictl ps -it', undefined],
  ['ls exec -it abc', undefined],
])('%s', (line, expected) => {
  expect(interactiveExec(line.split(' '))).toEqual(expected);
});

function host() {
  const { host, state } = testHost();
  const pod = { name: 'web', namespace: 'default', uid: 'u' };
  state
    .section(RUNTIME_SECTIONS.sandboxes)
    .set('node-1/s', { id: 's', node: 'node-1', pod, state: 'ready', ip: '10.244.1.5', pid: 70, createdAt: 0 });
  state
    .section(RUNTIME_SECTIONS.containers)
    .set('node-1/c', { id: 'c', node: 'node-1', sandbox: 's', pod, state: 'running', pid: 77, createdAt: 0 });
  const inside = { hostname: 'web', network: 'of the pod' } as unknown as Machine;
  host.runtime.enter = () => ({ machine: inside, env: { A: '1' } });
  return host;
}

const around = { hostname: 'node-1', network: 'of the node', commands: { ip: 1, crictl: 2 } } as unknown as Machine;

test.each([
  ['nsenter -t 77 -n ip a', ['ip', 'a'], { hostname: 'node-1', network: 'of the pod', address: '10.244.1.5' }],
  ['nsenter --target=70 --net', ['bash'], { hostname: 'node-1', network: 'of the pod' }],
  ['nsenter -t 77 -a -- ls -l', ['ls', '-l'], { hostname: 'web', network: 'of the pod' }],
])('%s', (line, argv, machine) => {
  const departure = departureOf(host(), line.split(' '), () => around);
  expect(departure).toMatchObject({ argv, machine });
  expect(departure!.machine.commands ?? {}).not.toHaveProperty('ip');
});

test.each(['nsenter -t 1 -n ip a', 'nsenter -t 77 -u hostname', 'nsenter -n ip a'])('%s stays on the node', (line) => {
  expect(departureOf(host(), line.split(' '), () => around)).toBeUndefined();
});
