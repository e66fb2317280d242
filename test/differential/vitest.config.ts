import { defineConfig } from 'vitest/config';

/** `npm run differential`: minutes of processes, which the daily tests leave out. */
export default defineConfig({
  test: { include: ['test/differential/*.test.ts'], maxWorkers: 1 },
});
