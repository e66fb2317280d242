import { RESERVED } from '../cel/reserved.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  STRING,
  struct,
  TIMESTAMP,
} from '../cel/types.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { EMBEDDED, INT_OR_STRING, propertiesOf, schemaAt, withObjectMeta } from './schema.ts';

const ESCAPES: Record<string, string> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** The names of a property in an expression: none for what cannot be written, two for reserved words. */
export function escaped(name: string): string[] {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return [];
  if (RESERVED.has(name)) return [`__${name}__`, name];
  const text = name.replaceAll(/__|[-./]/g, (part) => ESCAPES[part]!);
  return [text];
}

const STRING_FORMATS: Record<string, CelType> = {
  byte: BYTES,
  duration: DURATION,
  date: TIMESTAMP,
  'date-time': TIMESTAMP,
};
const SCALARS: Record<string, CelType> = { boolean: BOOL, number: DOUBLE, integer: INT };

/** The type of what a schema describes, as rules see it (SchemaDeclType); undefined for what they cannot. */
export function selfType(given: JsonObject, root: boolean, name = 'selfType'): CelType | undefined {
  if (given[INT_OR_STRING] === true) return DYN;
  const schema = root ? withObjectMeta(given) : given;
  const inner = (one: JsonObject, at: string) => selfType(one, one[EMBEDDED] === true, at);
  if (schema.type === 'array') {
    const items = schemaAt(schema, 'items');
    const type = items && inner(items, `${name}.@idx`);
    return type && listOf(type);
  }
  if (schema.type === 'object') {
    if (isObject(schema.additionalProperties)) {
      const type = inner(schema.additionalProperties, `${name}.@elem`);
      return type && mapOf(STRING, type);
    }
    const fields: Record<string, CelType> = {};
    for (const [property, one] of propertiesOf(schema)) {
      const keys = escaped(property);
      const type = keys[0] && inner(one, `${name}.${keys[0]}`);
      if (type) for (const key of keys) fields[key] = type;
    }
    return struct(name, fields);
  }
  if (schema.type === 'string') return STRING_FORMATS[String(schema.format)] ?? STRING;
  return SCALARS[String(schema.type)];
}
