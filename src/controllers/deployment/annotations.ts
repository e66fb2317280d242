import type { Deployment, ReplicaSet } from '../../types/objects.ts';
import { maxSurge, replicasOf } from './sizes.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';

/** What belongs to the deployment alone. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAX,
]);

/** Characters of revision history that an annotation may hold. */
const HISTORY_LIMIT = 2000;

type Annotations = Record<string, string>;

const annotationsOf = (object: Deployment | ReplicaSet): Annotations => object.metadata.annotations ?? {};

const numberIn = (set: ReplicaSet, name: string): number | undefined => {
  const text = annotationsOf(set)[name];
  return text !== undefined && /^-?[0-9]+$/.test(text) ? Number(text) : undefined;
};

export const revisionOf = (object: Deployment | ReplicaSet): number =>
  Number(annotationsOf(object)[REVISION] ?? 0) || 0;

/** The deployment's replicas when the set was last scaled. */
export const desiredReplicas = (set: ReplicaSet): number | undefined => numberIn(set, DESIRED);
export const maxReplicas = (set: ReplicaSet): number | undefined => numberIn(set, MAX);

/** How big the deployment is, as its replica sets remember it. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED]: String(replicasOf(deployment)),
  [MAX]: String(replicasOf(deployment) + maxSurge(deployment)),
});

/** What the newest replica set's annotations should be; those of its size only while it is new. */
export function newSetAnnotations(
  deployment: Deployment,
  set: ReplicaSet,
  revision: number,
  exists: boolean,
): Annotations {
  const copied = Object.entries(annotationsOf(deployment)).filter(([name]) => !NOT_COPIED.has(name));
  const next: Annotations = { ...annotationsOf(set), ...Object.fromEntries(copied) };
  const old = annotationsOf(set)[REVISION];
  if (revisionOf(set) < revision) {
    next[REVISION] = String(revision);
    if (old !== undefined) next[REVISION_HISTORY] = addToHistory(next[REVISION_HISTORY] ?? '', old);
  }
  return exists ? next : { ...next, ...sizeAnnotations(deployment) };
}

/** Drops the oldest revisions until the newest has room. */
function addToHistory(history: string, revision: string): string {
  const revisions = history === '' ? [] : history.split(',');
  while (revisions.length > 0 && [...revisions, revision].join(',').length > HISTORY_LIMIT) revisions.shift();
  return [...revisions, revision].join(',');
}
