import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type CommitInfo, formatGroup, replayJournal } from './journal.ts';
import { FileLock } from './lock.ts';
import type { StateKeeper } from './memory-keeper.ts';
import { MemoryState } from './state.ts';
import { StateFileError } from './state-file-error.ts';
import { decodeState, formatState, parseHeader, parseState } from './state-format.ts';

/** A state below this size (in bytes) is replaced whole; a larger one gets a journal beside it. */
const WHOLE_LIMIT = 2_000_000;

/** A journal is folded into its file when it has grown to half of it, but not while it is smaller than this. */
const FOLD_LIMIT = 4_000_000;

const journalPath = (path: string, generation: number): string => `${path}.${generation}.journal`;

const lockOf = (path: string): FileLock => new FileLock(`${path}.lock`);

/** What tells one content of a file from another; '' if there is no file. */
function fingerprint(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '';
}

/** Writes all of `data` at the end of the open file and waits until it is on disk. */
function writeThrough(file: number, data: string): void {
  const bytes = Buffer.from(data);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  fsyncSync(file);
}

/** Makes a rename in `folder` outlast a power failure; systems that cannot, need not. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // Windows opens no folders.
  }
}

/**
 * A cluster's state on disk: `state` is what the file held when it was read, and what was changed since.
 * `save` makes the changes last, all or none; its caller holds `lock` from before it read what it changed.
 */
export class StateFile implements StateKeeper {
  private constructor(
    readonly path: string,
    readonly state: MemoryState,
    private generation: number,
    /** Size of the file itself, in bytes; 0 if it was never written. */
    private size: number,
    /** Length in bytes of the journal's whole groups. */
    private journalLength: number,
    private print: string,
    readonly lock: FileLock,
  ) {}

  /** Opens an existing state file; `lock` is one that the caller has of an earlier look at it. Throws StateFileError if it cannot be read, is damaged, foreign or of a later format. */
  static open(path: string, lock?: FileLock): StateFile {
    const real = resolveLink(path);
    // A writer that folds replaces the file and removes the journal: then both are read again.
    for (;;) {
      const print = fingerprint(real);
      const state = new MemoryState();
      let bytes: Buffer;
      try {
        bytes = readFileSync(real);
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'EACCES'
          ? new StateFileError(`no permission to read the state file ${path}\nName another file in KUBEMU_STATE.`)
          : StateFileError.io(error, path);
      }
      const { generation } = parseState(bytes, path, state);
      const journal = journalPath(real, generation);
      const journalText = readIfThere(journal);
      if (journalText === undefined && fingerprint(real) !== print) continue;
      const length = journalText === undefined ? 0 : replayJournal(journalText, journalPath(path, generation), state);
      const journalLength = length === 0 ? 0 : Buffer.byteLength(journalText!.slice(0, length));
      return new StateFile(
        real,
        state,
        generation,
        bytes.length,
        journalLength,
        `${print}|${fingerprint(journal)}`,
        lock ?? lockOf(real),
      );
    }
  }

  /** A state file that is not on disk until it is saved. Throws StateFileError if there is one already. */
  static create(path: string): StateFile {
    const real = resolveLink(path);
    if (existsSync(real)) throw new StateFileError(`there is a state file already: ${path}`);
    return new StateFile(real, new MemoryState(), 0, 0, 0, '|', lockOf(real));
  }

  /** Reads the file again, with the lock that this look at it has. */
  reopen(): StateFile {
    return StateFile.open(this.path, this.lock);
  }

  /** Whether the disk still holds what was read or saved here last. */
  isCurrent(): boolean {
    return this.print === this.printNow();
  }

  /** Makes all changes last, or none. Throws StateFileError if that cannot be; the file is then as it was. */
  save(info: CommitInfo): void {
    if (!this.state.changed && this.size > 0) return;
    if (this.size > 0 && !existsSync(this.path)) throw StateFileError.io({ code: 'ENOENT' }, this.path);
    if (!this.lock.stillHeld()) {
      throw new StateFileError(
        `another command took the cluster's lock over while this one stood still\nNothing was changed. Run the command again.`,
      );
    }
    try {
      if (this.size < WHOLE_LIMIT || this.journalLength > Math.max(FOLD_LIMIT, this.size / 2)) this.replace();
      else this.append(info);
    } catch (error) {
      if (error instanceof StateFileError) throw error;
      throw StateFileError.io(error, this.path);
    }
    this.state.settleChanges();
    this.print = this.printNow();
  }

  private printNow(): string {
    return `${fingerprint(this.path)}|${fingerprint(journalPath(this.path, this.generation))}`;
  }

  /** Writes the next generation beside the file, and puts it in its place in one step. */
  private replace(): void {
    const text = formatState(this.state, this.generation + 1);
    const temporary = `${this.path}.tmp`;
    try {
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeThrough(file, text);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    syncFolder(dirname(this.path));
    removeIfThere(journalPath(this.path, this.generation));
    this.generation++;
    this.size = text.length;
    this.journalLength = 0;
  }

  private append(info: CommitInfo): void {
    const group = formatGroup(this.state, info);
    const file = openSync(journalPath(this.path, this.generation), 'a', 0o600);
    try {
      // What a killed writer left behind the last commit.
      if (fstatSync(file).size > this.journalLength) ftruncateSync(file, this.journalLength);
      writeThrough(file, group);
      this.journalLength += Buffer.byteLength(group);
    } catch (error) {
      ftruncateSync(file, this.journalLength);
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/** Removes a state file and all that belongs to it; a file that is not ours is refused. */
export function deleteStateFile(path: string): void {
  const real = resolveLink(path);
  const { generation } = parseHeader(readFileSync(real, 'utf8'), path);
  for (const part of [real, journalPath(real, generation), `${real}.tmp`]) removeIfThere(part);
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return decodeState(readFileSync(path));
  } catch {
    return undefined;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there.
  }
}
