import type { ActorWorld } from '../runtime/actor.ts';

/** What the scheduler remembers of a pod that it could not place yet. */
export interface Waiting {
  attempts: number;
  /** When it was last tried, ms. */
  tried: number;
  /** When it was first tried, ms. */
  since: number;
  /** Which plugins kept it out. */
  plugins: string[];
  /** The node that it will be bound to once its volumes are. */
  assumed?: string;
}

const INITIAL_BACKOFF = 1_000;
const MAX_BACKOFF = 10_000;
/** A pod is tried again after this, whatever happens (podMaxInUnschedulablePodsDuration), ms. */
const FLUSH_AFTER = 300_000;

/** Marks the entries of the queue that wait for their time: these do not keep the cluster from being settled. */
export const LATER = 'later:';

/** The pods that wait for something to change, by `namespace/name`. */
export class WaitingPods {
  private readonly section;

  constructor(private readonly world: ActorWorld) {
    this.section = world.state.section<Waiting>('scheduler');
  }

  get(key: string): Waiting | undefined {
    return this.section.get(key);
  }

  keys(): string[] {
    return this.section.keys();
  }

  forget(key: string): void {
    if (this.section.has(key)) this.section.delete(key);
  }

  private triedNow(key: string): Pick<Waiting, 'attempts' | 'tried' | 'since'> {
    const now = this.world.now();
    const { attempts = 0, since = now } = this.get(key) ?? {};
    return { attempts: attempts + 1, tried: now, since };
  }

  assume(key: string, node: string): void {
    this.section.set(key, { ...this.triedNow(key), plugins: [], assumed: node });
  }

  failed(key: string, plugins: Iterable<string>): void {
    this.section.set(key, { ...this.triedNow(key), plugins: [...plugins] });
    this.world.wake(LATER + key, this.world.now() + FLUSH_AFTER);
  }

  /** When the pod may be tried again, ms. */
  readyAt(key: string): number {
    const waiting = this.get(key);
    if (!waiting) return 0;
    return waiting.tried + Math.min(INITIAL_BACKOFF * 2 ** (waiting.attempts - 1), MAX_BACKOFF);
  }
}
