import type { ClusterRoleBinding } from '../../../types/objects.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import { defaultBinding, validateBinding, validateSameRole } from '../shared/rbac.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<ClusterRoleBinding> = {
  resource: 'clusterrolebindings.rbac.authorization.k8s.io',
  updateChecks: ['object', 'object', 'metadata', 'changes'],
  clusterScoped: true,
  nameRule: pathSegmentName,
  createsOnUpdate: true,
  setDefaults: defaultBinding,
  validate: (binding) => validateBinding(binding, ['ClusterRole']),
  validateUpdate: validateSameRole,
};
