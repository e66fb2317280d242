import type { V1RuntimeClass } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { immutable, label1123 } from '../shared/checks.ts';
import { validateTolerations } from '../shared/scheduling.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<Resource<V1RuntimeClass>> = {
  resource: 'runtimeclasses.node.k8s.io',
  clusterScoped: true,
  validate: ({ handler, scheduling }) => [
    ...label1123('handler', handler ?? ''),
    ...validateTolerations(scheduling?.tolerations, 'scheduling.tolerations'),
  ],
  validateUpdate: ({ handler }, { handler: old }) => immutable('handler', handler, old),
};
