import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';

/** One rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
  reason?: string;
  fieldPath?: string;
  optionalOldSelf?: boolean;
}

/** A JSON schema of a definition, as far as code asks for its parts. */
export const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
export const EMBEDDED = 'x-kubernetes-embedded-resource';
export const INT_OR_STRING = 'x-kubernetes-int-or-string';
export const LIST_TYPE = 'x-kubernetes-list-type';
export const LIST_MAP_KEYS = 'x-kubernetes-list-map-keys';
export const MAP_TYPE = 'x-kubernetes-map-type';
export const VALIDATIONS = 'x-kubernetes-validations';

/** The schema under a key: `items`, `not`. */
export const schemaAt = (schema: JsonObject, key: string): JsonObject | undefined =>
  isObject(schema[key]) ? schema[key] : undefined;

/** The schemas of a list: `allOf`. */
export const schemasAt = (schema: JsonObject, key: string): JsonObject[] =>
  Array.isArray(schema[key]) ? schema[key].filter(isObject) : [];

/** Name and schema of each property, by name. */
export const propertiesOf = (schema: JsonObject): [string, JsonObject][] =>
  Object.entries(schemaAt(schema, 'properties') ?? {})
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .sort(([a], [b]) => (a < b ? -1 : 1));

export const rulesOf = (schema: JsonObject): ValidationRule[] =>
  Array.isArray(schema[VALIDATIONS]) ? (schema[VALIDATIONS] as ValidationRule[]) : [];

/** A schema whose objects have a type and metadata even if it does not say so. */
export function withObjectMeta(schema: JsonObject): JsonObject {
  const text = { type: 'string' };
  const metadata = { type: 'object', properties: { name: text, generateName: text } };
  return { ...schema, properties: { ...schemaAt(schema, 'properties'), kind: text, apiVersion: text, metadata } };
}

/** The item of an old list that is the same one by the list's keys; undefined where that cannot be told. */
export function counterpart(schema: JsonObject, item: unknown, old: unknown): unknown {
  const keys = schema[LIST_MAP_KEYS];
  if (schema[LIST_TYPE] !== 'map' || !Array.isArray(keys) || !isObject(item) || !Array.isArray(old)) return undefined;
  return old.find((one) => isObject(one) && keys.every((key: string) => equal(one[key], item[key])));
}
