import { expect, test } from 'vitest';
import { Bookmarks } from './bookmarks.ts';

test('a watch gets a bookmark each minute, and one before it ends', () => {
  const bookmarks = new Bookmarks(true);
  const due = [];
  for (let second = 1; second <= 100; second++) if (bookmarks.due(1000, (100 - second) * 1000)) due.push(second);
  expect(due).toEqual([60, 98]);
  expect(new Bookmarks(false).due(100_000, 0)).toBe(false);
});
