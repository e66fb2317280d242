/** Something that tells the time, in milliseconds since the Unix epoch. */
export interface Clock {
  now(): number;
}

/** The machine's own time: the one place in kubemu that reads it. */
export const wallClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is moved: for tests and for clusters in `manual` mode. */
export class ManualClock implements Clock {
  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  /** Moves to `time` (ms since the epoch); a clock never goes backwards, so an earlier time changes nothing. */
  moveTo(time: number): void {
    this.time = Math.max(this.time, time);
  }
}
