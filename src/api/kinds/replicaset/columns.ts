import type { ReplicaSet } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, templateCells } from '../shared/cells.ts';

export const view: KindView<ReplicaSet> = {
  cells: {
    Desired: ({ spec }) => spec?.replicas ?? 0,
    Current: ({ status }) => status?.replicas ?? 0,
    Ready: ({ status }) => status?.readyReplicas ?? 0,
    ...templateCells,
    Selector: ({ spec }) => formatLabelSelector(spec?.selector),
  },
};
