import type { Lease } from '../../../types/objects.ts';
import { invalid } from '../../machinery/field-errors.ts';
import { nonNegative } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<Lease> = {
  resource: 'leases.coordination.k8s.io',
  validate: ({ spec }) => {
    const seconds = spec?.leaseDurationSeconds;
    return [
      ...(seconds !== undefined && seconds <= 0
        ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
        : []),
      ...nonNegative('spec.leaseTransitions', spec?.leaseTransitions),
    ];
  },
};
