import type { ClusterRoleBinding } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { bindingCells } from '../shared/rbac-cells.ts';

export const view: KindView<ClusterRoleBinding> = { cells: bindingCells };
