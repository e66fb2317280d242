import type { StatefulSet } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { templateCells } from '../shared/cells.ts';

export const view: KindView<StatefulSet> = {
  cells: {
    Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    ...templateCells,
  },
};
