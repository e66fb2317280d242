import type { V1Scale } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1Scale>> = {
  cells: {
    Desired: ({ spec }) => spec?.replicas ?? 0,
    Available: ({ status }) => status?.replicas ?? 0,
  },
};
