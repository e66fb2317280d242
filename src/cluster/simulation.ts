import { ApiError } from '../api/request.ts';
import { Random } from '../base/random.ts';
import type { Actor, ActorWorld, WatchRule } from '../runtime/actor.ts';
import type { ObjectStore, StoreEvent } from '../store/object-store.ts';
import type { State } from '../store/section.ts';
import type { ClusterClock } from './cluster-clock.ts';
import { TimerQueue } from './timer-queue.ts';
import { Turns } from './turns.ts';

/** A cluster is settled when nothing is due within this, ms. */
const SETTLED_FOR = 5_000;
/** Settling gives up after this much cluster time, ms: a crash loop may never end. */
const SETTLE_LIMIT = 3_600_000;
/** client-go's rate limiter for work that failed, ms. */
const RETRY = { base: 5, limit: 1_000_000 };
/** So many reconciles at one instant are a loop. */
const LOOP_LIMIT = 200_000;

/** Who acts, and through what. */
export interface SimulatedWorld {
  actors: Actor[];
  worldOf(actor: Actor): ActorWorld;
}

export interface SimulationParts {
  state: State;
  store: ObjectStore;
  clock: ClusterClock;
  /** Called when something is due or a change may wake an actor: loading them is what most commands spare. */
  load(): Promise<SimulatedWorld>;
  /** Told of failures that are no answers of the API: defects. */
  onDefect(error: unknown, actor: string, key: string): void;
  /** Says of an actor, by its name, whether it cannot act now: its program does not run, or cannot reach the API server. */
  held?(): ((actor: string) => boolean) | undefined;
  /** Called now and then in a long run. */
  onProgress?(): void;
}

interface LivingActor {
  actor: Actor;
  world: ActorWorld;
}

/** The discrete-event simulation: changes wake actors, timers wake actors, and time moves from one to the next. */
export class Simulation {
  readonly timers: TimerQueue;
  #unseen: StoreEvent[] = [];
  readonly #turns = new Turns();
  #held: ((actor: string) => boolean) | undefined;
  #actors: Map<string, LivingActor> | undefined;
  readonly #rules = new Map<string, { living: LivingActor; rule: WatchRule }[]>();
  /** Of each resource, with those of every resource. */
  readonly #rulesOf = new Map<string, { living: LivingActor; rule: WatchRule }[]>();

  constructor(private readonly parts: SimulationParts) {
    this.timers = new TimerQueue(parts.state);
    parts.store.subscribe((event) => this.#unseen.push(event));
  }

  /** Lives until `time`; the clock then stands at it. Several that ask at once live on one after another. */
  runUntil(time: number): Promise<void> {
    return this.#turns.take(() => this.#run(time));
  }

  async #run(time: number): Promise<void> {
    const { clock } = this.parts;
    let instant = clock.now();
    let count = 0;
    this.#held = this.parts.held?.();
    await this.#dispatch();
    while (this.#isDueBy(time)) {
      const actors = await this.#load();
      const timer = this.timers.pop(time)!;
      clock.moveTo(timer.time);
      if (timer.time !== instant) {
        instant = timer.time;
        count = 0;
        this.parts.onProgress?.();
      } else if (++count > LOOP_LIMIT) {
        throw new Error(`${timer.actor} does not come to rest at ${timer.key}`);
      }
      const living = actors.get(timer.actor);
      // What an actor that is held back has missed, it finds when it begins anew.
      if (living && !this.#held?.(timer.actor)) {
        const done = this.#reconcile(living, timer.key, timer.failures);
        if (done) await done;
      }
      await this.#dispatch();
      if (timer.actor === 'kubelet') this.#regard(actors);
    }
    clock.moveTo(time);
  }

  /** Sees who is held back now; whoever no longer is begins as after a start: with a list of everything. */
  #regard(actors: Map<string, LivingActor>): void {
    const before = this.#held;
    this.#held = this.parts.held?.();
    if (!before) return;
    const now = this.parts.clock.now();
    for (const living of actors.values()) {
      const { name, watches, latency } = living.actor;
      if (!before(name) || this.#held?.(name)) continue;
      for (const { resource, keys } of watches) {
        for (const each of resource === '*' ? this.parts.store.resources() : [resource]) {
          for (const object of this.parts.store.list(each)) {
            const event: StoreEvent = { type: 'ADDED', resource: each, revision: this.parts.store.revision, object };
            for (const key of keys(event, living.world)) this.timers.wake(name, key, now + latency);
          }
        }
      }
    }
  }

