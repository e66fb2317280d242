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
