import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Home } from '../tools/built.ts';
import { readTranscript, replay } from '../tools/transcript.ts';

// "Kubernetes Architecture Worker Node Components" (rajith.in): every command of the article, with the article's own output.
const article = readFileSync(new URL('mangodairy.txt', import.meta.url), 'utf8');
/** As wide as the article's terminal. */
const home = new Home({ COLUMNS: '203' });
beforeAll(() => {
  expect(home.run('kubemu', 'create', 'cluster', '--preset', 'mangodairy').code).toBe(0);
});
afterAll(() => home.remove());

it('shows what the article shows', () => {
  expect(replay(home, readTranscript(article))).toBe(article);
});
