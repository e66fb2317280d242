import type { Lease } from '../../../types/objects.ts';
import { invalid } from '../../machinery/field-errors.ts';
import { nonNegative } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

/** Coordinated leader election is behind a gate that is off. */
function dropDisabled({ spec }: Lease): void {
  if (!spec) return;
  delete spec.strategy;
  delete spec.preferredHolder;
}

export const strategy: KindRules<Lease> = {
  resource: 'leases.coordination.k8s.io',
  updateChecks: ['metadata', 'spec', 'changes'],
  createsOnUpdate: true,
  needsVersion: true,
  prepareForCreate: dropDisabled,
  prepareForUpdate: dropDisabled,
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
