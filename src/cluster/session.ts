import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, wallClock } from '../base/clock.ts';
import type { Waiting } from '../kubectl/transport.ts';
import type { StateKeeper } from '../store/memory-keeper.ts';
import { StateFile } from '../store/state-file.ts';
import { StateFileError } from '../store/state-file-error.ts';
import { changesBetween } from './changes.ts';
import { Cluster } from './cluster.ts';
import { Turns } from './turns.ts';

export interface SessionOptions {
  path: string;
  /** Opens what keeps the state, where it is no file at `path`. */
  open?(): StateKeeper;
  /** The command line, for the journal. */
  command: string;
  wall?: Clock;
  /** Lets out what was printed so far: called once the changes behind it are on disk, before this process waits. */
  flush?(): void;
}

/** How often a command that waits looks whether another changed the cluster, ms. */
const POLL = 100;

/** Whether what is waited for is about to come: input that is there already needs a moment to get through. */
const arrives = async (until: Promise<void> | undefined): Promise<boolean> =>
  until !== undefined && (await Promise.race([until.then(() => true), delay(POLL, false)]));

/**
 * One process's hold on a cluster's state file. It is read on first use, without a lock; the first change takes the lock and
 * keeps it until `letGo`, which makes everything last. Whoever prints what changed, prints it after that.
 */
export class ClusterSession {
  #file: StateKeeper | undefined;
  #cluster: Cluster | undefined;
  #begins = false;
  readonly #turns = new Turns();

  #command: string;

  constructor(private readonly options: SessionOptions) {
    this.#command = options.command;
  }

  get path(): string {
    return this.options.path;
  }

  /** The cluster as this process last saw it; undefined before the first use. */
  get current(): Cluster | undefined {
    return this.#cluster;
  }

  /** Another command of this process begins: when it comes to the cluster, that lives up to it. */
  begin(command: string): void {
    this.#command = command;
    this.#begins = this.#cluster !== undefined;
  }

  /** The cluster as it is kept: no time passes for it. */
  glance(): Promise<Cluster> {
    return this.#turns.take(async () => {
      if (this.#cluster) return this.#cluster;
      this.#begins = true;
      return await this.#load(async () => {});
    });
  }

  /** The cluster to read from. */
  reading(): Promise<Cluster> {
    return this.#turns.take(async () => {
      const cluster = this.#cluster ?? (await this.#load());
      if (this.#begins) {
        this.#begins = false;
        await cluster.begin();
      }
      return cluster;
    });
  }

  /** The cluster to change: nobody else can until `letGo`. */
  async writing(): Promise<Cluster> {
    await this.reading();
    return await this.#turns.take(async () => {
      const file = this.#file!;
      if (file.lock.held) return this.#cluster!;
      file.lock.acquire();
      return file.isCurrent() ? this.#cluster! : await this.#load();
    });
  }

  /** Reads the file again if another process changed it; tells whether it did. What was not saved here is forgotten. */
  refresh(): Promise<boolean> {
    return this.#turns.take(async () => {
      if (!this.#file || this.#file.lock.held || this.#file.isCurrent()) return false;
      await this.#load((cluster) => cluster.catchUp());
      return true;
    });
  }

  /** Makes every change last and gives the lock back. What only time changed is saved if the lock is free at once. */
  letGo(): Promise<void> {
    return this.#turns.take(() => this.#letGo());
  }

  /** A server between two requests: what was done lasts, what was printed is seen, what others did meanwhile is read. */
  async rest(): Promise<void> {
    await this.letGo();
    this.options.flush?.();
    await this.refresh();
  }

  async #letGo(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    try {
      await this.#cluster!.flush();
      if (!file.state.changed) return;
      if (file.lock.held) this.#save(file);
      else this.#saveCatchUp(file);
    } finally {
      file.lock.release();
    }
  }

  /**
   * Lets the cluster live on for a while, `limit` ms at the most; resolves with how long that was, or with undefined when nothing
   * can happen any more. A manual clock that is driven jumps to what happens next; otherwise this process waits as long as a
   * person would, or until `until`, and others may change the cluster meanwhile.
   */
  async live(limit: number, waiting: Waiting, until?: Promise<void>): Promise<number | undefined> {
    const { clock } = await this.reading();
    if (clock.mode === 'manual' && waiting === 'drives') return await this.#drive(limit);
    // On a clock that stands still, nobody else will ever make anything happen.
    if (clock.mode === 'manual' && this.#file!.alone) return (await arrives(until)) ? 0 : undefined;
    return await this.#wait(limit, until);
  }

  async #drive(limit: number): Promise<number | undefined> {
    const { clock, simulation } = await this.writing();
    const before = clock.now();
    const next = (await simulation.nextTime()) ?? Number.POSITIVE_INFINITY;
    const time = Math.max(before, Math.min(next, before + limit));
    if (time === Number.POSITIVE_INFINITY) return undefined;
    await simulation.runUntil(time);
    return time - before;
  }

  async #wait(limit: number, until?: Promise<void>): Promise<number> {
    const { clock, simulation } = this.#cluster!;
    const next = clock.mode === 'real' ? await simulation.nextTime() : undefined;
    const held = this.#file!.lock.held;
    await this.letGo();
    this.options.flush?.();
    const pause = Math.max(1, Math.min(limit, (next ?? Number.POSITIVE_INFINITY) - clock.target(), POLL));
    await (until ? Promise.race([delay(pause), until]) : delay(pause));
    if (held) await this.writing();
    else await this.refresh();
    await this.#cluster!.catchUp();
    return pause;
  }

  #save(file: StateKeeper): void {
    file.save({ command: this.#command, at: this.#cluster!.clock.now() });
  }

  #saveCatchUp(file: StateKeeper): void {
    try {
      if (file.lock.tryAcquire() && file.isCurrent()) this.#save(file);
    } catch (error) {
      // A reader's answer is right whether or not time's work can be kept: the next command does it again.
      if (!(error instanceof StateFileError)) throw error;
    }
  }

  async #load(live = (cluster: Cluster) => cluster.begin()): Promise<Cluster> {
    const lock = this.#file?.lock;
    const before = this.#cluster;
    try {
      const file = this.#file?.reopen() ?? this.options.open?.() ?? StateFile.open(this.options.path);
      const cluster = new Cluster(file.state, {
        wall: this.options.wall ?? wallClock,
        onProgress: () => file.lock.refresh(),
        live: (limit, waiting, until) => this.live(limit, waiting, until),
        latest: () => this.#cluster!,
      });
      this.#file = file;
      this.#cluster = cluster;
      if (before) cluster.store.remember(changesBetween(before.state, file.state), before.store.revision);
      if (before?.isWired) await cluster.wire();
      await live(cluster);
      return cluster;
    } catch (error) {
      // What could not be read must not be written over.
      (this.#file?.lock ?? lock)?.release();
      this.#file = undefined;
      this.#cluster = undefined;
      throw error;
    }
  }
}
