import type { ResourceQuota } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, same, sortedEntries } from '../shared/checks.ts';
import { validateQuantityValue, validateQuotaResourceName } from '../shared/resources.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
const COMPUTE = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];

const goScopes = (scopes: string[]) =>
  new GoSyntax(`[]core.ResourceQuotaScope{${scopes.map((scope) => JSON.stringify(scope)).join(', ')}}`);

/** IsResourceQuotaScopeValidForResource: best-effort pods are only counted. */
const fits = (scope: string, name: string) => name === 'pods' || (scope !== 'BestEffort' && COMPUTE.includes(name));

function validateScopes({ scopes = [], hard }: NonNullable<ResourceQuota['spec']>): FieldError[] {
  const at = 'spec.scopes';
  const refuse = (detail: string) => invalid(at, goScopes(scopes), detail);
  const names = Object.keys(hard ?? {}).filter((name) => !name.includes('/'));
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.includes(scope) ? [] : [refuse('unsupported scope')]),
      ...names.filter((name) => !fits(scope, name)).map(() => refuse('unsupported scope applied to resource')),
    ]),
    ...CONFLICTS.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() =>
      refuse('conflicting scopes'),
    ),
  ];
}

function validate({ spec = {} }: ResourceQuota): FieldError[] {
  return [
    ...sortedEntries(spec.hard as Record<string, string> | undefined).flatMap(([name, value]) => [
      ...validateQuotaResourceName(name, `spec.hard[${name}]`),
      ...validateQuantityValue(name, value, `spec.hard[${name}]`),
    ]),
    ...validateScopes(spec),
    ...each(
      spec.scopeSelector?.matchExpressions,
      'spec.scopeSelector.matchExpressions',
      ({ operator, values, scopeName }, at) => [
        ...(SCOPES.includes(scopeName) ? [] : [invalid(`${at}.scopeName`, scopeName, 'unsupported scope')]),
        ...((operator === 'In' || operator === 'NotIn') && !values?.length
          ? [
              required(
                `${at}.values`,
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
              ),
            ]
          : []),
      ],
    ),
  ];
}

const sorted = (scopes: string[] | undefined) => [...(scopes ?? [])].sort();

export const strategy: KindRules<ResourceQuota> = {
  resource: 'resourcequotas',
  ...withStatus(() => ({}), 'none'),
  validate,
  validateUpdate: ({ spec }, { spec: old }) =>
    same(sorted(spec?.scopes), sorted(old?.scopes))
      ? []
      : [invalid('spec.scopes', goScopes(spec?.scopes ?? []), 'field is immutable')],
};
