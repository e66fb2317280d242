import type { ObjectMeta } from '../../../types/objects.ts';
import { isJson, isObject } from '../patch/json-value.ts';
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
  /** The entry that it was read from. */
  written?: Entry;
}

type Entry = NonNullable<ObjectMeta['managedFields']>[number];

/** Of two entries of one manager the later one counts. */
export function readManagers(entries: ObjectMeta['managedFields']): Manager[] {
  const managers = (entries ?? []).map((written): Manager => {
    const { manager = '', operation, apiVersion = '', time, fieldsV1, subresource } = written;
    return {
      manager,
      operation: (operation ?? 'Update') as Manager['operation'],
      apiVersion,
      time: String(time ?? ''),
      fields: (fieldsV1 ?? {}) as Fields,
      ...(subresource && { subresource }),
      written,
    };
  });
  return managers.filter((one, index) => !managers.some((other, later) => later > index && isSameManager(one, other)));
}

/** The managers that a client gives; undefined when it makes no sense of them (DecodeManagedFields). */
export function givenManagers(entries: NonNullable<ObjectMeta['managedFields']>): Manager[] | undefined {
  if (!entries.every(isReadable)) return undefined;
  const read = readManagers(entries).map((one) => ({ ...one, fields: knownFields(one.fields) }));
  return read.every(({ fields }) => fields) ? (read as Manager[]) : undefined;
}

const isReadable = (entry: Entry): boolean =>
  ['Apply', 'Update'].includes(entry.operation ?? '') && Boolean(entry.apiVersion) && entry.fieldsType === 'FieldsV1';

/** What an element of a path must be behind its letter. */
const ELEMENTS: Record<string, (text: string) => boolean> = {
  f: () => true,
  v: isJson,
  k: (text) => isJson(text) && text.startsWith('{'),
  i: (text) => /^-?[0-9]+$/.test(text),
};

/** A set without elements of kinds that nobody knows yet; undefined when it is none. */
function knownFields(value: unknown): Fields | undefined {
  if (!isObject(value)) return undefined;
  const known: Fields = {};
  for (const [element, inner] of Object.entries(value)) {
    if (element !== '.' && element[1] !== ':') return undefined;
    const rule = element === '.' ? () => true : ELEMENTS[element[0]!];
    if (!rule) continue;
    const fields = rule(element.slice(2)) ? knownFields(inner) : undefined;
    if (!fields) return undefined;
    known[element] = fields;
  }
  return known;
}

/** Appliers first, then by time and name; undefined when there are none. */
export function writeManagers(managers: Manager[]): ObjectMeta['managedFields'] {
  if (managers.length === 0) return undefined;
  return [...managers].sort(compareManagers).map(entryOf);
}

function entryOf(owner: Manager): Entry {
  const { written, manager, operation, apiVersion, time, fields, subresource } = owner;
  if (written && tells(written, owner)) return written;
  return {
    manager,
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource && { subresource }),
  } as unknown as Entry;
}

const ORDER = ['operation', 'time', 'manager', 'apiVersion', 'subresource'] as const;

function compareManagers(a: Manager, b: Manager): number {
  for (const field of ORDER) {
    const [x = '', y = ''] = [a[field], b[field]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Whether an entry says all that there is to say of a manager. */
const tells = (entry: Entry, { manager, operation, apiVersion, time, fields, subresource }: Manager): boolean =>
  entry.fieldsV1 === fields &&
  entry.manager === manager &&
  entry.operation === operation &&
  entry.apiVersion === apiVersion &&
  (entry.time ?? '') === time &&
  entry.subresource === subresource &&
  entry.fieldsType === 'FieldsV1';

/** Whether two entries are one manager's: appliers are the same in every version. */
export const isSameManager = (a: Manager, b: Manager): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  (a.subresource ?? '') === (b.subresource ?? '') &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);
