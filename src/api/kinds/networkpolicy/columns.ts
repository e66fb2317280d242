import type { NetworkPolicy } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector } from '../shared/cells.ts';

export const view: KindView<NetworkPolicy> = {
  cells: { 'Pod-Selector': ({ spec }) => formatLabelSelector(spec?.podSelector) },
};
