import type { PodDisruptionBudget } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

const shown = (value: unknown) => (value === undefined ? 'N/A' : String(value));

export const view: KindView<PodDisruptionBudget> = {
  cells: {
    'Min Available': ({ spec }) => shown(spec?.minAvailable),
    'Max Unavailable': ({ spec }) => shown(spec?.maxUnavailable),
    'Allowed Disruptions': ({ status }) => status?.disruptionsAllowed ?? 0,
  },
};
