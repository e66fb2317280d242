import type { ClusterRole } from '../../../types/objects.ts';
import { invalid, required } from '../../machinery/field-errors.ts';
import { each } from '../shared/checks.ts';
import { validateLabelSelector } from '../shared/label-selector.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { validateRules } from '../shared/rbac.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<ClusterRole> = {
  resource: 'clusterroles.rbac.authorization.k8s.io',
  updateChecks: ['object', 'object', 'metadata', 'changes'],
  clusterScoped: true,
  nameRule: pathSegmentName,
  createsOnUpdate: true,
  validate: ({ rules, aggregationRule }) => {
    const selectors = aggregationRule?.clusterRoleSelectors;
    const at = 'aggregationRule.clusterRoleSelectors';
    return [
      ...validateRules(rules, false),
      ...(aggregationRule && !selectors?.length
        ? [required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
        : []),
      ...each(selectors, at, (selector, path) => {
        const errors = validateLabelSelector(selector, path);
        return errors.length > 0 ? [...errors, invalid(path, undefined, 'invalid label selector.')] : errors;
      }),
    ];
  },
};
