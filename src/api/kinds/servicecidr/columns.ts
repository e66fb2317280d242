import type { V1ServiceCIDR } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1ServiceCIDR>> = {
  cells: { CIDRs: ({ spec }) => (spec?.cidrs ?? []).join(',') },
};
