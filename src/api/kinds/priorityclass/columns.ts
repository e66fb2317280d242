import type { PriorityClass } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<PriorityClass> = {
  cells: {
    Value: ({ value }) => value ?? 0,
    'Global-Default': ({ globalDefault }) => globalDefault ?? false,
    PreemptionPolicy: ({ preemptionPolicy }) => preemptionPolicy ?? '',
  },
};
