import { fnv1a32 } from '../base/hash.ts';
import type { RecorderMemory } from '../runtime/recorder.ts';
import type { Section, State } from '../store/section.ts';

/** Of so many objects events are remembered; those that were told of longest ago are forgotten, half of them at a time. */
const LIMIT = 1_000;

/** When an entry was last of use, ms: the recorder's values say so in their own ways. */
const ageOf = (value: unknown): number => {
  const { last, first = 0 } = value as { last?: number; first?: number };
  return last ?? first;
};

/** What event recorders have seen, kept in the state under short keys and within bounds. */
export class StoredRecorderMemory implements RecorderMemory {
  readonly #section: Section<unknown>;
  #size: number;

  constructor(state: State) {
    this.#section = state.section('recorder');
    this.#size = this.#section.keys().length;
  }

  get(key: string): unknown {
    return this.#section.get(shortKey(key));
  }

  set(key: string, value: unknown): void {
    const short = shortKey(key);
    if (!this.#section.has(short) && ++this.#size > LIMIT) this.#forget();
    this.#section.set(short, value);
  }

  #forget(): void {
    const section = this.#section;
    const oldest = section.keys().sort((a, b) => ageOf(section.get(a)) - ageOf(section.get(b)));
    for (const key of oldest.slice(0, LIMIT / 2)) section.delete(key);
    this.#size = section.keys().length;
  }
}

const digits = (hash: number): string => hash.toString(36).padStart(7, '0');

/** Long enough for some thousand keys. */
const shortKey = (key: string): string => digits(fnv1a32(key)) + digits(fnv1a32(`${key}/`));
