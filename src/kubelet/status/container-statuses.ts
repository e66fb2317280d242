import { formatTime } from '../../base/time.ts';
import type { ContainerRecord } from '../../types/node-runtime.ts';
import type { Container, ContainerStatus, Pod } from '../../types/objects.ts';
import type { PodScope } from '../pod/scope.ts';
import { knowsRecursiveReadOnly } from '../runtime-features.ts';

type State = NonNullable<ContainerStatus['state']>;

/** ShouldContainerBeRestarted of kubelet's container helpers, by its latest record. */
export function shouldBeRestarted(pod: Pod, latest: ContainerRecord | undefined): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  if (!latest || latest.state === 'created') return true;
  if (latest.state === 'running' || pod.spec!.restartPolicy === 'Never') return false;
  return pod.spec!.restartPolicy !== 'OnFailure' || latest.exitCode !== 0;
}

const containerID = (record: ContainerRecord) => `containerd://${record.id}`;

function stateOf(record: ContainerRecord): State {
  if (record.state === 'running') return { running: { startedAt: formatTime(record.startedAt!) } };
  if (record.state === 'created') return { waiting: {} };
  return {
    terminated: {
      exitCode: record.exitCode!,
      reason: record.reason!,
      ...(record.message && { message: record.message }),
      startedAt: formatTime(record.startedAt ?? 0),
      finishedAt: formatTime(record.finishedAt!),
      containerID: containerID(record),
    },
  };
}

function volumeMounts({ machine }: PodScope, container: Container): ContainerStatus['volumeMounts'] {
  return container.volumeMounts?.map((mount) => {
    const wanted = (mount.recursiveReadOnly ?? 'Disabled') !== 'Disabled';
    const recursiveReadOnly = wanted && knowsRecursiveReadOnly(machine) ? 'Enabled' : 'Disabled';
    return {
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly && { readOnly: true, recursiveReadOnly }),
    };
  });
}

/** What the API shows of a container before the runtime knows it. */
function waiting(
  scope: PodScope,
  container: Container,
  reason: string,
  old: ContainerStatus | undefined,
): ContainerStatus {
  if (old?.state?.terminated) return old;
  const mounts = volumeMounts(scope, container);
  return {
    name: container.name,
    state: { waiting: { reason } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image!,
    imageID: '',
    ...(mounts && { volumeMounts: mounts }),
  };
}

function converted(scope: PodScope, container: Container, records: ContainerRecord[]): ContainerStatus {
  const [latest, before] = records as [ContainerRecord, ContainerRecord?];
  // What waits for a resize has what it had; what is being resized still has it.
  const given = (scope.worker.resize ? latest.resources : container.resources) ?? {};
  const resources = (latest.state === 'running' ? latest.resources : given) ?? {};
  const mounts = volumeMounts(scope, container);
  return {
    name: container.name,
    state: stateOf(latest),
    lastState: before ? stateOf(before) : {},
    ready: false,
    restartCount: latest.attempt,
    image: latest.imageName,
    imageID: latest.imageRef,
    containerID: containerID(latest),
    ...(given.requests && { allocatedResources: given.requests }),
    resources,
    ...(mounts && { volumeMounts: mounts }),
    ...(latest.identity && { user: { linux: latest.identity } }),
  };
}

/**
 * convertToAPIContainerStatuses: one status a container of `containers`, from the runtime's records (newest first), the statuses
 * that stand at the API, and why a start failed.
 */
export function containerStatuses(
  scope: PodScope,
  records: ContainerRecord[],
  containers: Container[],
  kind: ContainerRecord['kind'],
  old: ContainerStatus[],
): ContainerStatus[] {
  const pod = scope.pod!;
  const reason = pod.spec!.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
  return containers.map((container) => {
    const own = records.filter((record) => record.name === container.name);
    const latest = own[0];
    const previous = old.find((status) => status.name === container.name);
    const status = latest ? converted(scope, container, own) : waiting(scope, container, reason, previous);
    const failure = scope.worker.reasons[container.name];
    // Of sidecars as well, although they will be restarted.
    const done = kind === 'init' && latest?.state === 'exited' && latest.exitCode === 0;
    if (!failure || done || !shouldBeRestarted(pod, latest)) return status;
    return {
      ...status,
      lastState: status.state?.terminated ? status.state : status.lastState,
      state: { waiting: { reason: failure.reason, message: failure.message } },
    } as ContainerStatus;
  });
}
