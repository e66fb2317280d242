import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KINDS, loadStrategies, strategyOf, viewOf } from './index.ts';

/** Folders that are no kinds of their own. */
const OTHERS = ['scale', 'shared', 'testdata'];

beforeAll(loadStrategies);

describe('a kind is one folder and one line', () => {
  it('and every folder has its line', () => {
    const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !OTHERS.includes(entry.name))
      .map(({ name }) => name);
    expect(Object.values(KINDS).sort()).toEqual(folders.sort());
  });

  it.each(Object.keys(KINDS))('%s has rules and columns under its own name', async (resource) => {
    expect(strategyOf(resource)?.resource).toBe(resource);
    expect((await viewOf(resource, 'v1.33.13')).columns.length).toBeGreaterThan(0);
  });
});
