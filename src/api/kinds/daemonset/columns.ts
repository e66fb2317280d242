import type { DaemonSet } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, formatLabels, templateCells } from '../shared/cells.ts';

export const view: KindView<DaemonSet> = {
  fieldAnnotations: ['deprecated.daemonset.template.generation'],
  cells: {
    Desired: ({ status }) => status?.desiredNumberScheduled ?? 0,
    Current: ({ status }) => status?.currentNumberScheduled ?? 0,
    Ready: ({ status }) => status?.numberReady ?? 0,
    'Up-to-date': ({ status }) => status?.updatedNumberScheduled ?? 0,
    Available: ({ status }) => status?.numberAvailable ?? 0,
    'Node Selector': ({ spec }) => formatLabels(spec?.template.spec?.nodeSelector),
    ...templateCells,
    Selector: ({ spec }) => formatLabelSelector(spec?.selector),
  },
};
