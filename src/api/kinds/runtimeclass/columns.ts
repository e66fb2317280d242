import type { V1RuntimeClass } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Resource<V1RuntimeClass>> = { cells: { Handler: ({ handler }) => handler } };
