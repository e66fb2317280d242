import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Random } from '../../src/base/random.ts';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { LocalClient } from '../../src/runtime/local-client.ts';
import { User } from './actions.ts';
import { breaches, violations } from './invariants.ts';

/** How many sequences are tried (KUBEMU_SEQUENCES), how long each is, and how much time may pass between two actions, ms. */
const SEQUENCES = Number(process.env.KUBEMU_SEQUENCES ?? 3);
const FIRST = Number(process.env.KUBEMU_FIRST_SEQUENCE ?? 1);
const ACTIONS = 200;
const PAUSE = 30_000;
/** Back-offs and the progress of stateful sets may take so long after the last action, ms. */
const CALM = 1_800_000;

const folder = mkdtempSync(join(tmpdir(), 'kubemu-properties-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Array.from({ length: SEQUENCES }, (_, index) => FIRST + index))(
  'after random actions (sequence %i) the cluster settles, and every invariant holds',
  async (seed) => {
    const source = readFileSync(join(import.meta.dirname, '..', 'timelines', 'cluster.yaml'), 'utf8');
    const path = join(folder, `${seed}.json`);
    await createCluster({ config: validateConfig(parse(source), 'cluster.yaml'), path });
    const session = new ClusterSession({ path, command: 'test' });
    const cluster = await session.writing();
    await cluster.wire();
    const client = new LocalClient(await cluster.api(), { user: 'kubernetes-admin', manager: 'test' });
    const random = new Random(seed);
    const user = new User(cluster, client, random);
    const done: string[] = [];
    for (let step = 0; step < ACTIONS; step++) {
      done.push(user.act());
      if (random.int(3) > 0) await cluster.simulation.runUntil(cluster.clock.now() + random.int(PAUSE));
      expect(breaches(cluster, client, user), done.slice(-5).join('\n')).toEqual([]);
    }
    user.heal();
    await cluster.simulation.runUntil(cluster.clock.now() + CALM);
    const found = violations(cluster, client, user);
    expect(found, done.slice(-30).join('\n')).toEqual([]);
    expect(JSON.stringify(cluster.state.section('timers').keys()).length).toBeLessThan(100_000);
  },
  60_000,
);
