import { formatTime, parseTime } from '../../base/time.ts';
import { type ManifestProblem, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { ContainerStatus, Pod } from '../../types/objects.ts';
import type { JournalEntry, NodeHost } from '../host.ts';
import type { UnitState } from './units.ts';

/** What a kubelet says when it begins: ms after its start, where in its source, what. */
const BEGINNING: readonly [after: number, source: string, text: (host: NodeHost) => string][] = [
  [62, 'server.go:530', (host) => `"Kubelet version" kubeletVersion=${JSON.stringify(host.record().kubeletVersion)}`],
  [62, 'server.go:532', () => '"Golang settings" GOGC="" GOMAXPROCS="" GOTRACEBACK=""'],
  [63, 'server.go:962', () => '"Client rotation is on, will bootstrap in background"'],
  [
    71,
    'certificate_store.go:147',
    () => '"Loading cert/key pair from a file" filePath="/var/lib/kubelet/pki/kubelet-client-current.pem"',
  ],
  [92, 'server.go:1452', () => '"Using cgroup driver setting received from the CRI runtime" cgroupDriver="systemd"'],
  [118, 'kubelet.go:491', () => '"Attempting to sync node with API server"'],
  [118, 'kubelet.go:386', () => '"Adding static pod path" path="/etc/kubernetes/manifests"'],
  [119, 'apiserver.go:42', () => '"Waiting for node sync before watching apiserver pods"'],
  [
    131,
    'kuberuntime_manager.go:279',
    (host) =>
      `"Container runtime initialized" containerRuntime="containerd" version=${JSON.stringify(host.record().containerRuntimeVersion.split('://')[1] ?? '')} apiVersion="v1"`,
  ],
  [134, 'server.go:1295', () => '"Started kubelet"'],
  [139, 'eviction_manager.go:189', () => '"Eviction manager: starting control loop"'],
  [146, 'reconciler.go:26', () => '"Reconciler: start to sync state"'],
  [152, 'status_manager.go:230', () => '"Starting to sync pod status with apiserver"'],
  [152, 'kubelet.go:2451', () => '"Starting kubelet main sync loop"'],
  [258, 'kubelet_node_status.go:78', (host) => `"Attempting to register node" node="${host.name}"`],
  [271, 'kubelet_node_status.go:127', (host) => `"Node was previously registered" node="${host.name}"`],
  [271, 'kubelet_node_status.go:81', (host) => `"Successfully registered node" node="${host.name}"`],
  [1089, 'apiserver.go:52', () => '"Watching apiserver"'],
  [1151, 'desired_state_of_world_populator.go:158', () => '"Finished populating initial desired state of world"'],
];

/** Between two complaints about a pod that does not come up, ms, and how many of them are still in the journal. */
const COMPLAINS = 13_000;
const KEPT = 5;
/** Pods whose starts are still in the journal. */
const STARTS = 20;

type Line = [at: number, level: 'I' | 'E', source: string, text: string];

/** Go's time.Time as it prints itself. */
const goTime = (ms: number): string => `${formatTime(ms).replace('T', ' ').replace('Z', '')} +0000 UTC`;

/** How a pod of this node came up. */
function start(pod: Pod): Line[] {
  const { name, namespace, uid, creationTimestamp } = pod.metadata;
  const began = parseTime(pod.status!.startTime!);
  const mounted = (pod.spec!.volumes ?? []).map(
    (volume): Line => [
      began + 60,
      'I',
      'reconciler_common.go:251',
      `"operationExecutor.VerifyControllerAttachedVolume started for volume \\"${volume.name}\\" (UniqueName: \\"kubernetes.io/${volume.configMap ? 'configmap' : volume.secret ? 'secret' : volume.hostPath ? 'host-path' : volume.emptyDir ? 'empty-dir' : 'projected'}/${uid}-${volume.name}\\") pod \\"${name}\\" (UID: \\"${uid}\\") " pod="${namespace}/${name}"`,
    ],
  );
  const running = (pod.status!.containerStatuses ?? []).map(({ state }) => state?.running?.startedAt);
  if (running.length === 0 || running.some((at) => at === undefined)) return mounted;
  const seen = Math.max(...running.map((at) => parseTime(at!))) + 400;
  const took = ((seen - parseTime(creationTimestamp!)) / 1000).toFixed(9);
  const never = '"0001-01-01 00:00:00 +0000 UTC"';
  const text = `"Observed pod startup duration" pod="${namespace}/${name}" podStartSLOduration=${took} podStartE2EDuration="${took}s" podCreationTimestamp="${goTime(parseTime(creationTimestamp!))}" firstStartedPulling=${never} lastFinishedPulling=${never} observedRunningTime="${goTime(seen)}" watchObservedRunningTime="${goTime(seen)}"`;
  return [...mounted, [seen, 'I', 'pod_startup_latency_tracker.go:104', text]];
}

/** What is said again and again of a container that does not run. */
function complaints(pod: Pod, status: ContainerStatus, now: number): Line[] {
  const { reason, message } = status.state?.waiting ?? {};
  if (!reason || !message) return [];
  const { name, namespace, uid } = pod.metadata;
  const since = parseTime(status.lastState?.terminated?.finishedAt ?? pod.status!.startTime!) + 1000;
  const last = Math.floor((now - since) / COMPLAINS);
  const failure = `failed to "StartContainer" for "${status.name}" with ${reason}: ${JSON.stringify(message)}`;
  const text = `"Error syncing pod, skipping" err=${JSON.stringify(failure)} pod="${namespace}/${name}" podUID="${uid}"`;
  const first = Math.max(0, last - KEPT + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => [
    since + (first + i) * COMPLAINS,
    'E',
    'pod_workers.go:1301',
    text,
  ]);
}

/** The folder of manifests is read as a whole so often, ms (fileCheckFrequency). */
const LISTS = 20_000;

/** What is said of manifests that are no pods: when they change, and whenever the folder is read. */
function manifests(host: NodeHost, unit: UnitState, now: number): Line[] {
  const problems = host.state.section<ManifestProblem[]>(RUNTIME_SECTIONS.manifestProblems).get(host.name) ?? [];
  return problems.flatMap(({ path, error, since, until = now }) => {
    const changed = `can't process config file ${JSON.stringify(path)}: ${error}`;
    const first: Line = [since, 'E', 'file.go:109', `"Unable to process watch event" err=${JSON.stringify(changed)}`];
    const from = Math.ceil((since - unit.since) / LISTS);
    const last = Math.floor((Math.min(until, now) - unit.since) / LISTS);
    const listed = Array.from(
      { length: Math.min(KEPT, Math.max(0, last - from + 1)) },
      (_, i): Line => [
        unit.since + (last - i) * LISTS,
        'E',
        'file.go:188',
        `"Could not process manifest file" err=${JSON.stringify(error)} path=${JSON.stringify(path)}`,
      ],
    );
    return [first, ...listed.reverse()];
  });
}

const klog = ([at, level, source, text]: Line, pid: number): string => {
  const time = new Date(Math.floor(at)).toISOString();
  return `${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000 ${String(pid).padStart(7)} ${source}] ${text}`;
};

/** What a kubelet that does its work has written since it began. */
export function kubeletJournal(host: NodeHost, unit: UnitState): JournalEntry[] {
  const now = host.now();
  const pods = host
    .list('pods')
    .filter(({ spec, status }) => spec?.nodeName === host.name && status?.startTime !== undefined);
  const starts = pods
    .flatMap(start)
    .sort(([a], [b]) => a - b)
    .slice(-STARTS);
  const troubles = pods.flatMap((pod) =>
    [...(pod.status!.initContainerStatuses ?? []), ...(pod.status!.containerStatuses ?? [])].flatMap((status) =>
      complaints(pod, status, now),
    ),
  );
  const lines: Line[] = [
    ...BEGINNING.map(([after, source, text]): Line => [unit.since + after, 'I', source, text(host)]),
    ...[...starts, ...troubles, ...manifests(host, unit, now)].filter(([at]) => at > unit.since + 1200),
  ];
  return lines
    .filter(([at]) => at <= now)
    .sort(([a], [b]) => a - b)
    .map((line) => ({ at: line[0], identifier: `kubelet[${unit.pid}]`, message: klog(line, unit.pid) }));
}
