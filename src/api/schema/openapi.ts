import { readJsonAsset } from '../../base/assets.ts';
import { sha256 } from '../../base/hash.ts';
import { type PathItem, ResourcePaths, resourcesPath } from './openapi-paths.ts';
import type { Registry, Resource } from './registry.ts';
import { type FieldInfo, type GoType, isStruct, structInfo, typeNameOf } from './types.ts';

/** An OpenAPI v3 schema, as far as Kubernetes uses them. */
export interface OpenApiSchema {
  [key: string]: unknown;
  type?: string;
  format?: string;
  description?: string;
  $ref?: string;
  allOf?: OpenApiSchema[];
  items?: OpenApiSchema;
  additionalProperties?: OpenApiSchema;
  properties?: Record<string, OpenApiSchema>;
  required?: string[];
  enum?: string[];
}

export interface OpenApiDocument {
  openapi: '3.0.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: { schemas: Record<string, OpenApiSchema>; securitySchemes: Record<string, object> };
}

type Descriptions = Record<string, Record<string, string>>;

const PACKAGES: Record<string, string> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  resource: 'io.k8s.apimachinery.pkg.api.resource',
  intstr: 'io.k8s.apimachinery.pkg.util.intstr',
  runtime: 'io.k8s.apimachinery.pkg.runtime',
};

const SCALARS: Record<string, OpenApiSchema> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

const TIME: OpenApiSchema = { type: 'string', format: 'date-time' };
const EITHER = (...types: string[]): OpenApiSchema => ({ oneOf: types.map((type) => ({ type })) });

/** Types with a JSON form of their own. */
const SPECIALS: Record<string, OpenApiSchema> = {
  'meta/v1.Time': TIME,
  'meta/v1.MicroTime': TIME,
  'meta/v1.Duration': { type: 'string' },
  'meta/v1.FieldsV1': { type: 'object' },
  'runtime.RawExtension': { type: 'object' },
  'resource.Quantity': EITHER('string', 'number'),
  'intstr.IntOrString': { ...EITHER('integer', 'string'), format: 'int-or-string' },
  'apiextensions/v1.JSON': {},
  'apiextensions/v1.JSONSchemaPropsOrArray': {},
  'apiextensions/v1.JSONSchemaPropsOrBool': {},
  'apiextensions/v1.JSONSchemaPropsOrStringArray': {},
};

/** `core/v1.Pod` → `io.k8s.api.core.v1.Pod` */
function schemaName(type: string): string {
  const [, group = '', version, name] = /^(\w+)(?:\/(\w+))?\.(\w+)$/.exec(type) ?? [];
  const folder = PACKAGES[group] ?? `io.k8s.api.${group}`;
  return [folder, version, name].filter(Boolean).join('.');
}

const refTo = (name: string): OpenApiSchema => ({ $ref: `#/components/schemas/${name}` });

const ZEROS: Record<string, unknown> = { string: '', bool: false, int32: 0, int64: 0, float64: 0 };

/** What a Go value is before anything is set, where the real one's generator tells that. */
function zeroOf(type: GoType): unknown {
  if (type.kind === 'struct') return {};
  return type.kind === 'scalar' ? ZEROS[type.scalar] : undefined;
}

/** A reference with nothing beside it needs no allOf around it. */
const bare = (schema: OpenApiSchema): OpenApiSchema =>
  schema.allOf && Object.keys(schema).length === 1 ? schema.allOf[0]! : schema;

/** Collects the schemas that a document's kinds reach. */
class SchemaCollector {
  readonly schemas: Record<string, OpenApiSchema> = {};
  private readonly texts = new Map<string, Descriptions>();
  private readonly enums = readJsonAsset<Record<string, Record<string, string>>>('fixtures/schema/enums.json');
  private readonly specials = readJsonAsset<Record<string, string>>('fixtures/schema/descriptions/special.json');

