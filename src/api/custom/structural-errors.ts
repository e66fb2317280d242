import { goRegExp, goRegExpError } from '../../base/go-regexp.ts';
import { type FieldError, forbidden, invalid, required } from '../machinery/field-errors.ts';
import { errorText } from '../machinery/invalid.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import {
  EMBEDDED,
  INT_OR_STRING,
  LIST_MAP_KEYS,
  LIST_TYPE,
  MAP_TYPE,
  PRESERVE,
  propertiesOf,
  schemaAt,
  schemasAt,
  VALIDATIONS,
} from './schema.ts';

// What k8s.io/apiextensions-apiserver/pkg/apiserver/schema/validation.go wants of a structural schema.

/** What no structural schema can hold at all; other checks tell of it. */
export function isConvertible(schema: JsonObject): boolean {
  if (UNSUPPORTED.some((key) => schema[key] !== undefined)) return false;
  if (Array.isArray(schema.items) || schema[PRESERVE] === false) return false;
  const inner = [
    ...propertiesOf(schema).map(([, property]) => property),
    ...['items', 'additionalProperties', 'not'].map((key) => schemaAt(schema, key)),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((key) => schemasAt(schema, key)),
  ];
  return inner.every((one) => !one || isConvertible(one));
}

const UNSUPPORTED = ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions'];

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING_ANY_OF = [{ type: 'integer' }, { type: 'string' }];
const NO_TYPE: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** What keeps a schema from being structural, in the order of the messages. */
export function structuralErrors(schema: JsonObject, path: string): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...completeness(schema, schema, path, path)];
  return errors.sort((a, b) => (errorText(a) < errorText(b) ? -1 : 1));
}

function invariants(schema: JsonObject, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  const items = schemaAt(schema, 'items');
  const embedded = schema[EMBEDDED] === true;
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'));
  if (items) errors.push(...invariants(items, 'item', `${path}.items`));
  for (const [name, property] of propertiesOf(schema))
    errors.push(...invariants(property, 'field', `${path}.properties[${name}]`));
  if (schema.additionalProperties !== undefined) {
    const at = `${path}.additionalProperties`;
    if (level === 'root') errors.push(forbidden(at, 'must not be used at the root'));
    if (isObject(schema.additionalProperties)) errors.push(...invariants(schema.additionalProperties, 'field', at));
    if (embedded) errors.push(forbidden(at, `must not be used if ${EMBEDDED} is set`));
  }
  if (schema[INT_OR_STRING] === true)
    for (const key of [PRESERVE, EMBEDDED])
      if (schema[key] === true)
        errors.push(invalid(`${path}.${key}`, true, `must be false if ${INT_OR_STRING} is true`));
  const [first] = schemasAt(schema, 'allOf');
  errors.push(
    ...valueErrors(schema, path, {
      skipAnyOf: equal(schema.anyOf, INT_OR_STRING_ANY_OF),
      skipFirstAllOf: equal(first?.anyOf, INT_OR_STRING_ANY_OF),
    }),
    ...typeErrors(schema, level, path),
    ...metadataErrors(schema, level, path),
  );
  if (embedded && schema[PRESERVE] !== true && propertiesOf(schema).length === 0)
    errors.push(required(`${path}.properties`, `must not be empty if ${EMBEDDED} is true without ${PRESERVE}`));
  return errors;
}

function typeErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  const at = `${path}.type`;
  if (schema[EMBEDDED] === true && type !== 'object') {
    const detail = `must be object if ${EMBEDDED} is true`;
    errors.push(type ? invalid(at, type, detail) : required(at, detail));
  } else if (!type && schema[INT_OR_STRING] !== true && schema[PRESERVE] !== true)
    errors.push(required(at, NO_TYPE[level]));
  if (level === 'root' && type && type !== 'object') errors.push(invalid(at, type, 'must be object at the root'));
  return errors;
}

