import type { RoleBinding } from '../../../types/objects.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { defaultBinding, validateBinding, validateSameRole } from '../shared/rbac.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<RoleBinding> = {
  resource: 'rolebindings.rbac.authorization.k8s.io',
  updateChecks: ['object', 'object', 'metadata', 'changes'],
  nameRule: pathSegmentName,
  createsOnUpdate: true,
  setDefaults: defaultBinding,
  validate: (binding) => validateBinding(binding, ['Role', 'ClusterRole']),
  validateUpdate: validateSameRole,
};
