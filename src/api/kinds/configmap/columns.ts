import type { ConfigMap } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<ConfigMap> = {
  cells: { Data: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length },
};