/** What a schema may say of an object's own metadata. */
function metadataErrors(schema: JsonObject, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const checked = level === 'root' || schema[EMBEDDED] === true;
  const properties = schemaAt(schema, 'properties') ?? {};
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name];
    if (checked && isObject(property) && property.type !== 'string')
      errors.push(invalid(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const { metadata } = properties;
  if (!isObject(metadata)) return errors;
  const at = `${path}.properties[metadata]`;
  if (checked && metadata.type !== 'object') errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level !== 'root') return errors;
  const { type: _, default: __, properties: names, ...rest } = metadata;
  const others = Object.keys(isObject(names) ? names : {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (others.length > 0 || Object.keys(rest).length > 0)
    errors.push(
      forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'),
    );
  return errors;
}

interface Skipped {
  skipAnyOf?: boolean;
  skipFirstAllOf?: boolean;
}

/** The schemas that judge a value without describing it. */
function valueErrors(schema: JsonObject, path: string, { skipAnyOf, skipFirstAllOf }: Skipped = {}): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['anyOf', 'allOf', 'oneOf'] as const) {
    if (key === 'anyOf' && skipAnyOf) continue;
    for (const [index, inner] of schemasAt(schema, key).entries())
      errors.push(
        ...nestedErrors(inner, `${path}.${key}[${index}]`, {
          skipAnyOf: key === 'allOf' && skipFirstAllOf === true && index === 0,
        }),
      );
  }
  const not = schemaAt(schema, 'not');
  if (not) errors.push(...nestedErrors(not, `${path}.not`));
  const { pattern } = schema;
  if (typeof pattern === 'string' && pattern && !goRegExp(pattern))
    errors.push(
      invalid(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${goRegExpError(pattern)}`),
    );
  return errors;
}

/** What a judging schema must not say, and how. */
const FORBIDDEN_NESTED: [key: string, detail: 'empty' | 'undefined' | 'false'][] = [
  ['type', 'empty'],
  ['additionalProperties', 'undefined'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  [PRESERVE, 'false'],
  [EMBEDDED, 'false'],
  [INT_OR_STRING, 'false'],
  [LIST_MAP_KEYS, 'empty'],
  [LIST_TYPE, 'undefined'],
  [MAP_TYPE, 'undefined'],
  [VALIDATIONS, 'empty'],
];

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);

function nestedErrors(schema: JsonObject, path: string, skipped: Skipped = {}): FieldError[] {
  const errors = valueErrors(schema, path, skipped);
  const items = schemaAt(schema, 'items');
  if (items) errors.push(...nestedErrors(items, `${path}.items`));
  for (const [name, property] of propertiesOf(schema)) {
    errors.push(...nestedErrors(property, `${path}.properties[${name}]`));
    if (name === 'metadata')
      errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  for (const [key, detail] of FORBIDDEN_NESTED)
    if (isSet(schema[key])) errors.push(forbidden(`${path}.${key}`, `must be ${detail} to be structural`));
  return errors;
}

/** Whatever a judging schema names must be described by the structure. */
function completeness(values: JsonObject, schema: JsonObject, path: string, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const not = schemaAt(values, 'not');
  if (not) errors.push(...nestedCompleteness(not, schema, path, `${at}.not`));
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [index, inner] of schemasAt(values, key).entries())
      errors.push(...nestedCompleteness(inner, schema, path, `${at}.${key}[${index}]`));
  return errors;
}

function nestedCompleteness(
  values: JsonObject,
  schema: JsonObject | undefined,
  path: string,
  at: string,
): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${at}`)];
  const errors = completeness(values, schema, path, at);
  const items = schemaAt(values, 'items');
  if (items) errors.push(...nestedCompleteness(items, schemaAt(schema, 'items'), `${path}.items`, `${at}.items`));
  const known = schemaAt(schema, 'properties') ?? {};
  for (const [name, property] of propertiesOf(values)) {
    const below = `.properties[${name}]`;
    const described = known[name];
    errors.push(...nestedCompleteness(property, isObject(described) ? described : undefined, path + below, at + below));
  }
  return errors;
}
