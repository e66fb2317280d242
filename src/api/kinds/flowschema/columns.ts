import type { V1FlowSchema } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

export const view: KindView<Resource<V1FlowSchema>> = {
  cells: {
    PriorityLevel: ({ spec }) => spec?.priorityLevelConfiguration.name ?? '',
    MatchingPrecedence: ({ spec }) => spec?.matchingPrecedence ?? 0,
    DistinguisherMethod: ({ spec }) => spec?.distinguisherMethod?.type ?? NONE,
    MissingPL: ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  },
};