  /** Lives until no controller work and no pod transition is due within 5 s, `most` ms at the most. */
  async runUntilSettled(most = SETTLE_LIMIT): Promise<void> {
    const { clock } = this.parts;
    const limit = clock.now() + most;
    await this.#dispatch();
    while (clock.now() < limit) {
      const next = await this.#nextUnsettled();
      if (next === undefined || next > clock.now() + SETTLED_FOR) return;
      await this.runUntil(Math.max(next, clock.now()));
    }
  }

  /** When something happens next (ms), changes not yet seen included; undefined if nothing will by itself. */
  async nextTime(): Promise<number | undefined> {
    await this.#dispatch();
    return this.timers.nextTime;
  }

  /** Lets the actors know of changes, so that their timers are set before the state is saved. */
  async dispatch(): Promise<void> {
    await this.#dispatch();
  }

  #isDueBy(time: number): boolean {
    const next = this.timers.nextTime;
    return next !== undefined && next <= time;
  }

  async #nextUnsettled(): Promise<number | undefined> {
    const actors = await this.#load();
    let next: number | undefined;
    for (const { time, actor, key } of this.timers.timers()) {
      if (next !== undefined && time >= next) continue;
      if (actors.get(actor)?.actor.settles?.(key) !== false) next = time;
    }
    return next;
  }

  #reconcile({ actor, world }: LivingActor, key: string, failures: number): Promise<void> | undefined {
    const failed = (error: unknown) => this.#failed(error, actor, key, failures);
    try {
      return actor.reconcile(key, world)?.catch(failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  #failed(error: unknown, { name, retry = RETRY }: Actor, key: string, failures: number): void {
    if (!(error instanceof ApiError)) this.parts.onDefect(error, name, key);
    const delay = Math.min(retry.base * 2 ** failures, retry.limit);
    this.timers.wake(name, key, this.parts.clock.now() + delay, failures + 1);
  }

  async #dispatch(): Promise<void> {
    if (this.#unseen.length === 0) return;
    await this.#load();
    const now = this.parts.clock.now();
    const events = this.#unseen;
    this.#unseen = [];
    for (const event of events) {
      for (const { living, rule } of this.#rulesFor(event.resource)) {
        if (this.#held?.(living.actor.name)) continue;
        for (const key of rule.keys(event, living.world)) {
          this.timers.wake(living.actor.name, key, now + living.actor.latency);
        }
      }
    }
  }

  #rulesFor(resource: string): { living: LivingActor; rule: WatchRule }[] {
    let rules = this.#rulesOf.get(resource);
    if (!rules) {
      rules = [...(this.#rules.get(resource) ?? []), ...(this.#rules.get('*') ?? [])];
      this.#rulesOf.set(resource, rules);
    }
    return rules;
  }

  async #load(): Promise<Map<string, LivingActor>> {
    if (this.#actors) return this.#actors;
    const world = await this.parts.load();
    const living = world.actors.map((actor) => ({ actor, world: world.worldOf(actor) }));
    for (const one of living) {
      for (const rule of one.actor.watches) {
        const rules = this.#rules.get(rule.resource) ?? [];
        rules.push({ living: one, rule });
        this.#rules.set(rule.resource, rules);
      }
    }
    this.#actors = new Map(living.map((one) => [one.actor.name, one]));
    return this.#actors;
  }
}

/** The generator whose state is kept in the state file (section `cluster`, key `random`). */
export class StoredRandom extends Random {
  constructor(private readonly kept: State) {
    super(kept.section<number>('cluster').get('random') ?? 0);
  }

  /** Writes the generator's state, if it was drawn from. */
  flush(): void {
    const section = this.kept.section<number>('cluster');
    if (section.get('random') !== this.state) section.set('random', this.state);
  }
}
