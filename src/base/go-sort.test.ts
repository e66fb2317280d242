import { expect, test } from 'vitest';
import { goSort } from './go-sort.ts';
import { Random } from './random.ts';

const numbers = (count: number, different: number): { key: number; at: number }[] => {
  const random = new Random(count);
  return Array.from({ length: count }, (_, at) => ({ key: random.int(different), at }));
};

test.each([0, 1, 12, 13, 49, 50, 51, 200, 1000])('%i items come into order, none is lost', (count) => {
  for (const different of [1, 3, 1e6]) {
    const items = numbers(count, different);
    const sorted = goSort([...items], (a, b) => a.key < b.key);
    expect(sorted.map(({ key }) => key)).toEqual(items.map(({ key }) => key).sort((a, b) => a - b));
    expect(new Set(sorted)).toEqual(new Set(items));
  }
});

test('items that are already in order, or turned around, need no work of their own', () => {
  const ascending = Array.from({ length: 100 }, (_, at) => at);
  expect(goSort([...ascending].reverse(), (a, b) => a < b)).toEqual(ascending);
  let compared = 0;
  goSort([...ascending], (a, b) => {
    compared++;
    return a < b;
  });
  expect(compared).toBeLessThan(150);
});

test('so few that they are inserted keep the order of equal ones', () => {
  const items = numbers(12, 2);
  expect(goSort([...items], (a, b) => a.key < b.key)).toEqual(items.toSorted((a, b) => a.key - b.key || a.at - b.at));
});

test('equal ones stand where Go 1.24 leaves them', () => {
  const items = Array.from({ length: 60 }, (_, at) => ({ key: ((at * 7919) % 101) % 3, at }));
  expect(goSort(items, (a, b) => a.key < b.key).map(({ at }) => at)).toEqual([
    30, 39, 5, 59, 0, 55, 54, 9, 10, 50, 49, 45, 44, 40, 14, 15, 29, 35, 34, 19, 20, 4, 25, 24, 32, 18, 2, 33, 43, 28,
    3, 58, 22, 12, 27, 17, 7, 8, 38, 53, 13, 23, 48, 42, 21, 11, 46, 47, 41, 6, 1, 51, 52, 16, 37, 36, 56, 57, 31, 26,
  ]);
});
