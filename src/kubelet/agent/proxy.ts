import type { ApiResponse } from '../../api/request.ts';
import { readJsonAsset } from '../../base/assets.ts';
import { Quantity } from '../../base/quantity.ts';
import { formatTime } from '../../base/time.ts';
import { recordsOn } from '../../node/records.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import {
  type ContainerRecord,
  type LogRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
} from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { readLog } from '../logs.ts';
import { steadyLoad, usageOf } from '../node/pressure.ts';
import type { Platform } from '../platform.ts';
import { kubeletMetrics, resourceMetrics } from './metrics.ts';

const answer = (status: number, contentType: string, body: unknown): ApiResponse => ({
  status,
  contentType,
  warnings: [],
  body,
});
const text = (body: string, status = 200) => answer(status, 'text/plain; charset=utf-8', body);
const METRICS = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
const json = (body: unknown) => answer(200, 'application/json', body);

/** KubeletConfiguration as `/configz` shows it. */
export function kubeletConfiguration(platform: Platform, machine: MachineRecord): Record<string, unknown> {
  return {
    ...readJsonAsset<Record<string, unknown>>('fixtures/kubelet/configuration.json'),
    staticPodPath: machine.staticPodPath ?? '/etc/kubernetes/manifests',
    port: machine.kubeletPort ?? 10250,
    clusterDomain: platform.settings.clusterDomain,
    clusterDNS: platform.settings.clusterDNS,
    maxPods: Number(machine.capacity.pods ?? 110),
  };
}

const podsOf = (world: ActorWorld, machine: MachineRecord): Pod[] =>
  world.client.list('pods').filter((pod) => pod.spec?.nodeName === machine.name);

/** What a container uses, as `/stats/summary` tells it. */
export function containerStats(now: string, record: ContainerRecord) {
  const memory = usageOf(record, 'memory');
  const nanoCores = steadyLoad(`${record.name}/${record.pod.uid}`, 50_000, 4_000_000);
  return {
    name: record.name,
    startTime: formatTime(record.startedAt ?? record.createdAt),
    cpu: { time: now, usageNanoCores: nanoCores, usageCoreNanoSeconds: nanoCores * 1000 },
    memory: { time: now, usageBytes: memory, workingSetBytes: memory, rssBytes: memory },
  };
}

function containersOf(world: ActorWorld, machine: MachineRecord) {
  const all = recordsOn<ContainerRecord>(world.state, RUNTIME_SECTIONS.containers, machine.name);
  return { all, running: all.filter((record) => record.state === 'running') };
}

const metrics: Handler = (world, _platform, machine, [kind]) => {
  const { all, running } = containersOf(world, machine);
  if (kind === undefined) return answer(200, METRICS, kubeletMetrics(machine, running, all));
  if (kind !== 'resource') return answer(200, METRICS, '');
  const { node } = summary(world, machine);
  const stats = running.map((record) => ({ record, stats: containerStats(formatTime(world.now()), record) }));
  const used = { cpu: node.cpu.usageCoreNanoSeconds, memory: node.memory.workingSetBytes };
  return answer(200, METRICS, resourceMetrics(world.now(), used, stats));
};

/** `/stats/summary`: simulated, but steady. */
export function summary(world: ActorWorld, machine: MachineRecord) {
  const now = formatTime(world.now());
  const { running } = containersOf(world, machine);
  const pods = podsOf(world, machine).map((pod) => ({
    podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    startTime: pod.status?.startTime,
    containers: running
      .filter((record) => record.pod.name === pod.metadata.name && record.pod.namespace === pod.metadata.namespace)
      .map((record) => containerStats(now, record)),
  }));
  const sum = (pick: (stats: ReturnType<typeof containerStats>) => number) =>
    pods.flatMap((pod) => pod.containers).reduce((total, stats) => total + pick(stats), 0);
  const memory = Quantity.parse(machine.capacity.memory ?? '0').value();
  const workingSet = 400_000_000 + sum((stats) => stats.memory.workingSetBytes);
  const nanoCores = 60_000_000 + sum((stats) => stats.cpu.usageNanoCores);
  return {
    node: {
      nodeName: machine.name,
      startTime: formatTime(machine.bootedAt),
      cpu: { time: now, usageNanoCores: nanoCores, usageCoreNanoSeconds: nanoCores * 1000 },
      memory: {
        time: now,
        availableBytes: memory - workingSet,
        usageBytes: workingSet,
        workingSetBytes: workingSet,
        rssBytes: workingSet,
      },
    },
    pods,
  };
}

