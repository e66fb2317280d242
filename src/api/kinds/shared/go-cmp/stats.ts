/** How many neighbours are alike and how many are not (go-cmp's diffStats). */
export interface Stats {
  identical: number;
  removed: number;
  inserted: number;
  modified: number;
}

const LABELS = ['identical', 'removed', 'inserted', 'modified'] as const;

export const noStats = (): Stats => ({ identical: 0, removed: 0, inserted: 0, modified: 0 });

export const differing = ({ removed, inserted, modified }: Stats): number => removed + inserted + modified;

export function addStats(to: Stats, more: Stats): void {
  for (const label of LABELS) to[label] += more[label];
}

/** Groups of neighbours, in turn alike and not. */
export function grouped(kinds: readonly (keyof Stats)[]): Stats[] {
  const groups: Stats[] = [];
  for (const [index, kind] of kinds.entries()) {
    if (index === 0 || (kind === 'identical') !== (kinds[index - 1] === 'identical')) groups.push(noStats());
    groups.at(-1)![kind]++;
  }
  return groups;
}

/** `3 identical fields`, `1 removed and 2 inserted entries`. */
export function statsText(stats: Stats, name: string): string {
  const texts = LABELS.filter((label) => stats[label] > 0).map((label) => `${stats[label]} ${label}`);
  const total = LABELS.reduce((sum, label) => sum + stats[label], 0);
  const noun = total > 1 ? `${name}s`.replace(/ys$/, 'ies') : name;
  return texts.length > 2
    ? `${texts.slice(0, -1).join(', ')}, and ${texts.at(-1)} ${noun}`
    : `${texts.join(' and ')} ${noun}`;
}
