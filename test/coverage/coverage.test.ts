import { expect, it } from 'vitest';
import { coverage } from './coverage.ts';

it('docs/coverage.md is what the code says (renew it with `node scripts/coverage.mjs`)', async () => {
  await expect(await coverage()).toMatchFileSnapshot('../../docs/coverage.md');
}, 60_000);
