import { expect, test } from 'vitest';
import { testServer } from '../api/testing/server.ts';
import type { CoreEvent, KubeObject } from '../types/objects.ts';
import { LocalClient } from './local-client.ts';
import { LocalEventRecorder } from './recorder.ts';

const pod: KubeObject = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p', namespace: 'default', uid: 'u' } };

async function recorder() {
  const { server, store, clock } = await testServer();
  const client = new LocalClient(server, { user: 'system:node:n', manager: 'kubelet' });
  const events = new LocalEventRecorder(client, () => clock.now, new Map(), { component: 'kubelet', host: 'n' });
  return { clock, events, recorded: () => store.list('events') as CoreEvent[] };
}

test('the same again counts up', async () => {
  const { clock, events, recorded } = await recorder();
  events.event(pod, 'Warning', 'BackOff', 'again', { fieldPath: 'spec.containers{c}' });
  clock.now += 10_000;
  events.event(pod, 'Warning', 'BackOff', 'again', { fieldPath: 'spec.containers{c}' });
  expect(recorded()).toMatchObject([
    {
      metadata: { name: `p.${(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n).toString(16)}` },
      count: 2,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:10Z',
      source: { component: 'kubelet', host: 'n' },
      involvedObject: { fieldPath: 'spec.containers{c}' },
    },
  ]);
});

test('many similar ones are combined', async () => {
  const { clock, events, recorded } = await recorder();
  for (let i = 0; i < 12; i++) {
    events.event(pod, 'Warning', 'Failed', `message ${i}`);
    clock.now += 1000;
  }
  const combined = recorded().filter(({ message }) => message?.startsWith('(combined from similar events): '));
  expect([recorded().length, combined.map(({ message, count }) => [message, count])]).toEqual([
    10,
    [['(combined from similar events): message 11', 3]],
  ]);
});

test('a flood is cut', async () => {
  const { events, recorded } = await recorder();
  for (let i = 0; i < 40; i++) events.event(pod, 'Normal', `Reason${i}`, 'x');
  expect(recorded().length).toBe(25);
});

test('what is cut counts all the same', async () => {
  const { clock, events, recorded } = await recorder();
  for (let i = 0; i < 30; i++) events.event(pod, 'Warning', 'BackOff', 'again');
  const counts = () => recorded().map(({ count }) => count);
  expect(counts()).toEqual([25]);
  clock.now += 300_000;
  events.event(pod, 'Warning', 'BackOff', 'again');
  expect(counts()).toEqual([31]);
});

test('the scheduler’s have an action and no count', async () => {
  const { events, recorded } = await recorder();
  events.event(pod, 'Normal', 'Scheduled', 'ok', { component: 'default-scheduler', action: 'Binding' });
  expect(recorded()[0]).toMatchObject({
    action: 'Binding',
    source: {},
    firstTimestamp: null,
    eventTime: '2026-01-01T00:00:00.000000Z',
  });
});
