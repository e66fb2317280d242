import { lowerBound } from './lower-bound.ts';
import type { Section, State } from './section.ts';
import { StateFileError } from './state-file-error.ts';
import { asciiJson, eachEntry, type Lines, type Passage, passageOf, placeOf } from './state-format.ts';

/** A value as its line of the file holds it (`text`), as a command uses it (`value`), or both. */
interface Entry {
  text?: string;
  value?: unknown;
  /** Where it was read from, for the report of damage. */
  passage?: Passage;
  at?: number;
}

/** What the disk holds and nobody has asked for yet: lines of the file, then changes from the journal. */
interface Deferred {
  lines?: Lines;
  changes: [key: string, entry: Entry | undefined][];
}

function parseEntry(entry: Entry): unknown {
  try {
    return JSON.parse(entry.text!);
  } catch (error) {
    throw StateFileError.damaged(placeOf(entry.passage!, entry.at!), (error as Error).message);
  }
}

/** A section in memory: entries come as text from the file and are parsed when they are asked for. */
export class MemorySection implements Section<unknown> {
  readonly #known = new Map<string, Entry>();
  #keys: string[] = [];
  #unsorted = false;
  #deferred: Deferred | undefined;
  /** Keys set or deleted since the last save. */
  readonly changed = new Set<string>();

  get(key: string): unknown {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.value === undefined) entry.value = parseEntry(entry);
    return entry.value;
  }

  set(key: string, value: unknown): void {
    const entry = this.#entries.get(key);
    if (entry) {
      entry.value = value;
      entry.text = undefined;
    } else {
      this.#insertKey(key);
      this.#known.set(key, { value, text: undefined });
    }
    this.changed.add(key);
  }

  delete(key: string): void {
    if (!this.#entries.delete(key)) return;
    const keys = this.#sortedKeys();
    keys.splice(lowerBound(keys, key), 1);
    this.changed.add(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  mentions(key: string, quoted: string): boolean {
    return this.#entries.get(key)?.text?.includes(quoted) ?? true;
  }

  keys(prefix = ''): string[] {
    const keys = this.#sortedKeys();
    if (prefix === '') return keys.slice();
    const start = lowerBound(keys, prefix);
    let end = start;
    while (end < keys.length && keys[end]!.startsWith(prefix)) end++;
    return keys.slice(start, end);
  }

  get isEmpty(): boolean {
    // Lines hold something, and so does what was set last.
    if (this.#deferred && (this.#deferred.changes.at(-1)?.[1] ?? this.#deferred.changes.length === 0)) return false;
    return this.#entries.size === 0;
  }

  /** Takes a file's lines, to be read when somebody asks for an entry. */
  defer(lines: Lines): void {
    this.#deferred = { lines, changes: [] };
  }

  /** Takes a change as a journal has it, to be made when somebody asks for an entry; without `entry` the key was deleted. */
  deferChange(key: string, entry?: Entry): void {
    this.#deferred ??= { changes: [] };
    this.#deferred.changes.push([key, entry]);
  }

  /** The JSON of a value: the line that it was read from where nothing has changed it. */
  text(key: string): string {
    const entry = this.#entries.get(key)!;
    entry.text ??= asciiJson(entry.value);
    return entry.text;
  }

  /** The section's lines as a file has them. Throws StateFileError rather than copy a damaged one. */
  format(): string {
    const lines = this.#deferred?.changes.length === 0 ? this.#deferred.lines : undefined;
    if (!lines)
      return this.keys()
        .map((key) => `${asciiJson(key)}:${this.text(key)}`)
        .join(',\n');
    const passage = passageOf(lines);
    eachEntry(passage, () => {});
    return passage.text;
  }

  get #entries(): Map<string, Entry> {
    if (this.#deferred) this.#read(this.#deferred);
    return this.#known;
  }

  #read({ lines, changes }: Deferred): void {
    this.#deferred = undefined;
    if (lines) {
      const passage = passageOf(lines);
      eachEntry(passage, (key, text, at) => this.#known.set(key, { text, passage, at }));
    }
    for (const [key, entry] of changes) {
      if (entry) this.#known.set(key, entry);
      else this.#known.delete(key);
    }
    this.#keys = [...this.#known.keys()];
    this.#unsorted = this.#keys.some((key, index) => index > 0 && key < this.#keys[index - 1]!);
  }

  #insertKey(key: string): void {
    const keys = this.#sortedKeys();
    keys.splice(lowerBound(keys, key), 0, key);
  }

  #sortedKeys(): string[] {
    if (this.#deferred) this.#read(this.#deferred);
    if (this.#unsorted) {
      this.#keys.sort();
      this.#unsorted = false;
    }
    return this.#keys;
  }
}

/** Everything that a cluster remembers, in memory; `state-file.ts` reads and writes it. */
export class MemoryState implements State {
  readonly #sections = new Map<string, MemorySection>();

  section<T>(name: string): Section<T> {
    return this.memorySection(name) as Section<unknown> as Section<T>;
  }

  sections(): string[] {
    return [...this.#sections.keys()].filter((name) => !this.#sections.get(name)!.isEmpty).sort();
  }

  memorySection(name: string): MemorySection {
    let section = this.#sections.get(name);
    if (!section) {
      section = new MemorySection();
      this.#sections.set(name, section);
    }
    return section;
  }

  /** Whether anything was set or deleted since the last save. */
  get changed(): boolean {
    for (const section of this.#sections.values()) if (section.changed.size > 0) return true;
    return false;
  }

  /** The sections that hold changes, with their names. */
  changedSections(): [string, MemorySection][] {
    return [...this.#sections].filter(([, section]) => section.changed.size > 0);
  }

  /** Declares everything saved. */
  settleChanges(): void {
    for (const section of this.#sections.values()) section.changed.clear();
  }
}
