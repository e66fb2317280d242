import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';

const preserves = (schema: JsonObject | undefined): boolean =>
  schema?.['x-kubernetes-preserve-unknown-fields'] === true;
const propertiesOf = (schema: JsonObject): Record<string, JsonObject> =>
  (schema.properties ?? {}) as Record<string, JsonObject>;

/** What every object has, whatever its schema says. */
const TOP = new Set(['apiVersion', 'kind', 'metadata']);

/** The value without the fields that its structural schema does not know; their paths go into `unknown`. */
export function prune(schema: JsonObject | undefined, value: unknown, unknown: string[], path = ''): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) {
    const items = isObject(schema.items) ? schema.items : undefined;
    return value.map((item: unknown, index) =>
      prune(items ?? (preserves(schema) ? undefined : {}), item, unknown, `${path}[${index}]`),
    );
  }
  if (!isObject(value)) return value;
  const properties = propertiesOf(schema);
  const additional = schema.additionalProperties;
  const embedded = path === '' || schema['x-kubernetes-embedded-resource'] === true;
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const where = path === '' ? key : `${path}.${key}`;
    if (embedded && TOP.has(key)) result[key] = inner;
    else if (Object.hasOwn(properties, key)) result[key] = prune(properties[key], inner, unknown, where);
    else if (isObject(additional)) result[key] = prune(additional, inner, unknown, where);
    else if (additional === true || preserves(schema)) result[key] = inner;
    else unknown.push(`unknown field ${JSON.stringify(where)}`);
  }
  return result;
}

/** The value with the schema's defaults where nothing was said; a null where none is allowed counts as nothing. */
export function withDefaults(schema: JsonObject | undefined, value: unknown): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) {
    const items = isObject(schema.items) ? schema.items : undefined;
    return items ? value.map((item: unknown) => withDefaults(items, item)) : value;
  }
  if (!isObject(value)) return value;
  const result: JsonObject = { ...value };
  for (const [key, property] of Object.entries(propertiesOf(schema))) {
    const given = result[key];
    const missing = given === undefined || (given === null && property.nullable !== true);
    if (missing && property.default !== undefined) result[key] = structuredClone(property.default);
    if (result[key] !== undefined) result[key] = withDefaults(property, result[key]);
  }
  const additional = schema.additionalProperties;
  if (isObject(additional)) {
    for (const key of Object.keys(result))
      if (!propertiesOf(schema)[key]) result[key] = withDefaults(additional, result[key]);
  }
  return result;
}

/** The value without nulls that its schema does not allow: they count as nothing said. */
export function withoutNulls(schema: JsonObject | undefined, value: unknown): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) {
    const items = isObject(schema.items) ? schema.items : undefined;
    return items ? value.map((item: unknown) => withoutNulls(items, item)) : value;
  }
  if (!isObject(value)) return value;
  const properties = propertiesOf(schema);
  const additional = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    const own = Object.hasOwn(properties, key) ? properties[key] : additional;
    if (inner === null && own && own.nullable !== true && own.default === undefined && Object.hasOwn(properties, key))
      continue;
    result[key] = withoutNulls(own, inner);
  }
  return result;
}
