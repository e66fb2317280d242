import type { Clock } from '../base/clock.ts';
import type { Section, State } from '../store/section.ts';

export type ClockMode = 'real' | 'manual';

/** As the state keeps it (section `cluster`, key `clock`). Times in ms. */
interface ClockRecord {
  mode: ClockMode;
  /** Up to when the cluster has lived. */
  time: number;
  /** What a command takes on a manual clock. */
  perCommand: number;
  /** On a real clock: cluster time less wall time. */
  offset: number;
  /** Wall time of the last command, to within `SEEN_STEP`. */
  seen: number;
}

/** A cluster that nobody has looked at for this long stands still, like a suspended machine. */
const PAUSE_AFTER = 30 * 60_000;
/** A command that changes nothing else need not write the file to say that it was there. */
const SEEN_STEP = 60_000;

/**
 * The cluster's time. It follows the wall clock (`real`) or stands still until it is moved (`manual`); it never goes
 * backwards. `now` is where the simulation has got to, `target` where it should be.
 */
export class ClusterClock implements Clock {
  readonly #section: Section<ClockRecord>;
  #record: ClockRecord;

  constructor(
    state: State,
    private readonly wall: Clock,
  ) {
    this.#section = state.section<ClockRecord>('cluster');
    this.#record = this.#section.get('clock')!;
  }

  /** Gives a new cluster its clock. `start`: cluster time at which it begins. */
  static initialise(state: State, mode: ClockMode, start: number, perCommand: number, wall: Clock): void {
    // A manual clock knows nothing of the wall, so that its state repeats on any machine.
    const seen = mode === 'manual' ? start : wall.now();
    state.section<ClockRecord>('cluster').set('clock', { mode, time: start, perCommand, offset: start - seen, seen });
  }

  get mode(): ClockMode {
    return this.#record.mode;
  }

  now(): number {
    return this.#record.time;
  }

  /** Where the cluster's time should be: on a manual clock, where it is. */
  target(): number {
    const { mode, time, offset } = this.#record;
    return mode === 'manual' ? time : Math.max(time, this.wall.now() + offset);
  }

  /** A command begins: returns the time up to which the cluster lives before it. */
  beginCommand(): number {
    const { mode, perCommand, seen } = this.#record;
    if (mode === 'manual') return this.#record.time + perCommand;
    const wall = this.wall.now();
    const away = wall - seen;
    if (away > PAUSE_AFTER) this.#change({ offset: this.#record.offset - (away - PAUSE_AFTER), seen: wall });
    else if (away > SEEN_STEP) this.#change({ seen: wall });
    return this.target();
  }

  /** The cluster has lived up to `time`; an earlier time changes nothing. */
  moveTo(time: number): void {
    if (time > this.#record.time) this.#record = { ...this.#record, time };
  }

  /** Puts a real clock forward by `ms`; a manual one is moved by living on. */
  skip(ms: number): void {
    if (this.mode === 'real') this.#change({ offset: this.#record.offset + ms });
  }

  /** Writes the time to the state. A real clock's is written only when something else is, as it tells itself. */
  flush(othersChanged: boolean): void {
    if (this.#section.get('clock')!.time !== this.#record.time && (othersChanged || this.mode === 'manual'))
      this.#change({});
  }

  #change(change: Partial<ClockRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#section.set('clock', this.#record);
  }
}
