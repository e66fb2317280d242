import type { Resource } from '../../schema/registry.ts';
import { type FieldInfo, type GoType, goType } from '../../schema/types.ts';
import { typeOf } from '../body.ts';
import { isObject, type JsonObject } from '../patch/json-value.ts';

/** How a value's parts are owned: as one (`scalar`), by key (`map`), by item (`list`), or as its value happens to be (`deduced`). */
export type Shape = ScalarShape | DeducedShape | MapShape | ListShape;

export interface ScalarShape {
  kind: 'scalar';
}

export interface DeducedShape {
  kind: 'deduced';
}

export interface MapShape {
  kind: 'map';
  field(name: string): Shape;
  /** Its keys are no fields of a struct. */
  keyed?: boolean;
}

export interface ListShape {
  kind: 'list';
  keys: string[];
  keyDefault(key: string): unknown;
  item: Shape;
}

const SCALAR: ScalarShape = { kind: 'scalar' };
const DEDUCED: DeducedShape = { kind: 'deduced' };
const ANY_MAP: MapShape = { kind: 'map', field: () => DEDUCED, keyed: true };

const ofFields = new WeakMap<FieldInfo, Shape>();
const ofTypes = new Map<GoType, Shape>();

function fieldShape(field: FieldInfo): Shape {
  let shape = ofFields.get(field);
  if (!shape) {
    shape = makeShape(field.type, field);
    ofFields.set(field, shape);
  }
  return shape;
}

function typeShape(type: GoType): Shape {
  let shape = ofTypes.get(type);
  if (!shape) {
    shape = makeShape(type);
    ofTypes.set(type, shape);
  }
  return shape;
}

function makeShape(type: GoType, field?: FieldInfo): Shape {
  switch (type.kind) {
    case 'pointer':
      return makeShape(type.elem, field);
    case 'scalar':
      return SCALAR;
    case 'special':
      return type.special === 'Raw' || type.special === 'SchemaOrRaw' ? DEDUCED : SCALAR;
    case 'map':
      return field?.mapType === 'atomic' ? SCALAR : { kind: 'map', field: () => typeShape(type.elem), keyed: true };
    case 'slice': {
      if (field?.listType === 'set') return { kind: 'list', keys: [], keyDefault: () => undefined, item: SCALAR };
      if (field?.listType !== 'map') return SCALAR;
      const item = type.elem.kind === 'struct' ? type.elem.struct : undefined;
      return {
        kind: 'list',
        keys: [...(field.listMapKeys ?? [])].sort(),
        keyDefault: (key) => item?.byName.get(key)?.default,
        item: typeShape(type.elem),
      };
    }
    case 'struct': {
      const { struct } = type;
      if (struct.atomic || field?.structType === 'atomic') return SCALAR;
      return {
        kind: 'map',
        field: (name) => {
          const inner = struct.byName.get(name);
          return inner ? fieldShape(inner) : DEDUCED;
        },
      };
    }
  }
}

/** The shape of what a structural schema describes. */
function schemaShape(schema: JsonObject | undefined): Shape {
  if (!schema) return DEDUCED;
  const extension = (name: string) => schema[`x-kubernetes-${name}`];
  switch (schema.type) {
    case 'object': {
      if (extension('map-type') === 'atomic') return SCALAR;
      const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
      const additional = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
      return { kind: 'map', field: (name) => schemaShape(properties[name] ?? additional) };
    }
    case 'array': {
      const items = schema.items as JsonObject | undefined;
      if (extension('list-type') === 'set')
        return { kind: 'list', keys: [], keyDefault: () => undefined, item: SCALAR };
      if (extension('list-type') !== 'map') return SCALAR;
      const properties = (items?.properties ?? {}) as Record<string, JsonObject>;
      return {
        kind: 'list',
        keys: [...((extension('list-map-keys') as string[] | undefined) ?? [])].sort(),
        keyDefault: (key) => properties[key]?.default,
        item: schemaShape(items),
      };
    }
    case undefined:
      return DEDUCED;
    default:
      return SCALAR;
  }
}

/** The shape of a resource's objects. */
export function shapeOf(resource: Resource): Shape {
  if (!resource.custom) return typeShape(goType(typeOf(resource)));
  const schema = resource.custom.schema as JsonObject | undefined;
  const own = schema ? schemaShape({ ...schema, type: 'object' }) : ANY_MAP;
  const metadata = typeShape(goType('meta/v1.ObjectMeta'));
  return {
    kind: 'map',
    field: (name) => {
      if (name === 'metadata') return metadata;
      if (name === 'kind' || name === 'apiVersion') return SCALAR;
      return own.kind === 'map' ? own.field(name) : DEDUCED;
    },
  };
}

/** What a deduced shape is for a value. */
export function resolve(shape: Shape, value: unknown): ScalarShape | MapShape | ListShape {
  if (shape.kind !== 'deduced') return shape;
  return isObject(value) ? ANY_MAP : SCALAR;
}

/** How an item of a list is called in a path. */
export function itemElement(shape: ListShape, item: unknown): string {
  if (shape.keys.length === 0) return `v:${JSON.stringify(item)}`;
  const key: JsonObject = {};
  for (const name of shape.keys) {
    const value = isObject(item) ? (item[name] ?? shape.keyDefault(name)) : undefined;
    if (value !== undefined) key[name] = value;
  }
  return `k:${JSON.stringify(key)}`;
}
