import type { RoleBinding } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { bindingCells } from '../shared/rbac-cells.ts';

export const view: KindView<RoleBinding> = { cells: bindingCells };
