import { ApiServer } from '../../api/server.ts';
import { ManualClock } from '../../base/clock.ts';
import { Random } from '../../base/random.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import { SectionedStore } from '../../store/sectioned-store.ts';
import { MemoryState } from '../../store/state.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Actor, ActorWorld } from '../actor.ts';
import { LocalClient } from '../local-client.ts';
import { LocalEventRecorder } from '../recorder.ts';

interface Entry {
  time: number;
  sequence: number;
  actor: string;
  key: string;
  failures: number;
}

/** When every test world begins: 2026-11-21T04:00:00Z. */
export const EPOCH = Date.UTC(2026, 10, 21, 4);

/** Actors over a real API server and a memory of objects, on a clock that the test moves. */
export class TestWorld {
  readonly state = new MemoryState();
  readonly store = new SectionedStore(this.state);
  readonly clock = new ManualClock(EPOCH);
  readonly random = new Random(1);
  /** Every change so far, with its time in ms since the start. */
  readonly changes: (StoreEvent & { at: number })[] = [];
  /** Failures of actors that were no answers of the API. */
  readonly api: ApiServer;
  /** Writes as the test itself. */
  readonly client: LocalClient;
  private unseen: StoreEvent[] = [];
  private queue: Entry[] = [];
  private sequence = 0;
  private readonly worlds = new Map<Actor, ActorWorld>();

  private constructor(private readonly actors: Actor[]) {
    this.api = new ApiServer({
      store: this.store,
      state: this.state,
      random: this.random,
      now: () => this.clock.now(),
    });
    this.client = new LocalClient(this.api, { user: 'kubernetes-admin', manager: 'kubectl' });
    this.store.subscribe((event) => {
      this.unseen.push(event);
      this.changes.push({ ...event, at: this.clock.now() - EPOCH });
    });
  }

  static async with(actors: Actor[], objects: unknown[] = []): Promise<TestWorld> {
    const world = new TestWorld(actors);
    await world.api.prepare();
    for (const object of objects) world.create(object);
    return world;
  }

  /** Creates any object given as manifest. */
  create<T extends KubeObject>(manifest: unknown): T {
    const object = manifest as KubeObject;
    const [version = '', group = ''] = object.apiVersion.split('/').reverse();
    const resource = this.api.world.registry.byKind(group, version, object.kind)!;
    const namespaced = resource.namespaced ? { namespace: 'default', ...object.metadata } : object.metadata;
    return this.client.create(resource.name, { ...object, metadata: namespaced }) as T;
  }

  /** Reconciles a key of an actor at `time` (ms). */
  wake(actor: string, key: string, time: number, failures = 0): void {
    const old = this.queue.find((entry) => entry.actor === actor && entry.key === key);
    if (old && old.time <= time) return;
    this.queue = this.queue.filter((entry) => entry !== old);
    this.queue.push({ time, sequence: this.sequence++, actor, key, failures });
  }

  /** Lets `ms` pass. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    this.dispatch();
    for (;;) {
      this.queue.sort((a, b) => a.time - b.time || a.sequence - b.sequence);
      const next = this.queue[0];
      if (!next || next.time > end) break;
      this.queue.shift();
      this.clock.moveTo(next.time);
      const actor = this.actors.find((one) => one.name === next.actor)!;
      try {
        await actor.reconcile(next.key, this.worldOf(actor));
      } catch (error) {
        if (!(error as { reason?: string }).reason) throw error;
        this.wake(
          next.actor,
          next.key,
          this.clock.now() + (actor.retry?.base ?? 5) * 2 ** next.failures,
          next.failures + 1,
        );
      }
      this.dispatch();
    }
    this.clock.moveTo(end);
  }

  worldOf(actor: Actor): ActorWorld {
    const known = this.worlds.get(actor);
    if (known) return known;
    const client = new LocalClient(this.api, { user: actor.user ?? actor.name, manager: actor.manager });
    const memory = this.state.section<unknown>('recorder');
    const world: ActorWorld = {
      client,
      events: new LocalEventRecorder(client, () => this.clock.now(), memory),
      random: this.random,
      state: this.state,
      now: () => this.clock.now(),
      wake: (key, time, other = actor.name) => this.wake(other, key, Math.max(time, this.clock.now())),
    };
    this.worlds.set(actor, world);
    return world;
  }

  private dispatch(): void {
    const events = this.unseen;
    this.unseen = [];
    for (const event of events) {
      for (const actor of this.actors) {
        for (const rule of actor.watches.filter((one) => one.resource === event.resource || one.resource === '*')) {
          for (const key of rule.keys(event, this.worldOf(actor)))
            this.wake(actor.name, key, this.clock.now() + actor.latency);
        }
      }
    }
  }
}
