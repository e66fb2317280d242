import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { LocalClient } from '../../src/runtime/local-client.ts';
import type { MemoryState } from '../../src/store/state.ts';
import type { KubeObject } from '../../src/types/objects.ts';

const HOUR = 3_600_000;
/** After this everything that is kept for a time has been there once, and something of it has gone. */
const WARM_UP = 8 * HOUR;
/** How much longer the cluster lives (KUBEMU_GROWTH_HOURS). */
const LONGER = Number(process.env.KUBEMU_GROWTH_HOURS ?? 16) * HOUR;
/** Names, counters and times of one thing become a little longer; the recorder's memory has its own bound. */
const SLACK = 1.15;
const RECORDED = 2000;

const folder = mkdtempSync(join(tmpdir(), 'kubemu-growth-'));
afterAll(() => rmSync(folder, { recursive: true }));

const busybox = (name: string, script: string) => ({ name, image: 'busybox:1.36', command: ['sh', '-c', script] });
const pod = (name: string, container: object): [string, object] => [
  'pods',
  { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [container] } },
];
const cron = (name: string, schedule: string, script: string): [string, object] => {
  const spec = { restartPolicy: 'Never', containers: [busybox('c', script)] };
  return [
    'cronjobs.batch',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name, namespace: 'default' },
      spec: { schedule, jobTemplate: { spec: { backoffLimit: 1, template: { spec } } } },
    },
  ];
};
const missing = { httpGet: { path: '/missing', port: 80 } };

/** All that goes on for ever: schedules, crashes, talk, failing probes, pulls and pods that fit nowhere. */
const RESTLESS: [string, object][] = [
  cron('works', '*/20 * * * *', 'echo begin; sleep 3; echo end'),
  cron('fails', '*/30 * * * *', 'exit 3'),
  pod('crashes', busybox('c', 'echo begin; sleep 5; exit 1')),
  pod('talks', busybox('c', 'while true; do date; echo something; sleep 1; done')),
  pod('writes', busybox('c', 'while true; do date >> /tmp/log; sleep 60; done')),
  pod('unready', { name: 'c', image: 'nginx:1.27', readinessProbe: missing }),
  pod('unhealthy', { name: 'c', image: 'nginx:1.27', livenessProbe: { ...missing, periodSeconds: 30 } }),
  pod('absent', { name: 'c', image: 'nginx:absent' }),
  pod('huge', { ...busybox('c', 'sleep 1'), resources: { requests: { cpu: '100' } } }),
];

/** How many entries each section holds, and how many characters all hold together. */
function sizeOf(state: MemoryState): { entries: Record<string, number>; characters: number } {
  let characters = 0;
  const entries: Record<string, number> = {};
  for (const name of state.sections()) {
    if (name === 'recorder') continue;
    const section = state.memorySection(name);
    entries[name] = section.keys().length;
    for (const key of section.keys()) characters += key.length + section.text(key).length;
  }
  return { entries, characters };
}

test('nothing in the state grows without bound', async () => {
  const source = readFileSync(join(import.meta.dirname, '..', 'timelines', 'cluster.yaml'), 'utf8');
  const path = join(folder, 'state.json');
  await createCluster({ config: validateConfig(parse(source), 'cluster.yaml'), path });
  const cluster = await new ClusterSession({ path, command: 'test' }).writing();
  await cluster.wire();
  const client = new LocalClient(await cluster.api(), { user: 'kubernetes-admin', manager: 'test' });
  for (const [resource, object] of RESTLESS) client.create(resource, object as KubeObject);
  /** The most that is there at some of the last hours. */
  const livedFor = async (time: number) => {
    await cluster.simulation.runUntil(cluster.clock.now() + time - 4 * HOUR);
    const most = { entries: {} as Record<string, number>, characters: 0 };
    for (let step = 0; step < 16; step++) {
      await cluster.simulation.runUntil(cluster.clock.now() + HOUR / 4);
      await cluster.flush();
      const { entries, characters } = sizeOf(cluster.state);
      most.characters = Math.max(most.characters, characters);
      for (const [name, count] of Object.entries(entries))
        most.entries[name] = Math.max(most.entries[name] ?? 0, count);
    }
    return most;
  };
  const before = await livedFor(WARM_UP);
  const after = await livedFor(LONGER);
  expect(after.characters).toBeLessThan(before.characters * SLACK);
  const grown = Object.entries(after.entries).filter(
    ([name, count]) => count > (before.entries[name] ?? 0) * SLACK + 3,
  );
  expect(grown).toEqual([]);
  expect(cluster.state.section('recorder').keys().length).toBeLessThanOrEqual(RECORDED);
  expect(client.get('pods', 'default', 'crashes')?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(100);
}, 240_000);
