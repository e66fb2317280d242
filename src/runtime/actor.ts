import type { Random } from '../base/random.ts';
import type { StoreEvent } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { Client } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** Which changes wake an actor, and which of its keys each concerns. */
export interface WatchRule {
  /** `pods`, `replicasets.apps` …; `*` for every resource. */
  resource: string;
  /** Keys to reconcile after this change; none to ignore it. */
  keys(event: StoreEvent, world: ActorWorld): string[];
}

/** What an actor sees of the world while it works. */
export interface ActorWorld {
  /** Writes as this actor's own user: `system:serviceaccount:kube-system:deployment-controller`, `system:node:node-1` … */
  client: Client;
  events: EventRecorder;
  random: Random;
  /** Cluster time, in ms since the epoch. */
  now(): number;
  /** Reconciles `key` (of this actor, or of another) at `time`; an earlier time already set for the key stays. */
  wake(key: string, time: number, actor?: string): void;
  /** State of one's own that is not an API object: containers, processes, back-offs. */
  state: State;
}

/**
 * Anything that acts by itself: a controller, the scheduler, the kubelets. It is woken by changes or by time, a key at a time,
 * and looks at the world anew each time (level-triggered): a queue entry carries no payload.
 * Entries are deduplicated by (actor, key), ordered by (time, sequence), and are a part of the state (section `timers`).
 */
export interface Actor {
  readonly name: string;
  /** The user that its requests are made as. */
  readonly user?: string;
  /** The manager in managedFields and the User-Agent's first word: `kube-controller-manager`, `kubelet`, `kube-scheduler`. */
  readonly manager: string;
  /** Time between a change and the reconcile that it causes, in ms: what a watch and a work queue cost a real one. */
  readonly latency: number;
  readonly watches: WatchRule[];
  /** How long work that failed waits, in ms: doubled each time, from `base` to `limit`. Default: client-go's 5 ms to 1000 s. */
  readonly retry?: { base: number; limit: number };
  reconcile(key: string, world: ActorWorld): void | Promise<void>;
  /** Whether a pending entry at a later time keeps the cluster from being settled (default true); heartbeats, back-offs and schedules do not. */
  settles?(key: string): boolean;
}
