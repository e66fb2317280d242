// Measures cold commands against `node -e 0`, in turns in one run, and prints the ratios; with --check, a ratio above its
// limit is a failure. A real kubectl on PATH is measured beside ours. Then a busy cluster lives a day.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const rounds = Number(process.argv.find((argument) => /^\d+$/.test(argument)) ?? 25);
const home = mkdtempSync(join(tmpdir(), 'kubemu-bench-'));
const env = { ...process.env, HOME: home, XDG_CACHE_HOME: '', KUBEMU_STATE: join(home, 'state.json'), NO_COLOR: '1' };
delete env.KUBECONFIG;
const PODS = 100;

const run = (argv, more = {}) => {
  const result = spawnSync(argv[0], argv.slice(1), { env: { ...env, ...more }, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
  return result;
};
const ours = (program, ...args) => [process.execPath, join(root, 'bin', program), ...args];

function realKubectl() {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, process.platform === 'win32' ? 'kubectl.exe' : 'kubectl');
    const answer = spawnSync(candidate, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
    if (answer.status === 0 && folder !== join(root, 'bin') && !answer.error) return candidate;
  }
  return undefined;
}

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n';
const manifest = join(home, 'web.yaml');
writeFileSync(manifest, CONFIG_MAP);
const fresh = join(home, 'fresh.json');

/** What is measured: a name, the command, the ratio that it may have, and what must be done before each run. */
const cases = [
  { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
  { name: `kubectl get pods (${PODS} pods)`, argv: ours('kubectl', 'get', 'pods'), limit: 1.5 },
  { name: 'kubectl version --client', argv: ours('kubectl', 'version', '--client'), limit: 1.5 },
  { name: 'kubectl describe pod', argv: ours('kubectl', 'describe', 'pod', 'first'), limit: 1.5 },
  { name: 'kubectl apply, nothing to change', argv: ours('kubectl', 'apply', '-f', manifest), limit: 2 },
  { name: "kubectl __complete get pods ''", argv: ours('kubectl', '__complete', 'get', 'pods', '') },
  {
    name: 'kubemu create cluster',
    argv: ours('kubemu', 'create', 'cluster'),
    env: { KUBEMU_STATE: fresh },
    limit: 3,
    before: () => {
      for (const file of [fresh, `${fresh.replace(/\.json$/, '')}.kubeconfig`]) rmSync(file, { force: true });
    },
  },
];

const changed = join(home, 'changed.yaml');
let changes = 0;
/** What changes the cluster, measured after the others: who comes next catches up with it. */
const writes = [
  {
    name: 'kubectl apply, a change',
    argv: ours('kubectl', 'apply', '-f', changed),
    before: () => writeFileSync(changed, CONFIG_MAP.replace('blue', `blue-${++changes}`)),
  },
  {
    name: 'kubectl scale deployment',
    argv: ours('kubectl', 'scale', 'deployment', 'web', `--replicas=${PODS}`),
    before: () => run(ours('kubectl', 'scale', 'deployment', 'web', `--replicas=${PODS - 1}`)),
  },
];

/** A day of 50 deployments (9 pods each), a stateful set of 50 pods, and 10 cron jobs that run 480 times a day. */
const DAY = { nodes: 8, deployments: 50, replicas: 9, limit: 5 };
const SCHEDULES = ['*/15', '*/15', '*/30', '*/30', '*/30', '*/30', '0', '0', '0', '0'];

function busyManifest() {
  const template = (app, container) => ({ metadata: { labels: { app } }, spec: { containers: [container] } });
  const workload = (kind, name, replicas, container, more = {}) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, container), ...more },
  });
  const probe = { httpGet: { path: '/', port: 80 } };
  const web = { name: 'web', image: 'nginx', readinessProbe: probe, livenessProbe: probe };
  const loop = { name: 'db', image: 'busybox', command: ['sh', '-c', 'while true; do date; sleep 5; done'] };
  const once = { name: 'job', image: 'busybox', command: ['sh', '-c', 'echo begin; sleep 3; echo end'] };
  const parallel = { serviceName: 'db', podManagementPolicy: 'Parallel' };
  const cron = (minutes, index) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: `cron-${index}` },
    spec: {
      schedule: `${minutes} * * * *`,
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [once] } } } },
    },
  });
  const items = [
    ...Array.from({ length: DAY.deployments }, (_, i) => workload('Deployment', `web-${i}`, DAY.replicas, web)),
    workload('StatefulSet', 'db', 50, loop, parallel),
    ...SCHEDULES.map(cron),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** How many seconds it takes until a day has passed on the busy cluster, and how big its state is before and after, MB. */
function measureDay() {
  const state = join(home, 'busy.json');
  const busy = { KUBEMU_STATE: state };
  const megabytes = () =>
    (
      readdirSync(home)
        .filter((name) => name.startsWith('busy.json'))
        .reduce((sum, name) => sum + statSync(join(home, name)).size, 0) / 1e6
    ).toFixed(1);
  writeFileSync(join(home, 'busy.yaml'), busyManifest());
  run(ours('kubemu', 'create', 'cluster', '--clock', 'manual', '--seed', '1', '--nodes', String(DAY.nodes)), busy);
  run(ours('kubectl', 'apply', '-f', join(home, 'busy.yaml')), busy);
  run(ours('kubemu', 'advance', '2h'), busy);
  const before = megabytes();
  const start = process.hrtime.bigint();
  run(ours('kubemu', 'advance', '24h'), busy);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, before, after: megabytes() };
}

