import { goQuote } from '../../../base/go-quote.ts';

/** A list of indexes, read: how many they are, or what is wrong with it. */
export interface Indexes {
  total: number;
  problem?: string;
}

class IndexError extends Error {}

function index(text: string, completions: number): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw new IndexError(`cannot convert string to integer for index: ${goQuote(text)}`);
  const value = Number(text);
  if (value >= completions) throw new IndexError(`too large index: ${goQuote(text)}`);
  return value;
}

const notIncreasing = (previous: number, current: number) =>
  new IndexError(`non-increasing order, previous: ${previous}, current: ${current}`);

function interval(text: string, completions: number): [first: number, last: number] {
  const ends = text.split('-');
  if (ends.length > 2)
    throw new IndexError(
      `the fragment ${goQuote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  const [first, last] = ends.map((end) => index(end, completions));
  if (last !== undefined && first! >= last) throw notIncreasing(first!, last);
  return [first!, last ?? first!];
}

/** `1,3-5`: indexes of a job with so many completions (batch validation's validateIndexesFormat). */
export function parseIndexes(text: string, completions: number): Indexes {
  let total = 0;
  let previous = -1;
  try {
    for (const part of text === '' ? [] : text.split(',')) {
      const [first, last] = interval(part, completions);
      if (previous >= first) throw notIncreasing(previous, first);
      total += last - first + 1;
      previous = last;
    }
    return { total };
  } catch (error) {
    if (error instanceof IndexError) return { total: 0, problem: error.message };
    throw error;
  }
}
