/** A schema of an OpenAPI v3 document, as far as explain reads it. */
export interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  allOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  'x-kubernetes-group-version-kind'?: GroupVersionKind[];
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface Document {
  paths: Record<string, Record<string, { 'x-kubernetes-group-version-kind'?: GroupVersionKind }>>;
  components?: { schemas?: Record<string, Schema> };
}

/** What a `$ref` names; the schema itself when it is none. */
export const resolve = (document: Document, schema: Schema): Schema =>
  (schema.$ref && document.components?.schemas?.[schema.$ref.split('/').at(-1)!]) || schema;

/** The schema of a map's values. */
export const valuesOf = ({ additionalProperties }: Schema): Schema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined;

/** Properties in the order in which they are shown. */
export const propertiesOf = ({ properties = {} }: Schema): [string, Schema][] =>
  Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));

/** The kind that a resource's paths are about. */
export function kindOf(
  document: Document,
  group: string,
  version: string,
  resource: string,
): GroupVersionKind | undefined {
  const base = group ? `/apis/${group}/${version}` : `/api/${version}`;
  for (const scope of ['', '/namespaces/{namespace}']) {
    for (const object of ['', '/{name}']) {
      const methods = document.paths[`${base}${scope}/${resource}${object}`] ?? {};
      for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
        const kind = methods[method]?.['x-kubernetes-group-version-kind'];
        if (kind) return kind;
      }
    }
  }
  return undefined;
}

/** The schema of a kind. */
export const schemaOf = (document: Document, { group, version, kind }: GroupVersionKind): Schema | undefined =>
  Object.values(document.components?.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
