import type { ServiceAccount } from '../../../types/objects.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<ServiceAccount> = { resource: 'serviceaccounts' };
