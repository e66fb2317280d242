import type { StorageClass } from '../../../types/objects.ts';
import { duplicate, type FieldError, forbidden, required } from '../../machinery/field-errors.ts';
import { each, immutable, oneOfIfSet, same } from '../shared/checks.ts';
import { validateParameters, validateProvisioner } from '../shared/class-parameters.ts';
import { deprecatedLabel } from '../shared/node-label-warnings.ts';
import { validateLabelName } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';

type Term = NonNullable<StorageClass['allowedTopologies']>[number];

const MODES = ['Immediate', 'WaitForFirstConsumer'];
const RECLAIM_POLICIES = ['Delete', 'Retain'];

/** ValidateTopologySelectorTerm */
function validateTerm({ matchLabelExpressions = [] }: Term, path: string): FieldError[] {
  const keys = matchLabelExpressions.map(({ key }) => key ?? '');
  return each(matchLabelExpressions, `${path}.matchLabelExpressions`, ({ key = '', values = [] }, at, index) => [
    ...(values.length === 0 ? [required(`${at}.values`)] : []),
    ...each(values, `${at}.values`, (value, valueAt, place) =>
      values.indexOf(value) < place ? [duplicate(valueAt, value)] : [],
    ),
    ...validateLabelName(key, `${at}.key`),
    ...(keys.indexOf(key) < index ? [duplicate(`${at}.key`, key)] : []),
  ]);
}

/** Terms that are the same, and those that say nothing: Go compares with maps of nothing. */
const normal = ({ matchLabelExpressions = [] }: Term) =>
  JSON.stringify(matchLabelExpressions.map(({ key, values = [] }) => [key, [...new Set(values)].sort()]).sort());

function validateTopologies(terms: Term[] = []): FieldError[] {
  const seen = terms.map(normal);
  return each(terms, 'allowedTopologies', (term, at, index) => [
    ...validateTerm(term, at),
    ...(seen[index] === '[]' || seen.indexOf(seen[index]!) < index
      ? [duplicate(`${at}.matchLabelExpressions`, '')]
      : []),
  ]);
}

const validate = (storageClass: StorageClass): FieldError[] => [
  ...validateProvisioner(storageClass.provisioner, 'provisioner'),
  ...validateParameters(storageClass.parameters, 'parameters'),
  ...(storageClass.reclaimPolicy ? oneOfIfSet('reclaimPolicy', storageClass.reclaimPolicy, RECLAIM_POLICIES) : []),
  ...oneOfIfSet('volumeBindingMode', storageClass.volumeBindingMode, MODES),
  ...validateTopologies(storageClass.allowedTopologies),
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
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, term) =>
      matchLabelExpressions.flatMap(({ key }, index) => {
        const deprecated = deprecatedLabel(key);
        return deprecated ? [`allowedTopologies[${term}].matchLabelExpressions[${index}].key: ${deprecated}`] : [];
      }),
    ),
};
