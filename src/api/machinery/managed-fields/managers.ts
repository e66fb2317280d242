import type { ObjectMeta } from '../../../types/objects.ts';
import type { Fields } from './fields.ts';

/** An entry of metadata.managedFields. */
export interface Manager {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** '' where none is known. */
  time: string;
  fields: Fields;
  subresource?: string;
}

type Entry = NonNullable<ObjectMeta['managedFields']>[number];

/** Of two entries of one manager the later one counts. */
export function readManagers(entries: ObjectMeta['managedFields']): Manager[] {
  const managers = (entries ?? []).map(
    ({ manager, operation, apiVersion, time, fieldsV1, subresource }): Manager => ({
      manager: manager ?? '',
      operation: (operation ?? 'Update') as Manager['operation'],
      apiVersion: apiVersion ?? '',
      time: String(time ?? ''),
      fields: (fieldsV1 ?? {}) as Fields,
      ...(subresource && { subresource }),
    }),
  );
  return managers.filter((one, index) => !managers.some((other, later) => later > index && isSameManager(one, other)));
}

/** Appliers first, then by time and name; undefined when there are none. */
export function writeManagers(managers: Manager[]): ObjectMeta['managedFields'] {
  if (managers.length === 0) return undefined;
  const key = ({ operation, time, manager, apiVersion, subresource = '' }: Manager) => [
    operation,
    time,
    manager,
    apiVersion,
    subresource,
  ];
  const ordered = [...managers].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const at = x.findIndex((part, index) => part !== y[index]);
    return at < 0 ? 0 : x[at]! < y[at]! ? -1 : 1;
  });
  return ordered.map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
    manager,
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource && { subresource }),
  })) as unknown as Entry[];
}

/** Whether two entries are one manager's: appliers are the same in every version. */
export const isSameManager = (a: Manager, b: Manager): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  (a.subresource ?? '') === (b.subresource ?? '') &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);