  /** The name of a struct's schema, which is made when first asked for. */
  struct(type: string): string {
    const name = schemaName(type);
    if (this.schemas[name]) return name;
    const { fields, atomic } = structInfo(type);
    const schema: OpenApiSchema = { type: 'object' };
    this.schemas[name] = schema;
    const [file = '', own = ''] = type.split('.');
    const texts = this.descriptionsOf(file)[own] ?? {};
    if (texts['']) schema.description = texts[''];
    const properties = fields.map((field) => [field.name, this.property(field, file, texts[field.name])] as const);
    if (properties.length > 0)
      schema.properties = Object.fromEntries([...properties].sort(([a], [b]) => (a < b ? -1 : 1)));
    const required = fields.filter((field) => field.required).map((field) => field.name);
    if (required.length > 0) schema.required = required;
    if (atomic) schema['x-kubernetes-map-type'] = 'atomic';
    return name;
  }

  private descriptionsOf(file: string): Descriptions {
    let texts = this.texts.get(file);
    if (!texts) {
      texts = readJsonAsset<Descriptions>(`fixtures/schema/descriptions/${file.replace('/', '.')}.json`);
      this.texts.set(file, texts);
    }
    return texts;
  }

  private property(field: FieldInfo, file: string, description?: string): OpenApiSchema {
    const schema: OpenApiSchema = { ...(description && { description }), ...this.value(field.type, file) };
    const implied = field.default ?? (field.always || field.type.kind === 'struct' ? zeroOf(field.type) : undefined);
    if (implied !== undefined) schema.default = implied;
    const values = this.enumOf(field.type, file);
    if (values) {
      schema.enum = Object.keys(values).sort();
      const notes = schema.enum.map(
        (value) => ` - \`${JSON.stringify(value)}\`${values[value] && ` ${values[value]}`}`,
      );
      schema.description = [description, `Possible enum values:\n${notes.join('\n')}`].filter(Boolean).join('\n\n');
    }
    const extensions = {
      'list-map-keys': field.listMapKeys,
      'list-type': field.listType,
      'map-type': field.mapType ?? field.structType,
      'patch-merge-key': field.patchMergeKey,
      'patch-strategy': field.patchStrategy,
    };
    for (const [name, value] of Object.entries(extensions)) if (value) schema[`x-kubernetes-${name}`] = value;
    return bare(schema);
  }

  private enumOf(type: GoType, file: string): Record<string, string> | undefined {
    if (type.kind === 'pointer') return this.enumOf(type.elem, file);
    if (type.kind !== 'scalar' || !type.go.includes('.')) return undefined;
    const own = `${file.split('/')[0]}/${type.go}`;
    const found = this.enums[own] ?? Object.entries(this.enums).find(([name]) => name.endsWith(`/${type.go}`))?.[1];
    return found && Object.keys(found).length > 0 ? found : undefined;
  }

  private value(type: GoType, file: string): OpenApiSchema {
    switch (type.kind) {
      case 'scalar':
        return SCALARS[type.scalar]!;
      case 'pointer':
        return this.value(type.elem, file);
      case 'slice':
        return { type: 'array', items: this.element(type.elem, file) };
      case 'map':
        return { type: 'object', additionalProperties: this.element(type.elem, file) };
      case 'struct':
        return { allOf: [refTo(this.struct(type.struct.name))] };
      case 'special':
        return { allOf: [refTo(this.special(type.go))] };
    }
  }

  /** An item of a list or a value of a map, with what it is when nothing is said. */
  private element(type: GoType, file: string): OpenApiSchema {
    const values = this.enumOf(type, file);
    const value = { ...this.value(type, file), ...(values && { enum: Object.keys(values).sort() }) };
    const zero = zeroOf(type);
    return zero === undefined ? bare(value) : { ...value, default: zero };
  }

  private special(go: string): string {
    const type = Object.keys(SPECIALS).find((each) => each === go || each.endsWith(`/${go}`))!;
    const name = schemaName(type);
    const description = this.specials[type];
    this.schemas[name] ??= { ...(description && { description }), ...SPECIALS[type] };
    return name;
  }

  /** Says of which kinds a schema is. */
  identify(name: string, kind: { group: string; kind: string; version: string }): void {
    this.schemas[name]!['x-kubernetes-group-version-kind'] = [kind];
  }

