import type { KindRules } from '../shared/strategy.ts';

/** Nobody writes it. */
export const strategy: KindRules = { resource: 'componentstatuses', clusterScoped: true };
