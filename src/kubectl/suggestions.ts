import type { CommandEntry } from './registry.ts';

/** The Levenshtein distance in bytes, with which cobra finds what may have been meant. */
export function editDistance(meant: string, name: string): number {
  const [from, to] = [Buffer.from(meant), Buffer.from(name)];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next[j] = from[i - 1] === to[j - 1] ? row[j - 1]! : Math.min(row[j]!, next[j - 1]!, row[j - 1]!) + 1;
    }
    row = next;
  }
  return row[to.length]!;
}

/** Other names by which a verb may be looked for. */
const SOUGHT_AS: Record<string, string[]> = { delete: ['rm'], get: ['list', 'ps'], wait: ['list', 'ps'] };

/** "Did you mean this?" with the verbs that `typed` begins or nearly is; '' without any. */
export function suggestions(typed: string, entries: CommandEntry[]): string {
  const lower = typed.toLowerCase();
  const near = entries
    .filter(
      ({ name, short }) =>
        short !== '' && (editDistance(lower, name) <= 2 || name.startsWith(lower) || SOUGHT_AS[name]?.includes(lower)),
    )
    .map(({ name }) => `\t${name}\n`);
  return near.length > 0 ? `\n\nDid you mean this?\n${near.join('')}` : '';
}
