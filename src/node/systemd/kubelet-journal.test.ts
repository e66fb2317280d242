import { expect, test } from 'vitest';
import { RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { KubeObject } from '../../types/objects.ts';
import { testHost } from '../testing.ts';
import { journalOf } from './journal.ts';
import { readUnit } from './units.ts';

const NOW = Date.UTC(2026, 10, 21, 1);
const pod = (status: object): KubeObject =>
  ({
    metadata: { name: 'p', namespace: 'default', uid: 'u', creationTimestamp: '2026-11-21T00:59:00Z' },
    spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
    status: { startTime: '2026-11-21T00:59:00Z', ...status },
  }) as unknown as KubeObject;

function messages(status: object): string[] {
  const machine = { systemd: 255, unitFolder: '/usr/lib/systemd/system' };
  const record = { bootedAt: NOW - 300_000 };
  const { host } = testHost({ now: NOW, machine, record, objects: { pods: [pod(status)] } });
  return journalOf(host, 'kubelet', readUnit(host, 'kubelet')).map(({ message }) => message);
}

test('a kubelet tells how it began', () => {
  const [first, second] = messages({});
  expect(first).toBe('Started kubelet.service - kubelet: The Kubernetes Node Agent.');
  expect(second).toMatch(/^I1121 00:55:00\.062000 +\d+ server\.go:530\] "Kubelet version" kubeletVersion="v/);
});

test('and of pods that came up', () => {
  const containerStatuses = [{ name: 'c', state: { running: { startedAt: '2026-11-21T00:59:02Z' } } }];
  expect(messages({ containerStatuses }).at(-1)).toContain(
    'pod_startup_latency_tracker.go:104] "Observed pod startup duration" pod="default/p" podStartSLOduration=2.400000000',
  );
});

test('and again and again of those that do not', () => {
  const waiting = {
    reason: 'CrashLoopBackOff',
    message: 'back-off 10s restarting failed container=c pod=p_default(u)',
  };
  const said = messages({ containerStatuses: [{ name: 'c', state: { waiting } }] }).filter((text) => /^E/.test(text));
  expect(said).toHaveLength(5);
  expect(said[0]).toContain(
    String.raw`pod_workers.go:1301] "Error syncing pod, skipping" err="failed to \"StartContainer\" for \"c\" with CrashLoopBackOff: \"back-off 10s restarting failed container=c pod=p_default(u)\"" pod="default/p" podUID="u"`,
  );
});

test('and of manifests that are no pods, when they change and whenever it looks', () => {
  const machine = { systemd: 255, unitFolder: '/usr/lib/systemd/system' };
  const { host } = testHost({ now: NOW, machine, record: { bootedAt: NOW - 300_000 }, objects: {} });
  const path = '/etc/kubernetes/manifests/x.yaml';
  host.state.section(RUNTIME_SECTIONS.manifestProblems).set(host.name, [{ path, error: 'bad', since: NOW - 50_000 }]);
  const said = journalOf(host, 'kubelet', readUnit(host, 'kubelet')).filter(({ message }) => message.includes(path));
  expect(said.map(({ at, message }) => [NOW - Number(at), message.replace(/^.*?\] /, '')])).toEqual([
    [50_000, String.raw`"Unable to process watch event" err="can't process config file \"${path}\": bad"`],
    [40_000, `"Could not process manifest file" err="bad" path="${path}"`],
    [20_000, `"Could not process manifest file" err="bad" path="${path}"`],
    [0, `"Could not process manifest file" err="bad" path="${path}"`],
  ]);
});
