import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/differential/**'],
    testTimeout: 60_000,
    // Two cores are the smallest machine that we promise to be usable on.
    maxWorkers: 2,
  },
});
