import type { Comparison, Comparisons } from '../format/lab.ts';
import { quantity, sameValue } from './partial.ts';

type Scalar = string | number | boolean;

/** A field that is not there counts as 0 where a number is wanted: Kubernetes leaves zeros out. */
const valued = (wanted: Scalar, found: string): string => (found === '' && typeof wanted === 'number' ? '0' : found);

const ordered = (wanted: Scalar, found: string): number | undefined => {
  const [a, b] = [quantity(valued(Number(wanted), found)), quantity(wanted)];
  return a && b && a.compare(b);
};

const HOLDS: Record<Comparison, (wanted: Scalar, found: string) => boolean> = {
  is: (wanted, found) => sameValue(wanted, valued(wanted, found)),
  not: (wanted, found) => !sameValue(wanted, valued(wanted, found)),
  contains: (wanted, found) => found.includes(String(wanted)),
  matches: (wanted, found) => new RegExp(String(wanted), 'm').test(found),
  atLeast: (wanted, found) => (ordered(wanted, found) ?? -1) >= 0,
  atMost: (wanted, found) => (ordered(wanted, found) ?? 1) <= 0,
};

const WORDS: Record<Comparison, string> = {
  is: 'not',
  not: 'which it must not be',
  contains: 'without',
  matches: 'not like',
  atLeast: 'below',
  atMost: 'above',
};

/** The first comparison that does not hold, in words: `it is 1, below 3`; undefined when all do. */
export function failedComparison(comparisons: Comparisons, found: string): string | undefined {
  for (const [name, wanted] of Object.entries(comparisons) as [Comparison, Scalar][]) {
    if (HOLDS[name](wanted, found)) continue;
    const shown = found === '' ? 'nothing' : found.trim();
    return name === 'not' ? `it is ${shown}, ${WORDS.not}` : `it is ${shown}, ${WORDS[name]} ${wanted}`;
  }
  return undefined;
}
