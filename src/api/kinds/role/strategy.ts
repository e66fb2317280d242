import type { Role } from '../../../types/objects.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { validateRules } from '../shared/rbac.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<Role> = {
  resource: 'roles.rbac.authorization.k8s.io',
  updateChecks: ['object', 'object', 'metadata', 'changes'],
  nameRule: pathSegmentName,
  createsOnUpdate: true,
  validate: ({ rules }) => validateRules(rules, true),
};
