import type { ReplicationController } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabels, templateCells } from '../shared/cells.ts';

export const view: KindView<ReplicationController> = {
  cells: {
    Desired: ({ spec }) => spec?.replicas ?? 0,
    Current: ({ status }) => status?.replicas ?? 0,
    Ready: ({ status }) => status?.readyReplicas ?? 0,
    ...templateCells,
    Selector: ({ spec }) => formatLabels(spec?.selector),
  },
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
};
