import type { KindStrategy } from './kind.ts';

// biome-ignore lint/suspicious/noExplicitAny: each strategy is typed by its own kind; the registry only carries it
type AnyStrategy = KindStrategy<any>;

const ALL: AnyStrategy[] = [];

/** Every kind with rules of its own, by resource. */
export const STRATEGIES: Record<string, KindStrategy> = Object.fromEntries(
  ALL.map((strategy) => [strategy.resource, strategy]),
);
