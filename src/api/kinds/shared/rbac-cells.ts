import type { RoleBinding } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

type Binding = Pick<RoleBinding, 'roleRef' | 'subjects'>;
type Subject = NonNullable<RoleBinding['subjects']>[number];

const names = ({ subjects }: Binding, kind: string, show = ({ name }: Subject) => name): string =>
  (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(show)
    .join(', ');

/** Cells of role bindings and cluster role bindings. */
export const bindingCells = {
  Role: ({ roleRef }: Binding) => `${roleRef.kind}/${roleRef.name}`,
  Users: (binding: Binding) => names(binding, 'User'),
  Groups: (binding: Binding) => names(binding, 'Group'),
  ServiceAccounts: (binding: Binding) =>
    names(binding, 'ServiceAccount', ({ namespace, name }) => (namespace ? `${namespace}/${name}` : `/${name}`)),
} satisfies KindView<RoleBinding>['cells'];
