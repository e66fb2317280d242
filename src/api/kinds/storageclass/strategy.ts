import { isQualifiedName } from '../../../base/names.ts';
import type { StorageClass } from '../../../types/objects.ts';
import { type FieldError, forbidden, required } from '../../machinery/field-errors.ts';
import { immutable, invalidEach, oneOfIfSet, same } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

const MODES = ['Immediate', 'WaitForFirstConsumer'];
const RECLAIM_POLICIES = ['Delete', 'Retain'];

const validate = ({ provisioner, reclaimPolicy, volumeBindingMode }: StorageClass): FieldError[] => [
  ...(provisioner
    ? invalidEach('provisioner', provisioner, isQualifiedName(provisioner.toLowerCase()))
    : [required('provisioner', provisioner)]),
  ...oneOfIfSet('reclaimPolicy', reclaimPolicy, RECLAIM_POLICIES),
  ...oneOfIfSet('volumeBindingMode', volumeBindingMode, MODES),
];

function validateUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const fixed = (field: 'parameters' | 'provisioner' | 'reclaimPolicy') =>
    same(storageClass[field] ?? {}, old[field] ?? {}) ? [] : [forbidden(field, `updates to ${field} are forbidden.`)];
  return [
    ...fixed('parameters'),
    ...fixed('provisioner'),
    ...fixed('reclaimPolicy'),
    ...immutable('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode),
  ];
}

export const strategy: KindRules<StorageClass> = {
  resource: 'storageclasses.storage.k8s.io',
  clusterScoped: true,
  setDefaults: (storageClass) => {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate,
  validateUpdate,
};
