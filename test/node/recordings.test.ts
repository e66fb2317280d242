import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ImageRecord, RUNTIME_SECTIONS } from '../../src/types/node-runtime.ts';
import { type Answer, Cluster } from './machines.ts';
import { compared, matches, type Recorded, recording } from './score.ts';

/** Recorded ids by what they name: `POD/CONTAINER/ATTEMPT` or `POD`. Read from the tables of crictl ps and pods. */
function namedIds(lines: Recorded[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { cmd = '', stdout = '' } of lines) {
    if (!/^crictl (ps|pods)\b/.test(cmd)) continue;
    for (const line of stdout.split('\n')) {
      const cells = line.trim().split(/\s{2,}/);
      if (!/^[0-9a-f]{13}$/.test(cells[0] ?? '')) continue;
      if (cells.length === 9) names.set(cells[0]!, `${cells[7]}/${cells[4]}/${cells[5]}`);
      if (cells.length === 9) names.set(cells[6]!, cells[7]!);
      if (cells.length === 7) names.set(cells[0]!, cells[3]!);
    }
  }
  return names;
}

/** A recorded command line with this cluster's ids in it. */
async function translate(cmd: string, names: Map<string, string>, cluster: Cluster): Promise<string> {
  const { containers, sandboxes } = await cluster.records();
  return cmd.replace(/\b[0-9a-f]{13}(?:[0-9a-f]{51})?\b/g, (id) => {
    const name = names.get(id.slice(0, 13));
    const found =
      containers.find((c) => `${c.pod.name}/${c.name}/${c.attempt}` === name) ??
      containers.find((c) => `${c.pod.name}/${c.name}` === name?.replace(/\/\d+$/, '')) ??
      sandboxes.find((s) => s.pod.name === name);
    return found ? found.id.slice(0, id.length) : id;
  });
}

interface Stage {
  node: string;
  prepare?(cluster: Cluster): Promise<void>;
  /** How many of the recorded commands must be answered as recorded. */
  least: number;
}

const WORKLOAD = readFileSync(join(import.meta.dirname, 'workload.yaml'), 'utf8');
/** The recorded machine's images: one nginx with many tags, one busybox with two, and the pause image without a digest. */
const TAGS: Record<string, string[]> = {
  busybox: ['1.36', 'latest'],
  nginx: ['1.20', '1.21', '1.25', '1.26', '1.27', '1.28', 'latest'],
};

async function withImages(cluster: Cluster): Promise<void> {
  await cluster.run('node-1', 'crictl pull nginx; crictl pull busybox');
  const { state } = await cluster.session.writing();
  const images = state.section<ImageRecord>(RUNTIME_SECTIONS.images);
  for (const key of images.keys('node-1/')) {
    const image = images.get(key)!;
    const name = image.repoTags[0]!.replace(/:[^:]*$/, '');
    const tags = TAGS[name.split('/').at(-1)!];
    images.set(key, { ...image, repoTags: tags!.map((tag) => `${name}:${tag}`) });
  }
  const id = `sha256:${'dff85686f6e9172d'.repeat(4)}`;
  const pause = { repoTags: ['registry.k8s.io/pause:3.10'], repoDigests: [], size: 2_140_871, user: '', pulledAt: 0 };
  images.set(`node-1/${id}`, { id, node: 'node-1', ...pause });
}

async function withWorkload(cluster: Cluster): Promise<void> {
  await withImages(cluster);
  await cluster.run('k8s-master', `cat > /root/workload.yaml <<'EOF'\n${WORKLOAD}EOF`);
  await cluster.run(
    'k8s-master',
    'mkdir /root/w; cd /root/w; awk \'/^---/ {n++} {print > (n < 3 ? "a.yaml" : "b.yaml")}\' /root/workload.yaml',
  );
  const made = await cluster.kubectl(
    'cd /root/w && kubectl create ns gtcri && kubectl create -f a.yaml && sleep 5 && kubectl apply -f b.yaml',
  );
  expect(made.stderr).toBe('');
  await cluster.advance(3_000);
}

const CONFIGURATION = readFileSync(join(import.meta.dirname, 'kubeadm.yaml'), 'utf8');

