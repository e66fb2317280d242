/**
 * A named part of the state: plain JSON values by key, one line of the state file each, parsed only when asked for.
 * Values are immutable: to change one, set another.
 */
export interface Section<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  has(key: string): boolean;
  /** Whether the value's JSON may have `quoted` somewhere: told without parsing, so it may be there in vain. */
  mentions(key: string, quoted: string): boolean;
  /** Keys in ascending order of their UTF-16 units, as etcd lists them. */
  keys(prefix?: string): string[];
}

/** Everything that a cluster remembers, by section: `objects/pods`, `timers`, `containers`, `files` … */
export interface State {
  section<T>(name: string): Section<T>;
  /** Names of the sections that hold anything, in ascending order. */
  sections(): string[];
}
