import type { V1CSIStorageCapacity } from '@kubernetes/client-node';
import { Quantity } from '../../../base/quantity.ts';
import type { LabelSelector, Resource } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { immutable, NOT_NEGATIVE, subdomain1123 } from '../shared/checks.ts';
import { goLabelSelector } from '../shared/go-value.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { deprecatedLabel, termWarnings } from '../shared/node-label-warnings.ts';
import type { KindRules } from '../shared/strategy.ts';

type CSIStorageCapacity = Resource<V1CSIStorageCapacity>;

function validate({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity): FieldError[] {
  return [
    ...validateLabelSelector(nodeTopology as LabelSelector | undefined, 'nodeTopology'),
    ...subdomain1123('storageClassName', storageClassName ?? ''),
    ...(capacity !== undefined && Quantity.parse(capacity).sign() < 0
      ? [invalid('capacity', capacity, NOT_NEGATIVE)]
      : []),
  ];
}

export const strategy: KindRules<CSIStorageCapacity> = {
  resource: 'csistoragecapacities.storage.k8s.io',
  needsVersion: true,
  validate,
  validateUpdate: (capacity, old) => [
    ...immutable(
      'nodeTopology',
      capacity.nodeTopology,
      old.nodeTopology,
      goLabelSelector(capacity.nodeTopology as LabelSelector | undefined),
    ),
    ...immutable('storageClassName', capacity.storageClassName, old.storageClassName),
  ],
  warnings: ({ nodeTopology = {} }) => [
    ...termWarnings(nodeTopology, 'nodeTopology'),
    ...Object.keys(nodeTopology.matchLabels ?? {})
      .sort()
      .flatMap((key) => (deprecatedLabel(key) ? [`nodeTopology.matchLabels.${key}: ${deprecatedLabel(key)}`] : [])),
  ],
};