/** `/containerLogs/NAMESPACE/POD/CONTAINER`, and `/logs/` of the machine. */
function containerLogs(world: ActorWorld, machine: MachineRecord, path: string[]): ApiResponse {
  const [namespace, pod, container] = path;
  const found = containersOf(world, machine)
    .all.filter((record) => record.pod.namespace === namespace && record.pod.name === pod && record.name === container)
    .sort((a, b) => b.createdAt - a.createdAt)[0];
  if (!found) return text(`pod "${pod}" does not exist\n`, 404);
  return text(readLog(world.state.section<LogRecord>(RUNTIME_SECTIONS.logs).get(found.id), {}));
}

type Handler = (world: ActorWorld, platform: Platform, machine: MachineRecord, rest: string[]) => ApiResponse;

const podList: Handler = (world, _platform, machine) =>
  json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: podsOf(world, machine) });

function hostLogs(world: ActorWorld, platform: Platform, machine: MachineRecord, rest: string[]): ApiResponse {
  const files = platform.hostFiles(world, machine.name);
  const path = `/var/log/${rest.join('/')}`.replace(/(.)\/$/, '$1');
  const stat = files.stat(path);
  if (!stat) return text('404 page not found\n', 404);
  if (stat.type !== 'directory') return text(files.read(path));
  const names = files.list(path).map((name) => {
    const shown = files.stat(`${path}/${name}`)?.type === 'directory' ? `${name}/` : name;
    return `<a href="${shown}">${shown}</a>\n`;
  });
  return answer(
    200,
    'text/html; charset=utf-8',
    `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${names.join('')}</pre>\n`,
  );
}

const HANDLERS: Record<string, Handler> = {
  healthz: () => text('ok'),
  configz: (_world, platform, machine) => json({ kubeletconfig: kubeletConfiguration(platform, machine) }),
  stats: (world, _platform, machine) => json(summary(world, machine)),
  metrics,
  pods: podList,
  runningpods: podList,
  logs: hostLogs,
  containerLogs: (world, _platform, machine, rest) => containerLogs(world, machine, rest),
};

const API_VERBS: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
/** What a path asks for, before `proxy` stands for all (KubeletFineGrainedAuthz). */
const FINE = { pods: 'pods', runningpods: 'pods', healthz: 'healthz', configz: 'configz' } as const;
const OWN = { stats: 'stats', metrics: 'metrics', logs: 'log', checkpoint: 'checkpoint', statusz: 'statusz' } as const;

/** What a request to the kubelet must be allowed to do (pkg/kubelet/server/auth.go): any of the subresources of nodes. */
export function kubeletAttributes(method: string, path: string): { verb: string; subresources: string[] } {
  const first = path.replace(/^\//, '').split(/[/?]/)[0]!;
  const fine = (FINE as Record<string, string>)[first];
  const own = (OWN as Record<string, string>)[first] ?? 'proxy';
  return { verb: API_VERBS[method] ?? 'get', subresources: fine ? [fine, own] : [own] };
}

/** What a kubelet's own HTTP server answers on its port 10250. */
export function kubeletHttp(world: ActorWorld, platform: Platform, machine: MachineRecord, path: string): ApiResponse {
  const [first = '', ...rest] = path.replace(/^\//, '').split('?')[0]!.split('/');
  const handler = HANDLERS[first];
  return handler ? handler(world, platform, machine, rest) : text('404 page not found\n', 404);
}
