import type { ResumeOptions } from './process.ts';

/** Bytes as text. */
export async function* decoded(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
}

/** Input of a process that comes while it runs: what has come is there to be taken, what will come can be waited for. */
export class LiveInput {
  #text = '';
  #ended = false;
  #endTaken = false;
  #wake: () => void = () => {};
  #arrival = this.#nextArrival();

  constructor(stream: AsyncIterable<string>) {
    void this.#pump(stream);
  }

  /** Resolves when there is something to take; at once if there is already. */
  get arrived(): Promise<void> {
    return this.#text !== '' || (this.#ended && !this.#endTaken) ? Promise.resolve() : this.#arrival;
  }

  /** What has come since it was last asked, as the process gets it; undefined if nothing has. */
  take(): ResumeOptions | undefined {
    const text = this.#text;
    const ends = this.#ended && !this.#endTaken;
    if (text === '' && !ends) return undefined;
    this.#text = '';
    this.#endTaken = this.#ended;
    return { ...(text !== '' && { stdin: text }), ...(ends && { stdinEnds: true }) };
  }

  #nextArrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #pump(stream: AsyncIterable<string>): Promise<void> {
    try {
      for await (const text of stream) {
        this.#text += text;
        this.#arrive();
      }
    } catch {
      // A connection that breaks is the end of what comes through it.
    }
    this.#ended = true;
    this.#arrive();
  }

  #arrive(): void {
    this.#wake();
    this.#arrival = this.#nextArrival();
  }
}