/** How many commands `kubemu test` runs, and in how many seconds at most. */
const TRANSCRIPT = { commands: 1000, limit: 10 };
const TYPED = [
  'kubectl get pods -A',
  'kubectl get pod web -o yaml',
  'kubectl get deployments -o wide',
  'kubectl describe pod web',
  'kubectl create configmap c --from-literal=k=v',
  "kubectl get configmap c -o jsonpath='{.data.k}'",
  'kubectl label pod web colour=blue --overwrite',
  'kubectl delete configmap c',
  'kubectl get events',
  'kubectl get nodes -o name',
];

/** How many seconds a transcript of 1,000 kubectl commands takes in process, its cluster's making included. */
function measureTranscript() {
  const file = join(home, 'thousand.md');
  const begin = [
    'kubectl run web --image nginx',
    'kubectl create deployment app --image nginx --replicas 20',
    'kubemu advance 30s',
  ];
  const typed = Array.from({ length: TRANSCRIPT.commands }, (_, index) => TYPED[index % TYPED.length]);
  const lines = [...begin, ...typed].map((command) => `$ ${command}\n`);
  writeFileSync(file, `\`\`\`console setup\n${lines.join('')}\`\`\`\n`);
  const start = process.hrtime.bigint();
  run(ours('kubemu', 'test', file));
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** What the same number of commands would take a real kubectl on the cluster that its kubeconfig names; undefined where there is none. */
function measureReal(kubectl) {
  const real = (...argv) => spawnSync(kubectl, argv, { encoding: 'utf8' });
  if (!kubectl || real('get', '--raw', '/readyz', '--request-timeout=2s').status !== 0) return undefined;
  const sample = 20;
  const start = process.hrtime.bigint();
  for (let count = 0; count < sample; count++) real('get', 'pods', '-A');
  return (Number(process.hrtime.bigint() - start) / 1e9 / sample) * TRANSCRIPT.commands;
}

/** How long each of `measured` takes at the median, ms: they run in turns. */
function mediansOf(measured) {
  const times = measured.map(() => []);
  for (let round = -2; round < rounds; round++) {
    measured.forEach((one, index) => {
      one.before?.();
      const start = process.hrtime.bigint();
      run(one.argv, one.env);
      const ms = Number(process.hrtime.bigint() - start) / 1e6;
      // The first rounds fill caches.
      if (round >= 0) times[index].push(ms);
    });
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}

const real = realKubectl();
if (real) cases.push({ name: 'real kubectl version --client', argv: [real, 'version', '--client'] });

try {
  run(ours('kubemu', 'create', 'cluster'));
  run(ours('kubectl', 'run', 'first', '--image=nginx'));
  run(ours('kubectl', 'create', 'deployment', 'web', '--image=nginx', `--replicas=${PODS - 1}`));
  run(ours('kubemu', 'advance', '--until-settled'));
  run(ours('kubectl', 'apply', '-f', manifest));
  const medians = [...mediansOf(cases), ...mediansOf(writes)];
  let over = 0;
  console.log(`Median of ${rounds} cold runs in turns, Node ${process.version}`);
  [...cases, ...writes].forEach(({ name, limit }, index) => {
    const ratio = medians[index] / medians[0];
    const verdict = limit === undefined ? '' : ratio <= limit ? `(limit ${limit})` : `(OVER the limit ${limit})`;
    if (limit !== undefined && ratio > limit) over++;
    console.log(
      `${name.padEnd(36)}${medians[index].toFixed(1).padStart(8)} ms ${ratio.toFixed(2).padStart(6)} × ${verdict}`,
    );
  });
  const { seconds, before, after } = measureDay();
  const verdict = seconds <= DAY.limit ? `(limit ${DAY.limit} s)` : `(OVER the limit ${DAY.limit} s)`;
  if (seconds > DAY.limit) over++;
  console.log(
    `kubemu advance 24h (500 pods)       ${seconds.toFixed(2).padStart(8)} s  ${verdict}, state ${before} → ${after} MB`,
  );
  const thousand = measureTranscript();
  const cluster = measureReal(real);
  const beside = cluster === undefined ? '' : `, a real kubectl on a real cluster ${cluster.toFixed(0)} s`;
  if (thousand > TRANSCRIPT.limit) over++;
  console.log(
    `kubemu test (1000 kubectl commands)  ${thousand.toFixed(2).padStart(8)} s  ${thousand <= TRANSCRIPT.limit ? '' : 'OVER the '}(limit ${TRANSCRIPT.limit} s)${beside}`,
  );
  if (process.argv.includes('--check') && over > 0) process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
