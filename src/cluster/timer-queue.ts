import type { State } from '../store/section.ts';

/** Something to reconcile at a time: ordered by (time, sequence), one for each (actor, key). */
export interface Timer {
  /** Cluster time, ms. */
  time: number;
  sequence: number;
  actor: string;
  key: string;
  /** How often in a row the reconcile failed that this one repeats. */
  failures: number;
}

/** As the section `timers` keeps it, by `TIME-SEQUENCE`. */
type StoredTimer = [actor: string, key: string, failures?: number];

/** A timer in the queue. */
interface Queued extends Timer {
  id: string;
  /** An earlier one took its place. */
  replaced?: true;
}

const SECTION = 'timers';
const storedKey = (timer: Timer): string =>
  `${String(timer.time).padStart(14, '0')}-${String(timer.sequence).padStart(8, '0')}`;
const identity = (actor: string, key: string): string => `${actor}\n${key}`;
const isBefore = (a: Timer, b: Timer): boolean => a.time < b.time || (a.time === b.time && a.sequence < b.sequence);

/** What is to happen when. Reads the section when it is first changed or popped, and writes it in `flush`. */
export class TimerQueue {
  /** A binary heap; timers that were replaced stay in it until they reach the top. */
  #heap: Queued[] = [];
  #current = new Map<string, Queued>();
  #sequence = 0;
  #loaded = false;

  constructor(private readonly state: State) {}

  /** When the first timer is due (ms); undefined without any. */
  get nextTime(): number | undefined {
    if (this.#loaded) return this.#top()?.time;
    const first = this.#section().keys()[0];
    return first === undefined ? undefined : Number.parseInt(first, 10);
  }

  /** Sets a timer for the key; an earlier one that is set already stays. How often its work has failed is remembered. */
  wake(actor: string, key: string, time: number, failures = 0): void {
    this.#load();
    const id = identity(actor, key);
    const old = this.#current.get(id);
    const due = Math.ceil(time);
    const failed = Math.max(failures, old?.failures ?? 0);
    if (old && old.time <= due && failed === old.failures) return;
    if (old) old.replaced = true;
    const at = Math.min(due, old?.time ?? due);
    const timer: Queued = { time: at, sequence: this.#sequence++, actor, key, failures: failed, id };
    this.#current.set(id, timer);
    this.#push(timer);
  }

  /** Takes the first timer if it is due by `time`. */
  pop(time: number): Timer | undefined {
    this.#load();
    const top = this.#top();
    if (!top || top.time > time) return undefined;
    this.#removeTop();
    this.#current.delete(top.id);
    return top;
  }

  /** All timers, in no order. */
  timers(): Iterable<Timer> {
    this.#load();
    return this.#current.values();
  }

  /** Writes what changed to the state. */
  flush(): void {
    if (!this.#loaded) return;
    const section = this.#section();
    const live = new Map([...this.#current.values()].map((timer) => [storedKey(timer), timer]));
    for (const key of section.keys()) if (!live.has(key)) section.delete(key);
    for (const [key, { actor, key: name, failures }] of live) {
      if (!section.has(key)) section.set(key, failures > 0 ? [actor, name, failures] : [actor, name]);
    }
  }

  #section() {
    return this.state.section<StoredTimer>(SECTION);
  }

  #load(): void {
    if (this.#loaded) return;
    this.#loaded = true;
    const section = this.#section();
    for (const stored of section.keys()) {
      const [time, sequence] = stored.split('-').map(Number) as [number, number];
      const [actor, key, failures = 0] = section.get(stored)!;
      const timer: Queued = { time, sequence, actor, key, failures, id: identity(actor, key) };
      this.#current.set(timer.id, timer);
      // Ascending keys are a heap already.
      this.#heap.push(timer);
      this.#sequence = Math.max(this.#sequence, sequence + 1);
    }
  }

  #top(): Queued | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (!top?.replaced) return top;
      this.#removeTop();
    }
  }

  #push(timer: Queued): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