async function withConfiguration(cluster: Cluster): Promise<void> {
  await cluster.run('k8s-master', `cat > /root/kubeadm.yaml <<'EOF'\n${CONFIGURATION}EOF`);
  await cluster.run('k8s-master', `sed 's/kubernetesVersion/kubernetesVersoin/' /root/kubeadm.yaml > /root/bad.yaml`);
  const old = 'apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.33.0\n';
  const args = 'apiServer: {extraArgs: {audit-log-path: /var/log/audit.log}}\n';
  await cluster.run('k8s-master', `cat > /root/old.yaml <<'EOF'\n${old}${args}EOF`);
}

const STAGES: Record<string, Stage> = {
  crictl: { node: 'node-1', prepare: withWorkload, least: 0.9 },
  'crictl-noconfig': {
    node: 'node-1',
    prepare: async (cluster) => void (await cluster.run('node-1', 'systemctl stop containerd; rm /etc/crictl.yaml')),
    least: 0.9,
  },
  ctr: { node: 'node-1', prepare: withWorkload, least: 0.9 },
  kubeadm: {
    node: 'node-1',
    prepare: async (cluster) => void (await cluster.run('node-1', 'rm /etc/kubernetes/kubelet.conf')),
    least: 0.9,
  },
  // What differs is the recorded machine's: two authorities, an authority of ten years, which of two tokens sorts first.
  'kubeadm-live': { node: 'k8s-master', prepare: withConfiguration, least: 0.8 },
  'kubeadm-offline': { node: 'k8s-master', prepare: withConfiguration, least: 0.9 },
  // Its help is prose, and so long as its number of flags.
  kubelet: { node: 'node-1', least: 0.7 },
  // A kubelet needs its time, which the recording does not tell.
  'static-pods': { node: 'node-1', prepare: withImages, least: 0.8 },
};

/** With NODE_DUMP=FOLDER, writes what was missed there, masked, for `diff`. */
function dump(recorded: Recorded, answer: Answer): void {
  const folder = process.env.NODE_DUMP;
  if (!folder) return;
  const name = recorded.cmd!.replace(/[^\w.-]+/g, '_').slice(0, 80);
  const text = ({ stdout, stderr, code }: Answer) =>
    `${compared(stdout, recorded.cmd)}--err\n${compared(stderr)}--${code}\n`;
  writeFileSync(join(folder, `${name}.recorded`), text(recorded as Answer));
  writeFileSync(join(folder, `${name}.ours`), text(answer));
}

/** Of all recordings together at least so many must be answered as recorded. */
const LEAST = 0.9;
const total = { matched: 0, count: 0 };

const ONLY = process.env.NODE_RECORDING;

describe.each(Object.entries(STAGES).filter(([name]) => !ONLY || name === ONLY))('%s', (name, stage) => {
  it('is answered as recorded', async () => {
    const cluster = await Cluster.create(join(import.meta.dirname, 'cluster.yaml'));
    await stage.prepare?.(cluster);
    const lines = recording(name);
    const names = namedIds(recording(name === 'ctr' ? 'crictl' : name));
    const missed: string[] = [];
    let count = 0;
    for (const line of lines) {
      if (line.advance) await cluster.advance(line.advance);
      if (line.run) await cluster.run(stage.node, await translate(line.run, names, cluster));
      if (line.then) await cluster.advance(line.then);
      if (!line.cmd) continue;
      count++;
      const cmd = await translate(line.cmd, names, cluster);
      const answer = await (cmd.startsWith('kubectl') ? cluster.kubectl(cmd) : cluster.run(stage.node, cmd));
      if (!matches(line, answer)) {
        missed.push(line.cmd);
        dump(line, answer);
      }
    }
    total.matched += count - missed.length;
    total.count += count;
    const score = (count - missed.length) / count;
    if (ONLY) console.log(`${name}: ${count - missed.length}/${count}\n${missed.join('\n')}`);
    expect(score, missed.join('\n')).toBeGreaterThanOrEqual(stage.least);
  });
});

it('is, all in all, what was recorded', () => {
  expect(total.matched / total.count).toBeGreaterThanOrEqual(LEAST);
});
