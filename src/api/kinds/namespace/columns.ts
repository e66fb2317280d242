import type { Namespace } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Namespace> = {
  cells: { Status: (namespace) => namespace.status?.phase ?? '' },
  selectableFields: {
    'status.phase': (namespace) => namespace.status?.phase ?? '',
  },
};
