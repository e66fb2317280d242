import { goQuote } from '../../../../base/go-quote.ts';
import { type Edit, editScript } from './edits.ts';
import { addStats, differing, grouped, noStats, type Stats, statsText } from './stats.ts';
import { ELLIPSIS, type Sign, type Text, type TextList } from './text.ts';
import { braced, quoted } from './values.ts';

/** Texts at least this long are compared piece by piece. */
export const MIN_LENGTH = 32;
const CONTEXT = 2;
const MAX_DIFFERENCES = 32;
const PIECE = 64;

const KINDS: Record<Edit, keyof Stats> = { '=': 'identical', X: 'removed', Y: 'inserted', M: 'modified' };

const script = (x: readonly string[], y: readonly string[]): Edit[] =>
  editScript(x.length, y.length, (ix, iy) => (x[ix] === y[iy] ? { same: 1, diff: 0 } : { same: 0, diff: 2 }));

/** Short stretches that are alike between stretches that are not become part of them. */
function smoothed(groups: readonly Stats[], size: number): Stats[] {
  const result: Stats[] = [];
  for (const group of groups) {
    const [before, between] = result.slice(-2);
    const replaces = before && (before.removed > 0 || group.removed > 0) && (before.inserted > 0 || group.inserted > 0);
    if (between && differing(group) > 0 && replaces && between.identical <= size) {
      addStats(before, between);
      addStats(before, group);
      result.pop();
    } else result.push(group);
  }
  return result;
}

/** What is alike at the ends of a stretch belongs to its neighbours. */
function trimmed(groups: Stats[], x: readonly string[], y: readonly string[]): Stats[] {
  const first = noStats();
  const last = noStats();
  let [ix, iy] = [0, 0];
  for (const [index, group] of groups.entries()) {
    if (differing(group) === 0) {
      ix += group.identical;
      iy += group.identical;
      continue;
    }
    let nx = group.identical + group.removed + group.modified;
    let ny = group.identical + group.inserted + group.modified;
    const shorter = Math.min(nx, ny);
    let leading = 0;
    let trailing = 0;
    while (leading < shorter && x[ix + leading] === y[iy + leading]) leading++;
    while (trailing < shorter && x[ix + nx - 1 - trailing] === y[iy + ny - 1 - trailing]) trailing++;
    if (leading + trailing > 0) {
      (groups[index - 1] ?? first).identical += leading;
      ix += leading;
      iy += leading;
      (groups[index + 1] ?? last).identical += trailing;
      nx -= leading + trailing;
      ny -= leading + trailing;
      groups[index] = { identical: 0, removed: nx, inserted: ny, modified: 0 };
    }
    ix += nx;
    iy += ny;
  }
  return [...(first.identical > 0 ? [first] : []), ...groups, ...(last.identical > 0 ? [last] : [])];
}

/** The pieces of two texts that differ, and what is around them (go-cmp's formatDiffSlice). */
function pieces(x: readonly string[], y: readonly string[], size: number, name: string): TextList {
  const list: TextList = [];
  const add = (items: readonly string[], sign: Sign) => {
    for (let at = 0; at < items.length; at += size)
      list.push({ sign, value: quoted(items.slice(at, at + size).join('')) });
  };
  const groups = trimmed(smoothed(grouped(script(x, y).map((edit) => KINDS[edit])), Math.trunc(size / 4)), x, y);
  const rest = noStats();
  let [ix, iy, differences] = [0, 0, 0];
  for (const [index, group] of groups.entries()) {
    if (differences >= MAX_DIFFERENCES) {
      addStats(rest, group);
      continue;
    }
    if (differing(group) === 0) {
      const equal = group.identical;
      const low = index === 0 ? 0 : Math.min(size * CONTEXT, equal);
      let high = index === groups.length - 1 ? 0 : Math.min(size * CONTEXT, equal - low);
      if (equal - low - high <= size) high = equal - low;
      add(x.slice(ix, ix + low), ' ');
      const hidden = equal - low - high;
      if (hidden > 0)
        list.push({ value: ELLIPSIS, bare: true, comment: statsText({ ...noStats(), identical: hidden }, name) });
      add(x.slice(ix + equal - high, ix + equal), ' ');
      ix += equal;
      iy += equal;
      continue;
    }
    const before = list.length;
    const nx = group.identical + group.removed + group.modified;
    const ny = group.identical + group.inserted + group.modified;
    add(x.slice(ix, ix + nx), '-');
    add(y.slice(iy, iy + ny), '+');
    ix += nx;
    iy += ny;
    differences += list.length - before;
  }
  const restText = statsText(rest, name);
  if (/\d/.test(restText)) list.push({ value: ELLIPSIS, bare: true, comment: restText });
  return list;
}

const distance = (edits: readonly Edit[]): number => edits.filter((edit) => edit !== '=').length / edits.length;

/** Whether two texts are better compared line by line. */
function isLined(x: string, y: string): boolean {
  const both = x + y;
  const lines = both.split('\n');
  if (lines.length < 5 || lines.some((line) => line.length > 1024)) return false;
  const byLine = distance(script(x.split('\n'), y.split('\n')));
  return byLine < 4 * distance(script([...x], [...y])) || goQuote(both).length / both.length > 1.1;
}

/** Two long texts that differ. */
export function formatLongTexts(x: string, y: string): Text {
  if (!isLined(x, y))
    return { prefix: 'strings.Join(', value: braced(pieces([...x], [...y], PIECE, 'byte')), suffix: ', "")' };
  const list = pieces(x.split('\n'), y.split('\n'), 1, 'line');
  const plain = list.map((record) => {
    if (record.value === ELLIPSIS) return record;
    const value = record.value as string;
    return { ...record, bare: true, value: value.startsWith('`') ? value.slice(1, -1) : (JSON.parse(value) as string) };
  });
  const isTripled = plain.every(
    ({ value, comment }) => comment !== undefined || !/^("""|\.\.\.)/.test(value as string),
  );
  if (!isTripled) return { prefix: 'strings.Join(', value: braced(list), suffix: ', "\\n")' };
  const last = plain.at(-1);
  if (last?.sign === ' ' && last.value === '') plain.pop();
  const quotes = { value: '"""', bare: true };
  return { prefix: '(', value: [quotes, ...plain, quotes], suffix: ')' };
}
