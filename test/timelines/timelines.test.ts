import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { LocalClient } from '../../src/runtime/local-client.ts';
import type { CoreEvent, KubeObject } from '../../src/types/objects.ts';
import recorded from './recorded.json' with { type: 'json' };

interface Action {
  t: number;
  /** `create pods/x`, `patch pods/x {…}`, `delete pods/x?propagationPolicy=Orphan` */
  action: string;
  body?: object;
}

/** What a recorded timeline left behind: events by kind and reason (pulls are the machine's business), and the last statuses. */
interface Timeline {
  lasts: number;
  actions: Action[];
  events: Record<string, number>;
  statuses: Record<string, object>;
}

const RESOURCES: Record<string, string> = {
  deployments: 'deployments.apps',
  replicasets: 'replicasets.apps',
  daemonsets: 'daemonsets.apps',
  statefulsets: 'statefulsets.apps',
  jobs: 'jobs.batch',
  horizontalpodautoscalers: 'horizontalpodautoscalers.autoscaling',
};
/** How much longer than on the recorded cluster containers may take to start, ms. */
const SLACK = 6_000;
const NAMESPACE = 'tl';
const folder = mkdtempSync(join(tmpdir(), 'kubemu-timelines-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Performs the actions on a cluster of its own, and tells what it left behind in the same form. */
async function play(name: string, { lasts, actions }: Timeline): Promise<Pick<Timeline, 'events' | 'statuses'>> {
  const path = join(folder, `${name}.json`);
  const config = validateConfig(parse(readFileSync(join(import.meta.dirname, 'cluster.yaml'), 'utf8')), 'cluster.yaml');
  await createCluster({ config, path });
  const session = new ClusterSession({ path, command: 'test' });
  const cluster = await session.writing();
  await cluster.wire();
  const client = new LocalClient(await cluster.api(), { user: 'kubernetes-admin', manager: 'test' });
  client.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await cluster.simulation.runUntil(cluster.clock.now() + 1000);
  const start = cluster.clock.now();
  const events: Record<string, number> = {};
  cluster.store.subscribe(({ type, resource, object }) => {
    if (resource !== 'events' || type !== 'ADDED' || object.metadata.namespace !== NAMESPACE) return;
    const { involvedObject, reason = '' } = object as CoreEvent;
    if (reason === 'Pulled' || reason === 'Pulling') return;
    const key = `${involvedObject.kind} ${reason}`;
    events[key] = (events[key] ?? 0) + 1;
  });
  for (const { t, action, body } of actions) {
    await cluster.simulation.runUntil(start + t);
    const [verb, target = '', ...patch] = action.split(' ');
    const [place = '', query = ''] = target.split('?');
    const [plural = '', object = ''] = place.split('/');
    const resource = RESOURCES[plural] ?? plural;
    const manifest = body as KubeObject;
    if (verb === 'create')
      client.create(resource, { ...manifest, metadata: { ...manifest.metadata, namespace: NAMESPACE } });
    else if (verb === 'delete')
      client.delete(resource, NAMESPACE, object, Object.fromEntries(new URLSearchParams(query)));
    else client.patch(resource, NAMESPACE, object, JSON.parse(patch.join(' ')));
  }
  await cluster.simulation.runUntil(start + lasts + SLACK);
  const statuses = Object.fromEntries(
    ['deployments', 'statefulsets', 'daemonsets', 'jobs'].flatMap((plural) =>
      client
        .list(RESOURCES[plural]!, NAMESPACE)
        .map((object) => [`${plural}/${object.metadata.name}`, outline(object)]),
    ),
  );
  return { events, statuses };
}

interface Status {
  conditions?: { type: string; status: string; reason?: string }[];
  startTime?: string;
  completionTime?: string;
}

function outline(object: KubeObject): object {
  const { conditions, startTime: _, completionTime: __, ...counts } = (object as unknown as { status: Status }).status;
  const told = conditions?.map(({ type, status, reason = '' }) => `${type} ${status} ${reason}`);
  return { ...counts, ...(told && { conditions: told }) };
}

test.each(Object.entries(recorded as unknown as Record<string, Timeline>))(
  '%s ends as recorded',
  async (name, timeline) => {
    const { events, statuses } = await play(name, timeline);
    expect(events).toEqual(timeline.events);
    expect(statuses).toEqual(timeline.statuses);
  },
);
