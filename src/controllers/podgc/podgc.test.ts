import { expect, test } from 'vitest';
import type { Pod } from '../../types/objects.ts';
import { surplusOf } from './index.ts';

const ended = (name: string, created: string, status: Pod['status'] = { phase: 'Succeeded' }): Pod =>
  ({ kind: 'Pod', metadata: { name, creationTimestamp: `2026-01-01T00:00:0${created}Z` }, status }) as unknown as Pod;

test('of pods that have ended evicted ones go first, then the oldest', () => {
  const pods = [
    ended('young', '9'),
    ended('old', '1'),
    ended('evicted', '8', { phase: 'Failed', reason: 'Evicted' }),
    ended('b', '2'),
    ended('a', '2'),
  ];
  const surplus = (threshold: number) => surplusOf(pods, threshold).map(({ metadata }) => metadata.name);
  expect(surplus(5)).toEqual([]);
  expect(surplus(4)).toEqual(['evicted']);
  expect(surplus(2)).toEqual(['evicted', 'old', 'a']);
});
