import type { Pod } from '../../types/objects.ts';

/** What an update may know of a daemon set. */
export interface Rollout {
  /** Daemons by node; nodes that want one and have none are in it, too. */
  byNode: Map<string, Pod[]>;
  maxSurge: number;
  maxUnavailable: number;
  /** Nodes that should have a daemon. */
  wanted: Set<string>;
  isUpdated(pod: Pod): boolean;
  isAvailable(pod: Pod): boolean;
}

/** Daemons that go, and nodes that get one more. */
export interface Step {
  ending: Pod[];
  starting: string[];
}

type OnNode = { fresh: Pod | undefined; stale: Pod | undefined };

/** The new and the old daemon of a node; undefined when there are too many, which is no matter of the update. */
function onNode(pods: Pod[], isUpdated: (pod: Pod) => boolean): OnNode | undefined {
  const alive = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const fresh = alive.filter(isUpdated);
  const stale = alive.filter((pod) => !isUpdated(pod));
  return fresh.length > 1 || stale.length > 1 ? undefined : { fresh: fresh[0], stale: stale[0] };
}

/** Without surge: what is old and broken goes at once, what is old and works as far as `maxUnavailable` lets it. */
export function replaceStep({ byNode, maxUnavailable, isUpdated, isAvailable }: Rollout): Step {
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const pods of byNode.values()) {
    const found = onNode(pods, isUpdated);
    if (!found || !found.fresh === !found.stale) unavailable++;
    else if (found.fresh) unavailable += isAvailable(found.fresh) ? 0 : 1;
    else if (isAvailable(found.stale!)) candidates.push(found.stale!);
    else {
      broken.push(found.stale!);
      unavailable++;
    }
  }
  return { ending: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))], starting: [] };
}

/** With surge: a node gets its new daemon beside the old one, which goes when the new one is available. */
export function surgeStep({ byNode, maxSurge, wanted, isUpdated, isAvailable }: Rollout): Step {
  const ending: Pod[] = [];
  const unwanted: Pod[] = [];
  const starting: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const [node, pods] of byNode) {
    const found = onNode(pods, isUpdated);
    if (!found) {
      surging++;
      continue;
    }
    const { fresh, stale } = found;
    const first = stale ?? fresh;
    if (first && isAvailable(first)) available++;
    if (!stale) continue;
    if (fresh) {
      if (isAvailable(fresh)) ending.push(stale);
      else surging++;
    } else if (isAvailable(stale)) {
      if (wanted.has(node)) candidates.push(node);
      else unwanted.push(stale);
    } else if (wanted.has(node)) starting.push(node);
    else ending.push(stale);
  }
  const spare = Math.max(0, available - wanted.size);
  return {
    ending: [...ending, ...unwanted.slice(0, spare)],
    starting: [...starting, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
  };
}
