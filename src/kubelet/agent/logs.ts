import { badRequest } from '../../api/errors.ts';
import type { LogOptions } from '../../api/node-agent.ts';
import { parseTime } from '../../base/time.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import { type LogRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { ContainerStatus, Pod } from '../../types/objects.ts';
import { readLog } from '../logs.ts';

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((s) => s.name === name);
}

/** What is said of a container that waits and has never run. */
const WAITING: Record<string, string> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
};

/** validateContainerLogStatus: `containerd://ID` of the container whose log is meant. Throws a 400 in the kubelet's words. */
export function loggedContainer(pod: Pod, name: string, previous: boolean): string {
  const which = `container "${name}" in pod "${pod.metadata.name}"`;
  const status = statusOf(pod, name);
  if (!status) throw badRequest(`${which} is not available`);
  const { waiting, running, terminated } = status.state ?? {};
  const last = status.lastState?.terminated;
  if (previous) {
    if (!last?.containerID) throw badRequest(`previous terminated ${which} not found`);
    return last.containerID;
  }
  if (running) return status.containerID!;
  if (terminated?.containerID) return terminated.containerID;
  if (last?.containerID) return last.containerID;
  if (terminated || last) throw badRequest(`${which} is terminated`);
  if (!waiting) throw badRequest(`${which} is waiting to start - no logs yet`);
  throw badRequest(`${which} is waiting to start: ${WAITING[waiting.reason ?? ''] ?? waiting.reason ?? ''}`);
}

/** `pods/log`: the text of a container's log so far. */
export function containerLog(world: ActorWorld, pod: Pod, options: LogOptions): string {
  const id = loggedContainer(pod, options.container, options.previous ?? false);
  const record = world.state.section<LogRecord>(RUNTIME_SECTIONS.logs).get(id.replace(/^.*:\/\//, ''));
  if (!record && isRemoved(world, pod, id)) return `unable to retrieve container logs for ${id}`;
  const { sinceSeconds, sinceTime } = options;
  const since = sinceTime ? parseTime(sinceTime) : sinceSeconds ? world.now() - sinceSeconds * 1000 : undefined;
  return readLog(record, { ...options, ...(since !== undefined && { since }) });
}

const isRemoved = (world: ActorWorld, pod: Pod, id: string) =>
  !world.state.section(RUNTIME_SECTIONS.containers).has(`${pod.spec!.nodeName}/${id.replace(/^.*:\/\//, '')}`);
