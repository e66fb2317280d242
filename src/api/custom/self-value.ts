import { type CelTimes, fromJson } from '../cel/values.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { EMBEDDED, INT_OR_STRING, PRESERVE, propertiesOf, schemaAt, withObjectMeta } from './schema.ts';
import { escaped } from './self-type.ts';

/** A value as rules see it: typed by its schema, its properties under the names that expressions use. */
export function selfValue(value: unknown, given: JsonObject | undefined, root: boolean, times: CelTimes): unknown {
  if (!given || value === null || value === undefined) return fromJson(value ?? null);
  if (given[INT_OR_STRING] === true) return fromJson(value);
  const schema = root ? withObjectMeta(given) : given;
  const inner = (one: unknown, at: JsonObject | undefined) => selfValue(one, at, at?.[EMBEDDED] === true, times);
  if (Array.isArray(value)) {
    const items = schemaAt(schema, 'items');
    return value.map((one: unknown) => inner(one, items));
  }
  if (isObject(value)) {
    const additional = schema.additionalProperties;
    const properties = new Map(propertiesOf(schema));
    if (isObject(additional))
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one, additional)]));
    if (properties.size === 0 && schema[PRESERVE] === true) return fromJson(value);
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) => {
        const names = properties.has(key) ? escaped(key) : [];
        return names.map((name) => [name, inner(one, properties.get(key))]);
      }),
    );
  }
  if (typeof value === 'number') return schema.type === 'number' ? value : fromJson(value);
  if (typeof value !== 'string') return value;
  if (schema.format === 'byte') return new Uint8Array(Buffer.from(value, 'base64'));
  if (schema.format === 'date' || schema.format === 'date-time') return new Date(Date.parse(value));
  return schema.format === 'duration' ? times.duration(value) : value;
}
