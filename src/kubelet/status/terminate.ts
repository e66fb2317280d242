import type { Container, ContainerStatus, Pod, PodStatus } from '../../types/objects.ts';
import { isMirror, isSidecar } from '../names.ts';
import { isTerminalPhase } from './phase.ts';

/** What a container that was never seen to end is said to have done. */
const UNKNOWN = {
  terminated: {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    startedAt: null,
    finishedAt: null,
  },
} as unknown as NonNullable<ContainerStatus['state']>;

const unlessTerminated = (status: ContainerStatus): ContainerStatus =>
  status.state?.terminated ? status : { ...status, state: UNKNOWN };

const hasStarted = (status: ContainerStatus): boolean =>
  status.state?.waiting === undefined || status.lastState?.terminated !== undefined;

/** hasPodInitialized: whether a regular container may ever have started. */
function hasInitialized(initContainers: Container[], status: PodStatus): boolean {
  const last = initContainers.at(-1);
  if (!last || status.containerStatuses?.some(hasStarted)) return true;
  const { state, lastState, started } = status.initContainerStatuses?.find(({ name }) => name === last.name) ?? {};
  if (isSidecar(last)) return state?.running !== undefined && started === true;
  return state?.terminated?.exitCode === 0 || lastState?.terminated?.exitCode === 0;
}

/** TerminatePod of the status manager: containers that did not tell how they ended have failed, and so has the pod. */
export function terminatePod(pod: Pod, status: PodStatus): PodStatus {
  const { initContainers = [] } = pod.spec!;
  const { initContainerStatuses: init, containerStatuses = [] } = status;
  const begun = Math.max((init ?? []).findLastIndex(hasStarted), 0);
  return {
    ...status,
    ...(init && {
      initContainerStatuses: init.map((each, index) => (index <= begun ? unlessTerminated(each) : each)),
    }),
    containerStatuses: hasInitialized(initContainers, status)
      ? containerStatuses.map(unlessTerminated)
      : containerStatuses,
    ...(!isMirror(pod) && !isTerminalPhase(status.phase) && { phase: 'Failed' }),
  };
}
