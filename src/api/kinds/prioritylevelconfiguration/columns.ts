import type { V1PriorityLevelConfiguration } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

type PriorityLevel = Resource<V1PriorityLevelConfiguration>;

const queuing = ({ spec }: PriorityLevel) => spec?.limited?.limitResponse?.queuing;

export const view: KindView<PriorityLevel> = {
  cells: {
    Type: ({ spec }) => spec?.type ?? '',
    NominalConcurrencyShares: ({ spec }) => (spec?.limited ? (spec.limited.nominalConcurrencyShares ?? 0) : NONE),
    Queues: (level) => queuing(level)?.queues ?? NONE,
    HandSize: (level) => queuing(level)?.handSize ?? NONE,
    QueueLengthLimit: (level) => queuing(level)?.queueLengthLimit ?? NONE,
  },
};
