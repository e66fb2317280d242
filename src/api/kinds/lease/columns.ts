import type { Lease } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<Lease> = { cells: { Holder: ({ spec }) => spec?.holderIdentity ?? '' } };
