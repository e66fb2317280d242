import type { V1CSINode } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1CSINode>> = { cells: { Drivers: ({ spec }) => spec.drivers?.length ?? 0 } };
