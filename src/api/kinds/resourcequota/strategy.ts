import type { ResourceQuota } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { IMMUTABLE, same, sortedEntries } from '../shared/checks.ts';
import { roundUpAll, validateQuantityValue, validateQuotaResourceName } from '../shared/resources.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';
import { goScopes, validateScopeSelector, validateScopes } from './scopes.ts';

const validateList = (list: object | undefined, path: string): FieldError[] =>
  sortedEntries(list as Record<string, string> | undefined).flatMap(([name, value]) => [
    ...validateQuotaResourceName(name, `${path}[${name}]`),
    ...validateQuantityValue(name, value, `${path}[${name}]`),
  ]);

const sorted = (scopes: string[] | undefined) => [...new Set(scopes)].sort();

export const strategy: KindRules<ResourceQuota> = {
  resource: 'resourcequotas',
  updateChecks: ['metadata', 'spec', 'changes'],
  ...withStatus(() => ({}), 'none'),
  setDefaults: ({ spec, status }) => roundUpAll(spec?.hard, status?.hard, status?.used),
  validate: ({ spec = {} }) => [
    ...validateList(spec.hard, 'spec.hard'),
    ...validateScopes(spec),
    ...validateScopeSelector(spec),
  ],
  validateUpdate: ({ spec }, { spec: old }) =>
    same(sorted(spec?.scopes), sorted(old?.scopes)) ? [] : [invalid('spec.scopes', goScopes(spec?.scopes), IMMUTABLE)],
  validateStatusUpdate: ({ status }) => [
    ...validateList(status?.hard, 'status.hard'),
    ...validateList(status?.used, 'status.used'),
  ],
};
