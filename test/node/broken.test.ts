import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseDuration } from '../../src/base/duration.ts';
import { type Answer, Cluster } from './machines.ts';

/** Something that is done: to a node, through kubectl, or nothing for a while. */
interface Action {
  /** A command line on a node. */
  node?: string;
  run?: string;
  /** What follows `kubectl` on the control plane. */
  kubectl?: string;
  /** Manifests to apply. */
  apply?: string;
  wait?: string;
}

/** What a command shows: a regular expression over both of its outputs. */
interface Observation extends Action {
  shows: string;
  fails?: boolean;
}

/** fixtures/labs/broken: how a cluster is broken, how that shows, and what repairs it. */
interface BrokenCluster {
  title: string;
  /** What the cluster has beyond the preset. */
  addons?: string[];
  break: Action[];
  symptoms: Observation[];
  repair: Action[];
  healthy: Observation[];
}

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'fixtures/labs/broken');
const MASTER = 'k8s-master';

async function perform(cluster: Cluster, action: Action): Promise<Answer | undefined> {
  if (action.wait) {
    await cluster.advance(parseDuration(action.wait));
    return undefined;
  }
  if (action.apply) return await cluster.run(MASTER, `kubectl apply -f - <<'END'\n${action.apply}\nEND`);
  return await cluster.run(action.node ?? MASTER, action.run ?? `kubectl ${action.kubectl}`);
}

async function act(cluster: Cluster, actions: Action[]): Promise<void> {
  for (const action of actions) {
    const answer = await perform(cluster, action);
    expect(answer?.code ?? 0, `${action.run ?? action.kubectl}: ${answer?.stderr}`).toBe(0);
  }
}

async function see(cluster: Cluster, observations: Observation[]): Promise<void> {
  for (const { shows, fails, ...action } of observations) {
    const answer = (await perform(cluster, action))!;
    expect(`${answer.stdout}${answer.stderr}`, action.run ?? action.kubectl).toMatch(new RegExp(shows, 'm'));
    if (fails) expect(answer.code).not.toBe(0);
  }
}

test.each(readdirSync(folder).flatMap((file) => (file.endsWith('.yaml') ? [file.replace('.yaml', '')] : [])))(
  '%s',
  async (name) => {
    const lab = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as BrokenCluster;
    const cluster = await Cluster.create(join(root, 'fixtures/clusters/kubeadm.yaml'), 'kubeadm', lab.addons);
    try {
      await act(cluster, lab.break);
      await see(cluster, lab.symptoms);
      await act(cluster, lab.repair);
      await see(cluster, lab.healthy);
    } finally {
      cluster.remove();
    }
  },
);
