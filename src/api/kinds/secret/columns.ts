import type { Secret } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Secret> = {
  cells: {
    Type: ({ type }) => type ?? '',
    Data: ({ data }) => Object.keys(data ?? {}).length,
  },
  selectableFields: { type: ({ type }) => type ?? '' },
};
