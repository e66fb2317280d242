import type { KindStrategy } from './kind.ts';

const ALL: KindStrategy<never>[] = [];

/** Every kind with rules of its own, by resource. */
export const STRATEGIES: Record<string, KindStrategy> = Object.fromEntries(
  ALL.map((strategy) => [strategy.resource, strategy as KindStrategy]),
);
