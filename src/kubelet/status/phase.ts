import type { ContainerStatus, Pod } from '../../types/objects.ts';
import { isMirror, isSidecar } from '../names.ts';

export const isTerminalPhase = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

/** getPhase of kubelet_pods.go: what the containers' states make of the pod. */
export function podPhase(pod: Pod, statuses: ContainerStatus[], terminal: boolean, initialized: boolean): string {
  const { initContainers = [], containers, restartPolicy } = pod.spec!;
  const statusOf = (name: string) => statuses.find((status) => status.name === name);
  let pendingInit = 0;
  let failedInit = 0;
  for (const container of initContainers) {
    if (isSidecar(container)) continue;
    const status = statusOf(container.name);
    const ended = status?.state?.terminated ?? (status?.state?.waiting && status.lastState?.terminated);
    if (!ended) pendingInit++;
    else if (ended.exitCode !== 0) failedInit++;
  }
  const count = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0, pendingSidecars: 0 };
  for (const container of initContainers) {
    if (!isSidecar(container)) continue;
    const status = statusOf(container.name);
    if (!status) count.unknown++;
    else if (status.state?.running) {
      count.running++;
      if (!status.started) count.pendingSidecars++;
    } else if (status.state?.waiting && !status.lastState?.terminated) {
      count.pendingSidecars++;
      count.waiting++;
    }
  }
  for (const container of containers) {
    const status = statusOf(container.name);
    if (!status) count.unknown++;
    else if (status.state?.running) count.running++;
    else if (status.state?.terminated) {
      count.stopped++;
      if (status.state.terminated.exitCode === 0) count.succeeded++;
    } else if (status.lastState?.terminated) count.stopped++;
    else count.waiting++;
  }

  if (failedInit > 0 && restartPolicy === 'Never') return 'Failed';
  if (pendingInit > 0 || (count.pendingSidecars > 0 && !initialized) || count.waiting > 0) return 'Pending';
  if (count.unknown > 0) return 'Pending';
  if (count.running > 0) return 'Running';
  if (count.stopped === 0) return 'Pending';
  const allSucceeded = count.stopped === count.succeeded;
  if (terminal && !isMirror(pod)) return allSucceeded ? 'Succeeded' : 'Failed';
  if (restartPolicy === 'Always') return 'Running';
  if (allSucceeded) return 'Succeeded';
  return restartPolicy === 'Never' ? 'Failed' : 'Running';
}
