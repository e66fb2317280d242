import { type Comparison, compareValues } from './compare.ts';
import { formatLongTexts, MIN_LENGTH } from './long-texts.ts';
import { addStats, differing, grouped, noStats, type Stats, statsText } from './stats.ts';
import { ELLIPSIS, render, type Sign, sameText, type Text, type TextList } from './text.ts';
import { isZero, kindOf } from './types.ts';
import { braced, type FormatOptions, formatKey, formatValue, type TypeMode, withType } from './values.ts';

const CONTEXT = 2;
const MAX_IDENTICAL = 4;
const MAX_DIFFERENCES = 16;
const MORE_VERBOSE = 6;

const NOUNS: Record<string, string> = { struct: 'field', slice: 'element', map: 'entry' };

/** Texts that are long enough to be compared piece by piece. */
function areLongTexts({ type, diff, x, y }: Comparison, sign: Sign): boolean {
  const isLong = (value: unknown) => typeof value === 'string' && value.length >= MIN_LENGTH;
  return sign === '' && diff > 0 && kindOf(type) === 'scalar' && isLong(x?.value) && isLong(y?.value);
}

const longTexts = (node: Comparison): Text => {
  const text = formatLongTexts(node.x!.value as string, node.y!.value as string);
  return node.type === 'string' ? text : withType(node.type, text, { sign: '', types: 'auto', verbosity: 3 });
};

/** How what is alike, gone, new or different is shown (go-cmp's FormatDiff). */
function format(node: Comparison, sign: Sign, types: TypeMode, more = 0): Text {
  const options: FormatOptions = { sign, types, verbosity: (sign === ' ' ? 1 : 3) + more };
  if (areLongTexts(node, sign)) return longTexts(node);
  if (node.depth === 0) {
    const value = sign === '-' || (sign === ' ' && !node.y) ? node.x?.value : node.y?.value;
    return formatValue(node.type, value, options);
  }
  if (node.target) return { prefix: '&', value: format(node.target, sign, types, more), suffix: '' };
  const list = sign === '' ? differences(node) : onlyOne(node, sign);
  return withType(node.type, braced(list), options);
}

const below = (node: Comparison): TypeMode => (kindOf(node.type) === 'struct' ? 'auto' : 'elide');
const keyText = (node: Comparison, key: string): string =>
  kindOf(node.type) === 'map' ? formatKey(node.type, key) : key;

/** What is below a value that is alike, or of which only one side is shown. */
function onlyOne(node: Comparison, sign: Sign): TextList {
  const list: TextList = [];
  const max = sign === ' ' ? MAX_IDENTICAL : MAX_DIFFERENCES;
  for (const { key, node: child } of node.records!) {
    if (list.length === max) {
      list.push({ value: ELLIPSIS, bare: true });
      break;
    }
    const sides = sign === '-' ? [child.x] : sign === '+' ? [child.y] : [child.x, child.y];
    if (sides.every((side) => side === undefined)) continue;
    if (kindOf(node.type) === 'struct' && sides.some((side) => isZero(child.type, side?.value))) continue;
    list.push({ key: keyText(node, key), value: format(child, sign, below(node)) });
  }
  return list;
}

function kindOfChange({ diff, x, y }: Comparison): keyof Stats {
  if (diff === 0) return 'identical';
  if (!y) return 'removed';
  return x ? 'modified' : 'inserted';
}

/** One record that differs: what it was and what it is, or what of it differs. */
function changed(node: Comparison, key: string, types: TypeMode): TextList {
  if (areLongTexts(node, '')) return [{ key, value: longTexts(node) }];
  if (node.children !== node.depth) return [{ key, value: format(node, '', types) }];
  if (!node.y) return [{ sign: '-', key, value: format(node, '-', types) }];
  if (!node.x) return [{ sign: '+', key, value: format(node, '+', types) }];
  let before = format(node, '-', types);
  let after = format(node, '+', types);
  for (let step = 1; step <= MORE_VERBOSE && sameText(before, after); step++) {
    before = format(node, '-', types, 2 * step);
    after = format(node, '+', types, 2 * step);
  }
  return [
    { sign: '-', key, value: before },
    { sign: '+', key, value: after },
  ];
}

/** What differs below a value, with two records around that do not. */
function differences(node: Comparison): TextList {
  const list: TextList = [];
  const types = below(node);
  const noun = NOUNS[kindOf(node.type)]!;
  const records = node.records!;
  const groups = grouped(records.map(({ node: child }) => kindOfChange(child)));
  const rest = noStats();
  let start = 0;
  let count = 0;
  const hide = (stats: Stats) => list.push({ value: ELLIPSIS, bare: true, comment: statsText(stats, noun) });
  const show = (from: number, to: number) => {
    for (const { key, node: child } of records.slice(from, to))
      list.push({ key: keyText(node, key), value: format(child, ' ', types) });
  };
  for (const [index, group] of groups.entries()) {
    if (count >= MAX_DIFFERENCES) {
      addStats(rest, group);
      continue;
    }
    const size = group.identical + differing(group);
    if (group.identical > 0) {
      const low = index === 0 ? 0 : Math.min(CONTEXT, size);
      let high = index === groups.length - 1 ? 0 : Math.min(CONTEXT, size - low);
      if (size - low - high === 1) high++;
      show(start, start + low);
      if (size > low + high) hide({ ...noStats(), identical: size - low - high });
      show(start + size - high, start + size);
    } else {
      for (const { key, node: child } of records.slice(start, start + size))
        list.push(...changed(child, keyText(node, key), types));
      count += size;
    }
    start += size;
  }
  if (rest.identical + differing(rest) > 0) hide(rest);
  return list;
}

/** cmp.Diff of two values of a Go type, as update errors of pods, volumes and claims carry it. */
export const goDiff = (type: string, before: unknown, after: unknown): string =>
  render(format(compareValues(type, { value: before }, { value: after }), '', 'emit'));
