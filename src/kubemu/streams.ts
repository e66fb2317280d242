import { fstatSync, readFileSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { IOStreams } from '../kubectl/io.ts';

/** Waits a moment for a pipe whose reader is slow. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** Writes all of `text` to a descriptor, whatever it is; false when nobody reads it any more. */
function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') pause();
      else if (code === 'EPIPE' || code === 'EOF' || code === 'EBADF') return false;
      else throw error;
    }
  }
  return true;
}

/** A terminal is a device; what is none need not be asked, which would load node:tty. */
function isTerminal(descriptor: 0 | 1): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && isatty(descriptor);
  } catch {
    return false;
  }
}

/**
 * The process's own streams. What is written is held until `flush`, so that nothing is said of a change before it is on disk.
 */
export class ProcessStreams implements IOStreams {
  #held: { descriptor: 1 | 2; text: string }[] = [];

  // Asked of the descriptors: process.stdin and process.stdout cost milliseconds to make.
  get stdinIsTerminal(): boolean {
    return isTerminal(0);
  }

  get stdoutIsTerminal(): boolean {
    return isTerminal(1);
  }

  get columns(): number {
    return Number(process.env.COLUMNS) || (isTerminal(1) ? process.stdout.columns : 80);
  }

  get rows(): number {
    return Number(process.env.LINES) || (isTerminal(1) ? process.stdout.rows : 24);
  }

  onResize(tell: () => void): void {
    if (isTerminal(1)) process.stdout.on('resize', tell);
  }

  // Properties, because kubectl's verbs hand them on as plain functions.
  readonly out = (text: string): void => this.#hold(1, text);
  readonly err = (text: string): void => this.#hold(2, text);

  /** Lets everything out, in order. */
  flush(): void {
    const held = this.#held;
    this.#held = [];
    for (const { descriptor, text } of held) {
      if (!writeAll(descriptor, text) && descriptor === 1) process.exit(141);
    }
  }

  /** Forgets what was not let out: what it tells of did not happen. */
  drop(): void {
    this.#held = [];
  }

  async readStdin(): Promise<string> {
    if (this.stdinIsTerminal) {
      let text = '';
      for await (const chunk of process.stdin) text += String(chunk);
      return text;
    }
    try {
      return readFileSync(0, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return '';
      let text = '';
      for await (const chunk of process.stdin) text += String(chunk);
      return text;
    }
  }

  stdin({ raw } = { raw: false }): AsyncIterable<Uint8Array> {
    // The process's end gives the terminal back as it was.
    if (raw) process.stdin.setRawMode(true);
    return process.stdin as AsyncIterable<Uint8Array>;
  }

  #hold(descriptor: 1 | 2, text: string): void {
    const last = this.#held[this.#held.length - 1];
    if (last?.descriptor === descriptor) last.text += text;
    else this.#held.push({ descriptor, text });
  }
}
