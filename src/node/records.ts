import type { State } from '../store/section.ts';

/** What a section remembers of one node, in the order of the keys: they begin with the node's name. */
export function recordsOn<T>(state: State, section: string, node: string): T[] {
  const records = state.section<T>(section);
  return records.keys(`${node}/`).map((key) => records.get(key)!);
}