  /** The schema of a list of custom resources. */
  customList(resource: Resource): string {
    const { group, version, kind, custom } = resource;
    const item = this.custom(resource);
    const name = `${item}List`;
    const text = this.descriptionsOf('core/v1').PodList ?? {};
    this.schemas[name] = {
      description: `${kind}List is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { description: text.apiVersion ?? '', type: 'string' },
        items: { description: `List of ${resource.plural}.`, type: 'array', items: refTo(item) },
        kind: { description: text.kind ?? '', type: 'string' },
        metadata: { description: text.metadata ?? '', allOf: [refTo(this.struct('meta/v1.ListMeta'))] },
      },
    };
    this.identify(name, { group, kind: custom?.listKind ?? `${kind}List`, version });
    return name;
  }

  /** The schema of a custom resource: its definition's, with what every object has. */
  custom({ group, version, kind, custom }: Resource): string {
    const name = `${group.split('.').reverse().join('.')}.${version}.${kind}`;
    const own = (custom?.schema ?? {}) as OpenApiSchema;
    const meta = this.struct('meta/v1.ObjectMeta');
    const text = this.descriptionsOf('core/v1').Pod ?? {};
    this.schemas[name] = {
      ...own,
      type: 'object',
      properties: {
        ...own.properties,
        apiVersion: { description: text.apiVersion ?? '', type: 'string' },
        kind: { description: text.kind ?? '', type: 'string' },
        metadata: {
          description:
            "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
          allOf: [refTo(meta)],
        },
      },
    };
    this.identify(name, { group, kind, version });
    return name;
  }
}

const TOKEN = {
  BearerToken: { type: 'apiKey', in: 'header', name: 'authorization', description: 'Bearer Token authentication' },
};

/** The version that documents name: the server's, without its patch level (EmulationVersion). */
export const documentVersion = (server: string): string => /\d+\.\d+/.exec(server)![0];

/** The OpenAPI document of a group's version; undefined when there is none. `server`: what it says of itself, `v1.33.13`. */
export function openApiDocument(
  registry: Registry,
  group: string,
  version: string,
  server = 'v1.33',
): OpenApiDocument | undefined {
  const resources = registry.resources(group, version);
  if (!resources) return undefined;
  const collector = new SchemaCollector();
  const paths: OpenApiDocument['paths'] = {};
  const custom = new Map([...resources.values()].flatMap((one) => (one.custom ? [[one.kind, one] as const] : [])));
  const schemaOf = (g: string, v: string, kind: string): OpenApiSchema | undefined => {
    if (g === 'meta') return refTo(collector.struct(`meta/${v}.${kind}`));
    const list = kind.replace(/List$/, '');
    const own = g === group && v === version ? (custom.get(kind) ?? custom.get(list)) : undefined;
    if (own) return refTo(kind === own.kind ? collector.custom(own) : collector.customList(own));
    const type = typeNameOf(g, v, kind);
    if (!isStruct(type)) return undefined;
    const name = collector.struct(type);
    collector.identify(name, { group: g, kind, version: v });
    return refTo(name);
  };
  Object.assign(paths, resourcesPath(group, version, schemaOf('meta', 'v1', 'APIResourceList') ?? {}));
  for (const resource of resources.values()) Object.assign(paths, new ResourcePaths(resource, schemaOf).items);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: documentVersion(server) },
    paths: sortedByKey(paths),
    components: { schemas: sortedByKey(collector.schemas), securitySchemes: TOKEN },
  };
}

const sortedByKey = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What /openapi/v3 lists: a document for each group and version, and for the paths that belong to none. */
export function openApiIndex(registry: Registry): { paths: Record<string, { serverRelativeURL: string }> } {
  const builtIn = Object.keys(readJsonAsset<{ openapi: object }>('fixtures/schema/root.json').openapi);
  const served = registry.data.groups.flatMap(({ name, versions }) =>
    name === '' ? [] : [`apis/${name}`, ...versions.map((version) => `apis/${name}/${version}`)],
  );
  const entry = (path: string) =>
    [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(registry, path)}` }] as const;
  return { paths: Object.fromEntries([...new Set([...builtIn, ...served])].sort().map(entry)) };
}

/** Clients keep a document until its hash changes: with the resources that the path serves. */
function hashOf({ data }: Registry, path: string): string {
  const own = data.resources[path.replace(/^apis?\//, '')] ?? [];
  return sha256(JSON.stringify([path, own])).toUpperCase();
}
