import type { Deployment } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, templateCells } from '../shared/cells.ts';

export const view: KindView<Deployment> = {
  cells: {
    Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    'Up-to-date': ({ status }) => status?.updatedReplicas ?? 0,
    Available: ({ status }) => status?.availableReplicas ?? 0,
    ...templateCells,
    Selector: ({ spec }) => formatLabelSelector(spec?.selector).replace('<none>', ''),
  },
};
