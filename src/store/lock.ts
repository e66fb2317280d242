import { closeSync, openSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { wallClock } from '../base/clock.ts';
import { StateFileError } from './state-file-error.ts';

/** How long a lock is believed whose owner cannot be asked (another machine, a torn file), ms. */
const UNKNOWN_OWNER_EXPIRY = 10_000;
/** A living owner touches its lock at least this often, ms: see `FileLock.refresh`. */
const REFRESH_AFTER = 2_000;

interface Owner {
  host: string;
  pid: number;
  /** When the process started, as the system counts; tells a process from a later one with the same pid. '' if unknown. */
  started: string;
}

/** Linux tells a process's start (field 22 of stat, after the name in brackets); other systems get ''. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sleeps without giving way to anything else in this process: what is waited for takes milliseconds. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * Serialises the writers of one file, across processes: whoever could create the lock file has it.
 * The lock of a process that was killed is taken over.
 */
export class FileLock {
  #text: string | undefined;
  #refreshed = 0;

  constructor(readonly path: string) {}

  get held(): boolean {
    return this.#text !== undefined;
  }

  /** Takes the lock if it is free, or if its owner is gone. */
  tryAcquire(): boolean {
    return this.#create() || (this.#removeStale() && this.#create());
  }

  /** Waits for the lock. Throws StateFileError after `timeout` ms. */
  acquire(timeout = 30_000): void {
    const end = wallClock.now() + timeout;
    let delay = 1;
    while (!this.tryAcquire()) {
      if (wallClock.now() > end) {
        throw new StateFileError(
          `another command${this.#ownerName()} has been changing the cluster for ${timeout / 1000} s\nNothing was changed. Wait for it, or end it, and run the command again.`,
        );
      }
      // Processes that started together do not stay in step, as each has another pid.
      pause(delay + (process.pid % 7) / 7);
      delay = Math.min(delay * 1.5, 25);
    }
  }

  /** Tells others that the owner lives: to be called now and then while work goes on. */
  refresh(): void {
    const now = wallClock.now();
    if (!this.held || now - this.#refreshed < REFRESH_AFTER) return;
    this.#refreshed = now;
    try {
      utimesSync(this.path, now / 1000, now / 1000);
    } catch {
      // Somebody removed it: `stillHeld` tells before anything is written.
    }
  }

  /** Whether the lock file is still this process's: a machine that slept may have lost it. */
  stillHeld(): boolean {
    return this.held && this.#read() === this.#text;
  }

  release(): void {
    if (this.stillHeld()) {
      try {
        unlinkSync(this.path);
      } catch {
        // Gone already.
      }
    }
    this.#text = undefined;
  }

  #create(): boolean {
    const owner: Owner = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
    const text = JSON.stringify(owner);
    try {
      const file = openSync(this.path, 'wx', 0o600);
      writeSync(file, text);
      closeSync(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Windows answers EPERM for a file that is being deleted.
      if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false;
      throw StateFileError.io(error, this.path);
    }
    this.#text = text;
    this.#refreshed = wallClock.now();
    return true;
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return undefined;
    }
  }

  #owner(): Owner | undefined {
    try {
      return JSON.parse(this.#read() ?? '') as Owner;
    } catch {
      return undefined;
    }
  }

  #ownerName(): string {
    const owner = this.#owner();
    return owner ? ` (process ${owner.pid})` : '';
  }

  #isStale(): boolean {
    const owner = this.#owner();
    if (owner?.host === hostname()) {
      return !isRunning(owner.pid) || (owner.started !== '' && startOf(owner.pid) !== owner.started);
    }
    try {
      return wallClock.now() - statSync(this.path).mtimeMs > UNKNOWN_OWNER_EXPIRY;
    } catch {
      return false;
    }
  }

  /** Removes a lock whose owner is gone. Of several that try, one renames it away; what it then holds is looked at again. */
  #removeStale(): boolean {
    const before = this.#read();
    if (before === undefined) return true;
    if (!this.#isStale()) return false;
    const aside = `${this.path}.${process.pid}`;
    try {
      renameSync(this.path, aside);
      const taken = readFileSync(aside, 'utf8');
      // Between the look and the rename another had already taken over: give its lock back.
      if (taken !== before) renameSync(aside, this.path);
      else unlinkSync(aside);
    } catch {
      // Another was quicker.
    }
    return true;
  }
}
