import { expect, test } from 'vitest';
import { replay } from './replay.ts';

/**
 * Steps that cannot be the same here: what controllers do meanwhile (18, 19 …), a cluster's bootstrap roles (160), deletes whose body the
 * recorder's connection lost (195, 196, 204, 205).
 */
const DIFFERENT = 33;

test('answers the recorded requests as the real API server does', async () => {
  const outcomes = await replay();
  const wrong = outcomes.filter(
    ({ recorded, status, got, expected }) => status !== recorded.status || got !== expected,
  );
  expect(wrong.length, `steps ${wrong.map(({ recorded }) => recorded.step).join(', ')}`).toBeLessThanOrEqual(DIFFERENT);
  expect(outcomes.filter(({ got }) => got.includes('Internal error')).map(({ recorded }) => recorded.step)).toEqual([]);
});
