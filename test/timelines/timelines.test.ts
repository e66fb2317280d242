import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { LocalClient } from '../../src/runtime/local-client.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../src/types/node-runtime.ts';
import type { KubeObject } from '../../src/types/objects.ts';
import { differences } from './compare.ts';
import recorded from './recorded.json' with { type: 'json' };
import { Follower, type Summary } from './summary.ts';

interface Action {
  t: number;
  /** `create pods/x`, `patch pods/x {…}`, `delete pods/x?propagationPolicy=Orphan`, `the kubelet of node-3 is killed` */
  action: string;
  body?: object;
}

/** A recorded timeline: what was done, and what a real cluster made of it (see record.ts). */
interface Timeline extends Summary {
  begins: string;
  lasts: number;
  actions: Action[];
}

const TIMELINES = recorded as unknown as Record<string, Timeline>;
const RESOURCES: Record<string, string> = {
  deployments: 'deployments.apps',
  replicasets: 'replicasets.apps',
  daemonsets: 'daemonsets.apps',
  statefulsets: 'statefulsets.apps',
  jobs: 'jobs.batch',
  cronjobs: 'cronjobs.batch',
  horizontalpodautoscalers: 'horizontalpodautoscalers.autoscaling',
};
const PLURALS = Object.fromEntries(Object.entries(RESOURCES).map(([plural, resource]) => [resource, plural]));
/** How much longer than on the recorded cluster containers may take to start, ms. */
const SLACK = 6_000;
const NAMESPACE = 'tl';
const folder = mkdtempSync(join(tmpdir(), 'kubemu-timelines-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function perform(cluster: Awaited<ReturnType<ClusterSession['writing']>>, client: LocalClient, one: Action) {
  const { action, body } = one;
  const killed = /^the kubelet of (\S+) is killed$/.exec(action)?.[1];
  if (killed) {
    const machines = cluster.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
    machines.set(killed, { ...machines.get(killed)!, kubelet: { active: false, since: cluster.clock.now() } });
    cluster.simulation.timers.wake('kubelet', killed, cluster.clock.now());
    return;
  }
  const [verb, target = '', ...patch] = action.split(' ');
  const [place = '', query = ''] = target.split('?');
  const [plural = '', name = ''] = place.split('/');
  const resource = RESOURCES[plural] ?? plural;
  const manifest = body as KubeObject;
  if (verb === 'create')
    client.create(resource, { ...manifest, metadata: { ...manifest.metadata, namespace: NAMESPACE } });
  else if (verb === 'delete') client.delete(resource, NAMESPACE, name, Object.fromEntries(new URLSearchParams(query)));
  else client.patch(resource, NAMESPACE, name, JSON.parse(patch.join(' ')));
}

/** Performs the actions on a cluster of its own that begins when the recorded one did, and tells what it went through. */
async function play(name: string, { begins, lasts, actions }: Timeline): Promise<Summary> {
  const path = join(folder, `${name}.json`);
  const config = validateConfig(parse(readFileSync(join(import.meta.dirname, 'cluster.yaml'), 'utf8')), 'cluster.yaml');
  const start = Date.parse(begins);
  config.spec.clock.epoch = new Date(start - 2000).toISOString().replace('.000', '');
  await createCluster({ config, path });
  const session = new ClusterSession({ path, command: 'test' });
  const cluster = await session.writing();
  await cluster.wire();
  const client = new LocalClient(await cluster.api(), { user: 'kubernetes-admin', manager: 'test' });
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await cluster.simulation.runUntil(start);
  const follower = new Follower();
  cluster.store.subscribe(({ type, resource, object }) => {
    if (object.metadata.namespace !== NAMESPACE && !name.startsWith('node')) return;
    if (object.metadata.namespace !== NAMESPACE && !ofNodes(resource, object)) return;
    follower.see(cluster.clock.now() - start, PLURALS[resource] ?? resource, type, object);
  });
  for (const one of actions) {
    await cluster.simulation.runUntil(start + one.t);
    await perform(cluster, client, one);
  }
  await cluster.simulation.runUntil(start + lasts + SLACK);
  return follower.summary();
}

const ofNodes = (resource: string, object: KubeObject): boolean =>
  resource === 'nodes' || (resource === 'events' && object.metadata.namespace === 'default');

/** What may differ, and why: docs/deviations.md. */
const DEVIATIONS: Record<string, RegExp> = {
  // It was recorded together with the others, whose pods made room and had the scheduler try again.
  'pending-then-fits': /^Pod big FailedScheduling/,
  // How many are ready while one comes and another goes depends on which watch is faster.
  'rolling-update': /^(deployments|replicasets)\/\S+ (available|ready|unavailable)Replicas is/,
};

test.each(Object.entries(TIMELINES))('%s goes as recorded', async (name, timeline) => {
  const { lasts, actions } = timeline;
  const found = differences(await play(name, timeline), timeline, { lasts, actions: actions.map(({ t }) => t) });
  expect(found.filter((difference) => !DEVIATIONS[name]?.test(difference))).toEqual([]);
});
