import type { Client } from '../runtime/client.ts';
import type { Resources } from '../runtime/component-helpers/pod-requests.ts';
import type { Node, Pod } from '../types/objects.ts';

/** A node with the pods that are on it, or that it is kept free for. */
export interface NodeInfo {
  node: Node;
  pods: Pod[];
  /** Those of the pods that say where others should be. */
  withAffinity: Pod[];
  /** What the pods request. */
  requested: Resources;
  /** The same with upstream's guesses for containers that request nothing: what scores count with. */
  guessed: Resources;
}

/** One attempt to place a pod: what plugins see. */
export interface Cycle {
  pod: Pod;
  nodes: NodeInfo[];
  client: Client;
}

/** Why a pod cannot go somewhere, in upstream's words. */
export interface Rejection {
  reasons: string[];
  /** No eviction of other pods would change it. */
  unresolvable?: boolean;
}

export type NodeFilter = (node: NodeInfo) => Rejection | undefined;

/** PreFilterResult: the nodes that are looked at, by name, and what is asked of them. */
export interface NamedNodes {
  names: ReadonlySet<string>;
  filter: NodeFilter;
}

/** A plugin that keeps pods off nodes. */
export interface FilterPlugin {
  name: string;
  /**
   * PreFilter: nothing if the plugin does not care for this pod, a rejection if no node will do, or what to ask of each node, or of
   * those that alone come into question.
   */
  prepare(cycle: Cycle): NodeFilter | NamedNodes | Rejection | undefined;
  /** What else than a change to a node may let a pod in that this plugin kept out. */
  wakes?: ('pod-deleted' | 'pod-changed' | 'volumes')[];
}

/** A plugin that prefers some nodes to others. */
export interface ScorePlugin {
  name: string;
  weight: number;
  /** Normalized scores, 0 to 100, in the order of `nodes`; nothing if the plugin does not care for this pod. */
  score(cycle: Cycle, nodes: NodeInfo[]): number[] | undefined;
}

export const MAX_SCORE = 100;

/** helper.DefaultNormalizeScore: scales to 0 … 100; `reverse` where less is better. */
export function normalize(scores: number[], reverse = false): number[] {
  const highest = Math.max(0, ...scores);
  if (highest === 0) return scores.map(() => (reverse ? MAX_SCORE : 0));
  return scores.map((score) => {
    const scaled = Math.trunc((MAX_SCORE * score) / highest);
    return reverse ? MAX_SCORE - scaled : scaled;
  });
}

export const labelsOf = ({ node }: NodeInfo): Record<string, string> => node.metadata.labels ?? {};
