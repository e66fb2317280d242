import type { V1PriorityLevelConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, forbidden, notSupported, required } from '../../machinery/field-errors.ts';
import { nonNegative } from '../shared/checks.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type PriorityLevel = Resource<V1PriorityLevelConfiguration>;

function setDefaults({ spec }: PriorityLevel): void {
  if (spec?.exempt) {
    spec.exempt.nominalConcurrencyShares ??= 0;
    spec.exempt.lendablePercent ??= 0;
  }
  if (!spec?.limited) return;
  spec.limited.nominalConcurrencyShares ??= 30;
  spec.limited.lendablePercent ??= 0;
  const queuing = spec.limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

function validate({ spec }: PriorityLevel): FieldError[] {
  const { type = '', limited } = spec ?? {};
  if (type === 'Exempt') return limited ? [forbidden('spec.limited', 'must be nil if the type is not Limited')] : [];
  if (type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  if (!limited) return [required('spec.limited', 'must not be empty when type is Limited')];
  const response = limited.limitResponse?.type;
  return [
    ...nonNegative('spec.limited.nominalConcurrencyShares', limited.nominalConcurrencyShares),
    ...(response === 'Queue' && !limited.limitResponse?.queuing
      ? [required('spec.limited.limitResponse.queuing', 'must not be empty if limitResponse.type is Limited')]
      : []),
    ...(response === 'Queue' || response === 'Reject'
      ? []
      : [notSupported('spec.limited.limitResponse.type', response ?? '', ['Queue', 'Reject'])]),
  ];
}

export const strategy: KindRules<PriorityLevel> = {
  resource: 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
  clusterScoped: true,
  setDefaults,
  ...withStatus(() => ({})),
  validate,
};
