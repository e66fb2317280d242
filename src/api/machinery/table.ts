import type { KubeObject } from '../../types/objects.ts';
import type { TableView } from '../kinds/index.ts';
import { ApiError } from '../request.ts';
import type { ObjectList } from './list.ts';
import type { Form, IncludeObject } from './negotiate.ts';
import { normalize } from './normalize.ts';

/** Only the metadata of an object, as the garbage collector and `kubectl delete` ask for it. */
const partialMetadata = ({ metadata }: KubeObject, { fieldAnnotations }: TableView, metaVersion: string) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: metaVersion,
  metadata: inGoOrder(fieldAnnotations ? withoutAnnotations(metadata, fieldAnnotations) : metadata),
});

function withoutAnnotations(metadata: KubeObject['metadata'], hidden: readonly string[]): KubeObject['metadata'] {
  const { annotations, ...rest } = metadata;
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !hidden.includes(name));
  return kept.length === 0 ? rest : { ...metadata, annotations: Object.fromEntries(kept) };
}

/** Metadata of custom objects is stored with sorted keys. */
const inGoOrder = (metadata: KubeObject['metadata']): KubeObject['metadata'] =>
  Object.keys(metadata)[0] === 'name' ? metadata : normalize('meta/v1.ObjectMeta', metadata);

export const isList = (object: unknown): object is ObjectList =>
  typeof object === 'object' &&
  object !== null &&
  Array.isArray((object as ObjectList).items) &&
  (object as ObjectList).kind?.endsWith('List');

/** The Go type of an object, as a complaint about its form tells it. */
const goTypeOf = ({ apiVersion, kind }: KubeObject | ObjectList): string =>
  `*${apiVersion.includes('/') ? apiVersion.split('/')[0]!.split('.')[0] : 'core'}.${kind}`;

const notAcceptableForm = (wanted: string, object: KubeObject | ObjectList, is: string): ApiError =>
  new ApiError(
    406,
    'NotAcceptable',
    `you requested ${wanted}, but the requested object is ${is} list (${goTypeOf(object)})`,
  );

/** The metadata of a list as Go's struct has it: lists of custom objects say more, and otherwise. */
function typedMeta({ metadata }: ObjectList): ObjectList['metadata'] {
  const { resourceVersion, continue: next, remainingItemCount } = metadata;
  return {
    resourceVersion,
    ...(next && { continue: next }),
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
}

/** An object or a list as only metadata; throws a 406 when it is the other one. */
export function asMetadata(object: KubeObject | ObjectList, view: TableView, form: Form, metaVersion: string): unknown {
  if (form === 'metadata') {
    if (isList(object)) throw notAcceptableForm('PartialObjectMetadata', object, 'a');
    return partialMetadata(object, view, metaVersion);
  }
  if (!isList(object)) throw notAcceptableForm('PartialObjectMetadataList', object, 'not a');
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: metaVersion,
    metadata: typedMeta(object),
    items: object.items.map((item) => partialMetadata(item, view, metaVersion)),
  };
}

/** Items of a list do not say their kind, but objects in a table do. */
function withKind<T extends { object: unknown }>(row: T, { apiVersion, kind }: KubeObject | ObjectList): T {
  const item = row.object as Partial<KubeObject> | null;
  if (!item || item.kind) return row;
  // Go writes the kind first.
  return { ...row, object: { kind: kind.replace(/List$/, ''), apiVersion, ...item } };
}

interface RowOptions {
  include: IncludeObject;
  metaVersion: string;
  /** Cluster time, ms. */
  now: number;
}

/** An object or a list as a Table of the kind's columns. Without `columns` it does not say what they are. */
export function asTable(
  object: KubeObject | ObjectList,
  view: TableView,
  options: RowOptions & { columns?: boolean },
): unknown {
  const { metaVersion, columns = true } = options;
  const items = isList(object) ? object.items : [object];
  const metadata = isList(object) ? typedMeta(object) : { resourceVersion: object.metadata.resourceVersion };
  return {
    kind: 'Table',
    apiVersion: metaVersion,
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
    rows: items.map((item) => row(item, view, options)).map((each) => withKind(each, object)),
  };
}

function row(item: KubeObject, view: TableView, { include, metaVersion, now }: RowOptions) {
  const conditions = view.rowConditions(item);
  return {
    cells: view.columns.map((column) => column.cell(item, now)),
    ...(conditions && { conditions }),
    object: include === 'None' ? null : include === 'Object' ? item : partialMetadata(item, view, metaVersion),
  };
}
