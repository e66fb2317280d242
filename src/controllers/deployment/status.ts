import { formatTime, parseTime } from '../../base/time.ts';
import type { Deployment, ReplicaSet } from '../../types/objects.ts';
import { omitEmpty } from '../shared/objects.ts';
import { actualIn, availableIn, maxUnavailable, readyIn, replicasOf, wantedIn } from './sizes.ts';

export type Status = NonNullable<Deployment['status']>;
export type DeploymentCondition = NonNullable<Status['conditions']>[number];

const NO_LIMIT = 2147483647;

export const conditionOf = (status: Status | undefined, type: string): DeploymentCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

export const newCondition = (
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
): DeploymentCondition => ({
  type,
  status,
  lastUpdateTime: formatTime(now),
  lastTransitionTime: formatTime(now),
  reason,
  message,
});

export const withoutCondition = (status: Status, type: string): Status => ({
  ...status,
  conditions: (status.conditions ?? []).filter((condition) => condition.type !== type),
});

/** deploymentutil.SetDeploymentCondition: a condition that says nothing new stays as it is; a new one goes to the end. */
export function withCondition(status: Status, condition: DeploymentCondition): Status {
  const current = conditionOf(status, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return status;
  const since = current?.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime;
  const others = withoutCondition(status, condition.type);
  return { ...others, conditions: [...others.conditions!, { ...condition, lastTransitionTime: since }] };
}

export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec!.progressDeadlineSeconds !== undefined && spec!.progressDeadlineSeconds !== NO_LIMIT;
}

export const hasHistoryLimit = ({ spec }: Deployment): boolean =>
  spec!.revisionHistoryLimit !== undefined && spec!.revisionHistoryLimit !== NO_LIMIT;

export const isComplete = (deployment: Deployment, status: Status): boolean => {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= deployment.metadata.generation!
  );
};

function isProgressing(old: Status, next: Status): boolean {
  const updated = (status: Status) => status.updatedReplicas ?? 0;
  const outdated = (status: Status) => (status.replicas ?? 0) - updated(status);
  return (
    updated(next) > updated(old) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

/** When the rollout has taken too long (ms); undefined while nothing is awaited. */
export function deadlineOf(deployment: Deployment, status: Status): number | undefined {
  const progressing = conditionOf(status, 'Progressing');
  if (!hasProgressDeadline(deployment) || !progressing) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable' || progressing.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return parseTime(progressing.lastUpdateTime!) + deployment.spec!.progressDeadlineSeconds! * 1000;
}

/** The counts over all replica sets, and whether enough are available (deployment.calculateStatus). */
export function calculateStatus(
  deployment: Deployment,
  all: ReplicaSet[],
  newest: ReplicaSet | undefined,
  now: number,
): Status {
  const available = availableIn(all);
  const counts: Status = {
    observedGeneration: deployment.metadata.generation,
    replicas: actualIn(all),
    updatedReplicas: newest ? actualIn([newest]) : 0,
    readyReplicas: readyIn(all),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wantedIn(all) - available),
    collisionCount: deployment.status?.collisionCount,
    conditions: deployment.status?.conditions ?? [],
  };
  const enough = available >= replicasOf(deployment) - maxUnavailable(deployment);
  const condition = enough
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : newCondition(
        'Available',
        'False',
        'MinimumReplicasUnavailable',
        'Deployment does not have minimum availability.',
        now,
      );
  return withCondition(omitEmpty(counts), condition);
}

/** The status with what it says of the rollout's progress (deployment.syncRolloutStatus). */
export function rolloutStatus(
  deployment: Deployment,
  all: ReplicaSet[],
  newest: ReplicaSet | undefined,
  now: number,
): Status {
  const status = calculateStatus(deployment, all, newest, now);
  const withProgress = hasProgressDeadline(deployment)
    ? progressed(deployment, status, newest, now)
    : withoutCondition(status, 'Progressing');
  const failure = replicaFailure(all, newest);
  return failure ? withCondition(withProgress, failure) : withoutCondition(withProgress, 'ReplicaFailure');
}

function progressed(deployment: Deployment, status: Status, newest: ReplicaSet | undefined, now: number): Status {
  const current = conditionOf(deployment.status, 'Progressing');
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (wasComplete) return status;
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const condition = (value: 'True' | 'False', reason: string, what: string) =>
    newCondition('Progressing', value, reason, `${subject} ${what}`, now);
  if (isComplete(deployment, status))
    return withCondition(status, condition('True', 'NewReplicaSetAvailable', 'has successfully progressed.'));
  if (isProgressing(deployment.status ?? {}, status)) {
    const next = condition('True', 'ReplicaSetUpdated', 'is progressing.');
    if (current?.status === 'True') next.lastTransitionTime = current.lastTransitionTime;
    return withCondition(withoutCondition(status, 'Progressing'), next);
  }
  const deadline = deadlineOf(deployment, status);
  if (deadline !== undefined && deadline < now)
    return withCondition(status, condition('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'));
  return status;
}

/** What keeps a replica set from making pods: the newest one's trouble first. */
function replicaFailure(all: ReplicaSet[], newest: ReplicaSet | undefined): DeploymentCondition | undefined {
  for (const set of newest ? [newest, ...all] : all) {
    const failure = set.status?.conditions?.find((condition) => condition.type === 'ReplicaFailure');
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime } as DeploymentCondition;
  }
  return undefined;
}
