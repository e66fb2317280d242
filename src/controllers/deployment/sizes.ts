import type { Deployment, ReplicaSet } from '../../types/objects.ts';
import { scaledValue } from '../shared/objects.ts';

export const replicasOf = (object: Deployment | ReplicaSet): number => object.spec!.replicas ?? 1;

const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

/** Sums over replica sets: what they want, have, and have ready or available. */
export const wantedIn = (sets: ReplicaSet[]): number => total(sets.map(replicasOf));
export const actualIn = (sets: ReplicaSet[]): number => total(sets.map((set) => set.status?.replicas ?? 0));
export const readyIn = (sets: ReplicaSet[]): number => total(sets.map((set) => set.status?.readyReplicas ?? 0));
export const availableIn = (sets: ReplicaSet[]): number => total(sets.map((set) => set.status?.availableReplicas ?? 0));

export const isRolling = (deployment: Deployment): boolean => deployment.spec!.strategy?.type === 'RollingUpdate';

/** How many pods above and below the wanted number an update may go (deploymentutil.ResolveFenceposts). */
function fenceposts(deployment: Deployment): { surge: number; unavailable: number } {
  const { maxSurge: over = 0, maxUnavailable: under = 0 } = deployment.spec!.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(over, replicasOf(deployment), true);
  const unavailable = scaledValue(under, replicasOf(deployment), false);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0);

export function maxUnavailable(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  return !isRolling(deployment) || replicas === 0 ? 0 : Math.min(fenceposts(deployment).unavailable, replicas);
}

/** The size that the newest replica set may have now (deploymentutil.NewRSNewReplicas). */
export function newSetSize(deployment: Deployment, all: ReplicaSet[], newest: ReplicaSet): number {
  const wanted = replicasOf(deployment);
  if (!isRolling(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - wantedIn(all);
  return room <= 0 ? replicasOf(newest) : replicasOf(newest) + Math.min(room, wanted - replicasOf(newest));
}
