import type { Resource } from '../../schema/registry.ts';
import { type FieldInfo, type GoType, goType, type ScalarName, type SpecialName } from '../../schema/types.ts';
import { typeOf } from '../body.ts';
import { isObject, type JsonObject } from '../patch/json-value.ts';

/** How a value's parts are owned: as one (`scalar`), by key (`map`), by item (`list`), or as its value happens to be (`deduced`). */
export type Shape = ScalarShape | DeducedShape | MapShape | ListShape;

export interface ScalarShape {
  kind: 'scalar';
  /** What a plain value must be; `any` is one of these. */
  type?: 'string' | 'number' | 'boolean' | 'any';
  /** What a list or map that is owned as one holds. */
  whole?: MapShape | ListShape;
}

export interface DeducedShape {
  kind: 'deduced';
}

export interface MapShape {
  kind: 'map';
  field(name: string): Shape;
  /** Whether that is a field of a struct, and no key of a map. */
  has(name: string): boolean;
  /** There are no other names than those of fields. */
  closed?: boolean;
}

export interface ListShape {
  kind: 'list';
  keys: string[];
  keyDefault(key: string): unknown;
  item: Shape;
}

const SCALAR: ScalarShape = { kind: 'scalar' };
const DEDUCED: DeducedShape = { kind: 'deduced' };
const never = () => false;
const ANY_MAP: MapShape = { kind: 'map', field: () => DEDUCED, has: never };

const mapOf = (element: Shape): MapShape => ({ kind: 'map', field: () => element, has: never });
const atomic = (whole: MapShape | ListShape): ScalarShape => ({ kind: 'scalar', whole });
const plainList = (item: Shape): ListShape => ({ kind: 'list', keys: [], keyDefault: () => undefined, item });

/** Scalars of Go, by what JSON has them as. */
const SCALAR_TYPES: Record<ScalarName, ScalarShape> = {
  string: { kind: 'scalar', type: 'string' },
  bytes: { kind: 'scalar', type: 'string' },
  bool: { kind: 'scalar', type: 'boolean' },
  int32: { kind: 'scalar', type: 'number' },
  int64: { kind: 'scalar', type: 'number' },
  float64: { kind: 'scalar', type: 'number' },
};
const ANY_SCALAR: ScalarShape = { kind: 'scalar', type: 'any' };
/** Types with a JSON form of their own. */
const SPECIAL_TYPES: Record<SpecialName, Shape> = {
  Time: SCALAR_TYPES.string,
  MicroTime: SCALAR_TYPES.string,
  Duration: SCALAR_TYPES.string,
  Quantity: ANY_SCALAR,
  IntOrString: ANY_SCALAR,
  Raw: DEDUCED,
  SchemaOrRaw: DEDUCED,
};

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
      return SCALAR_TYPES[type.scalar];
    case 'special':
      return SPECIAL_TYPES[type.special];
    case 'map': {
      const map = mapOf(typeShape(type.elem));
      return field?.mapType === 'atomic' ? atomic(map) : map;
    }
    case 'slice': {
      const list = plainList(typeShape(type.elem));
      if (field?.listType === 'set') return list;
      if (field?.listType !== 'map') return atomic(list);
      const item = type.elem.kind === 'struct' ? type.elem.struct : undefined;
      return {
        ...list,
        keys: [...(field.listMapKeys ?? [])].sort(),
        keyDefault: (key) => keyDefaultOf(item?.byName.get(key)),
      };
    }
    case 'struct': {
      const { struct } = type;
      const map: MapShape = {
        kind: 'map',
        field: (name) => {
          const inner = struct.byName.get(name);
          return inner ? fieldShape(inner) : DEDUCED;
        },
        has: (name) => struct.byName.has(name),
        closed: true,
      };
      const isAtomic = field?.structType ? field.structType === 'atomic' : struct.atomic;
      return isAtomic ? atomic(map) : map;
    }
  }
}

/** The OpenAPI of built-in kinds has a default for what Go always writes: the zero value. */
function keyDefaultOf(key: FieldInfo | undefined): unknown {
  if (!key || key.default !== undefined) return key?.default;
  if (key.type.kind !== 'scalar') return undefined;
  return key.type.scalar === 'string' ? '' : key.type.scalar.startsWith('int') ? 0 : undefined;
}

/** The shape of what a structural schema describes. */
function schemaShape(schema: JsonObject | undefined): Shape {
  if (!schema) return DEDUCED;
  const extension = (name: string) => schema[`x-kubernetes-${name}`];
  if (extension('int-or-string') === true) return ANY_SCALAR;
  switch (schema.type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
      const additional = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
      const isOpen =
        schema.additionalProperties !== undefined ||
        extension('preserve-unknown-fields') === true ||
        Object.keys(properties).length === 0;
      const map: MapShape = {
        kind: 'map',
        field: (name) => schemaShape(Object.hasOwn(properties, name) ? properties[name] : additional),
        has: (name) => Object.hasOwn(properties, name),
        closed: !isOpen,
      };
      return extension('map-type') === 'atomic' ? atomic(map) : map;
    }
    case 'array': {
      const items = schema.items as JsonObject | undefined;
      const list = plainList(schemaShape(items));
      if (extension('list-type') === 'set') return list;
      if (extension('list-type') !== 'map') return atomic(list);
      const properties = (items?.properties ?? {}) as Record<string, JsonObject>;
      return {
        ...list,
        keys: [...((extension('list-map-keys') as string[] | undefined) ?? [])].sort(),
        keyDefault: (key) => properties[key]?.default,
      };
    }
    case 'integer':
      return SCALAR_TYPES.int64;
    case 'number':
    case 'string':
    case 'boolean':
      return { kind: 'scalar', type: schema.type };
    default:
      return DEDUCED;
  }
}

/** What every object has, whatever its schema says. */
const TOP = new Set(['apiVersion', 'kind', 'metadata']);

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
      if (name === 'kind' || name === 'apiVersion') return SCALAR_TYPES.string;
      return own.kind === 'map' ? own.field(name) : DEDUCED;
    },
    has: (name) => TOP.has(name) || (own.kind === 'map' && own.has(name)),
    closed: own.kind === 'map' && own.closed === true,
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
