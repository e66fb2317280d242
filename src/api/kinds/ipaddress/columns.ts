import type { V1IPAddress } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

function parent({ spec }: Resource<V1IPAddress>): string {
  if (!spec?.parentRef) return NONE;
  const { group, resource, namespace, name } = spec.parentRef;
  const kind = group ? `${resource}.${group}` : (resource ?? '');
  return [kind.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/');
}

export const view: KindView<Resource<V1IPAddress>> = { cells: { ParentRef: parent } };
