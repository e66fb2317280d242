import type { ServiceAccount } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

export const view: KindView<ServiceAccount> = { cells: { Secrets: ({ secrets }) => secrets?.length ?? 0 } };
