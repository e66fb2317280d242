import type { KubeObject } from '../../types/objects.ts';
import type { TableView } from '../kinds/index.ts';
import { normalize } from './decode.ts';
import type { ObjectList } from './list.ts';

/** The form of objects that a client asks for in its Accept header. */
export type Form = 'object' | 'table' | 'metadata';

export interface Representation {
  form: Form;
  /** `application/yaml`, `application/json` */
  mediaType: string;
}

const AS: Record<string, Form> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};
const KNOWN = new Set([
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  '*/*',
  'application/*',
]);

/** The first of the accepted media types that the server has; undefined when it has none of them. */
export function negotiate(accept = ''): Representation | undefined {
  if (accept.trim() === '') return { form: 'object', mediaType: 'application/json' };
  for (const clause of accept.split(',')) {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim());
    if (!KNOWN.has(type)) continue;
    const options = Object.fromEntries(parameters.map((parameter) => parameter.split('=') as [string, string]));
    const form = options.as === undefined ? 'object' : AS[options.as];
    if (!form) continue;
    return { form, mediaType: type.includes('*') ? 'application/json' : type };
  }
  return undefined;
}

type IncludeObject = 'None' | 'Metadata' | 'Object';

const META = 'meta.k8s.io/v1';

/** Only the metadata of an object, as the garbage collector and `kubectl delete` ask for it. */
export const partialMetadata = ({ metadata }: KubeObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: META,
  metadata: inGoOrder(metadata),
});

/** Metadata of custom objects is stored with sorted keys. */
const inGoOrder = (metadata: KubeObject['metadata']): KubeObject['metadata'] =>
  Object.keys(metadata)[0] === 'name' ? metadata : normalize('meta/v1.ObjectMeta', metadata);

export const isList = (object: unknown): object is ObjectList =>
  typeof object === 'object' &&
  object !== null &&
  Array.isArray((object as ObjectList).items) &&
  (object as ObjectList).kind?.endsWith('List');

/** An object or a list as only metadata. */
export function asMetadata(object: KubeObject | ObjectList): unknown {
  if (!isList(object)) return partialMetadata(object);
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: META,
    metadata: object.metadata,
    items: object.items.map(partialMetadata),
  };
}

/** Items of a list do not say their kind, but objects in a table do. */
function withKind<T extends { object: unknown }>(row: T, { apiVersion, kind }: KubeObject | ObjectList): T {
  const item = row.object as Partial<KubeObject> | null;
  if (!item || item.kind) return row;
  // Go writes the kind first.
  return { ...row, object: { kind: kind.replace(/List$/, ''), apiVersion, ...item } };
}

/** An object or a list as a Table of the kind's columns. `now` is cluster time, ms. */
export function asTable(
  object: KubeObject | ObjectList,
  view: TableView,
  include: IncludeObject,
  now: number,
  columns = true,
): unknown {
  const items = isList(object) ? object.items : [object];
  const metadata = isList(object) ? object.metadata : { resourceVersion: object.metadata.resourceVersion };
  return {
    kind: 'Table',
    apiVersion: META,
    metadata,
    columnDefinitions: columns
      ? view.columns.map(({ name, type, format = '', description, priority }) => ({
          name,
          type,
          format,
          description,
          priority,
        }))
      : null,
    rows: items.map((item) => row(item, view, include, now)).map((each) => withKind(each, object)),
  };
}

function row(item: KubeObject, view: TableView, include: IncludeObject, now: number) {
  const conditions = view.rowConditions(item);
  return {
    cells: view.columns.map((column) => column.cell(item, now)),
    ...(conditions && { conditions }),
    object: include === 'None' ? null : include === 'Object' ? item : partialMetadata(item),
  };
}
