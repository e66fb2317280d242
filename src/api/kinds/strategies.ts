import type { KindStrategy } from './kind.ts';
import { strategy as pods } from './pod/strategy.ts';
import { type KindRules, withMetadata } from './shared/strategy.ts';

const ALL = [pods] as unknown as KindRules[];

/** Every kind with rules of its own, by resource. */
export const STRATEGIES: Record<string, KindStrategy> = Object.fromEntries(
  ALL.map((rules) => [rules.resource, withMetadata(rules)]),
);
