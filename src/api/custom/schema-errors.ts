import { type FieldError, forbidden, invalid, notSupported, required } from '../machinery/field-errors.ts';
import { goStrings } from '../machinery/invalid.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { findField } from './field-path.ts';
import { elementsOf, RuleBudget } from './rule-cost.ts';
import { ruleErrors, type SelfSchema } from './rule-errors.ts';
import {
  EMBEDDED,
  LIST_MAP_KEYS,
  LIST_TYPE,
  MAP_TYPE,
  PRESERVE,
  propertiesOf,
  rulesOf,
  schemaAt,
  schemasAt,
  VALIDATIONS,
  type ValidationRule,
} from './schema.ts';

// What k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation wants of an OpenAPI v3 schema.

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const OWN_FIELDS = new Set(['metadata', 'kind', 'apiVersion']);

/** What holds at a place of the schema because of what is around it. */
interface Place {
  root?: boolean;
  insideMeta?: boolean;
  /** Why no default may be set. */
  noDefaults?: string;
  /** The outermost schema within which old and new values cannot be told to belong together. */
  uncorrelatable?: string;
  /** The schema as rules see it; absent where no rules are looked at. */
  self?: SelfSchema;
  /** How often the schema can stand in an object; undefined where nothing limits that. */
  cardinality: number | undefined;
  budget: RuleBudget;
}

interface Found {
  schema: FieldError[];
  rules: FieldError[];
}

/** Everything that is wrong with a schema; `rules`: whether expressions are compiled (the schema is structural). */
export function openApiErrors(schema: JsonObject, path: string, rules: boolean): FieldError[] {
  const budget = new RuleBudget();
  const found = visit(schema, path, {
    root: true,
    cardinality: 1,
    budget,
    ...(rules && { self: { schema, root: true } }),
  });
  return [...found.schema, ...found.rules, ...budget.totalErrors(path)];
}

const NOT_SUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];

function plainErrors(schema: JsonObject, path: string, { insideMeta, noDefaults }: Place): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  if (typeof type === 'string' && type && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && noDefaults !== undefined)
    errors.push(forbidden(`${path}.default`, `must not be set ${noDefaults}`));
  for (const key of NOT_SUPPORTED)
    if (schema[key] !== undefined) errors.push(forbidden(`${path}.${key}`, `${key} is not supported`));
  if (type === 'null')
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  if (Array.isArray(schema.items))
    errors.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'));
  if (insideMeta && schema[EMBEDDED] === true)
    errors.push(forbidden(`${path}.${EMBEDDED}`, 'must not be used inside of resource meta'));
  if (schema.uniqueItems === true)
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  return errors;
}

function visit(schema: JsonObject, path: string, place: Place): Found {
  const found: Found = { schema: plainErrors(schema, path, place), rules: [] };
  const into = (inner: JsonObject | undefined, at: string, more: Place): void => {
    if (!inner) return;
    const { schema: wrong, rules } = visit(inner, at, more);
    found.schema.push(...wrong);
    found.rules.push(...rules);
  };
  const elements = elementsOf(schema);
  const cardinality =
    place.cardinality === undefined || elements === undefined ? undefined : place.cardinality * elements;
  const below: Place = { ...place, root: false, cardinality };
  const child = (inner: JsonObject | undefined, more: Place = below): Place => ({
    ...more,
    self: place.self && inner && { schema: inner, root: inner[EMBEDDED] === true },
  });
  const judged: Place = { ...below, self: undefined };

  const additional = schema.additionalProperties;
  if (additional !== undefined) {
    const at = `${path}.additionalProperties`;
    if (propertiesOf(schema).length > 0 && additional !== true)
      found.schema.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
    const noDefaults = place.insideMeta ? 'inside additionalProperties applying to object metadata' : below.noDefaults;
    if (isObject(additional)) into(additional, at, child(additional, { ...below, noDefaults }));
  }
  const mapType = schema[MAP_TYPE];
  const correlates = mapType === undefined || mapType === 'granular' || mapType === 'atomic';
  for (const [name, property] of propertiesOf(schema)) {
    const more: Place = { ...below };
    if (!correlates) more.uncorrelatable ??= path;
    if ((place.root || schema[EMBEDDED] === true) && OWN_FIELDS.has(name)) {
      more.insideMeta = true;
      if (place.root) more.noDefaults = `in top-level ${name}`;
    }
    into(property, `${path}.properties[${name}]`, child(property, more));
  }
  into(schemaAt(schema, 'not'), `${path}.not`, judged);
  for (const key of ['allOf', 'oneOf', 'anyOf'] as const)
    for (const [index, inner] of schemasAt(schema, key).entries()) into(inner, `${path}.${key}[${index}]`, judged);
  const items = schemaAt(schema, 'items');
  const uncorrelatable = schema[LIST_TYPE] === 'map' ? place.uncorrelatable : (place.uncorrelatable ?? path);
  into(items, `${path}.items`, child(items, { ...below, uncorrelatable }));
  if (schema[PRESERVE] === false) found.schema.push(invalid(`${path}.${PRESERVE}`, false, 'must be true or undefined'));
  found.schema.push(...mapTypeErrors(schema, path), ...listTypeErrors(schema, path));
  for (const [index, rule] of rulesOf(schema).entries())
    found.schema.push(...ruleFormErrors(rule, schema, `${path}.${VALIDATIONS}[${index}]`));
  if (found.schema.length === 0 && place.self)
    found.rules.push(...ruleErrors(place.self, rulesOf(schema), `${path}.${VALIDATIONS}`, place));
  return found;
}

function mapTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const mapType = schema[MAP_TYPE];
  if (mapType === undefined) return [];
  const errors: FieldError[] = [];
  const detail = `must be object if ${MAP_TYPE} is specified`;
  if (schema.type !== 'object')
    errors.push(schema.type ? invalid(`${path}.type`, schema.type, detail) : required(`${path}.type`, detail));
  if (mapType !== 'atomic' && mapType !== 'granular')
    errors.push(notSupported(`${path}.${MAP_TYPE}`, mapType, ['atomic', 'granular']));
  return errors;
}

const SCALAR_KEY = "must be a scalar type if parent array's x-kubernetes-list-type is map";

function listTypeErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema[LIST_TYPE];
  const items = schemaAt(schema, 'items');
  const at = `${path}.${LIST_TYPE}`;
  if (listType !== undefined && schema.type !== 'array') {
    const detail = `must be array if ${LIST_TYPE} is specified`;
    errors.push(schema.type ? invalid(`${path}.type`, schema.type, detail) : required(`${path}.type`, detail));
  } else if (listType === 'set' && items) {
    const detail = `must be atomic as item of a list with ${LIST_TYPE}=set`;
    const inner = items[LIST_TYPE];
    if (items.type === 'array' && inner !== undefined && inner !== 'atomic')
      errors.push(invalid(`${path}.items.${LIST_TYPE}`, inner, detail));
    if (items.type === 'object' && items[MAP_TYPE] !== 'atomic')
      errors.push(invalid(`${path}.items.${MAP_TYPE}`, inner, detail));
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(String(listType)))
    errors.push(notSupported(at, listType, ['atomic', 'set', 'map']));
  const keys = Array.isArray(schema[LIST_MAP_KEYS]) ? (schema[LIST_MAP_KEYS] as string[]) : [];
  if (keys.length > 0 && listType !== 'map') {
    const detail = `must be map if ${LIST_MAP_KEYS} is non-empty`;
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType === 'map') errors.push(...listMapErrors(schema, items, keys, path));
  if (items && (listType === 'map' || listType === 'set')) errors.push(...listItemErrors(items, listType, keys, path));
  return errors;
}

function listMapErrors(schema: JsonObject, items: JsonObject | undefined, keys: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (keys.length === 0) errors.push(required(`${path}.${LIST_MAP_KEYS}`, `must not be empty if ${LIST_TYPE} is map`));
  if (schema.items === undefined) errors.push(required(`${path}.items`, `must have a schema if ${LIST_TYPE} is map`));
  if (!items) return errors;
  if (items.type !== 'object')
    return [
      ...errors,
      invalid(`${path}.items.type`, items.type ?? '', `must be object if parent array's ${LIST_TYPE} is map`),
    ];
  for (const [index, key] of keys.entries()) {
    const property = schemaAt(items, 'properties')?.[key];
    if (!isObject(property))
      errors.push(invalid(`${path}.${LIST_MAP_KEYS}`, goStrings(keys), 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object')
      errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, SCALAR_KEY));
    if (keys.indexOf(key) < index)
      errors.push(invalid(`${path}.${LIST_MAP_KEYS}`, goStrings(keys), 'must not contain duplicate entries'));
  }
  return errors;
}

/** What tells items apart must be there, and no null. */
function listItemErrors(items: JsonObject, listType: string, keys: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (items.nullable === true)
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when ${LIST_TYPE} is ${listType}`));
  if (listType !== 'map') return errors;
  const mustHave = Array.isArray(items.required) ? (items.required as string[]) : [];
  for (const key of keys) {
    const property = schemaAt(items, 'properties')?.[key];
    if (!isObject(property)) continue;
    const at = `${path}.items.properties[${key}]`;
    if (!mustHave.includes(key) && property.default === undefined)
      errors.push(
        required(
          `${at}.default`,
          `this property is in ${LIST_MAP_KEYS}, so it must have a default or be a required property`,
        ),
      );
    if (property.nullable === true)
      errors.push(forbidden(`${at}.nullable`, `this property is in ${LIST_MAP_KEYS}, so it cannot be nullable`));
  }
  return errors;
}

const hasNewline = (text: string): boolean => /[\n\r]/.test(text);

function ruleFormErrors(rule: ValidationRule, schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule;
  const [text, told] = [(rule.rule ?? '').trim(), message.trim()];
  if (!text) errors.push(required(`${path}.rule`, 'rule is not specified'));
  else if (message && !told) errors.push(invalid(`${path}.message`, message, 'message must be non-empty if specified'));
  else if (hasNewline(told)) errors.push(invalid(`${path}.message`, message, 'message must not contain line breaks'));
  else if (hasNewline(text) && !told)
    errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'));
  if (messageExpression && !messageExpression.trim())
    errors.push(required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, REASONS));
  if (!fieldPath) return errors;
  const wrong = (detail: string) => errors.push(invalid(`${path}.fieldPath`, fieldPath, detail));
  if (!fieldPath.trim()) wrong('fieldPath must be non-empty if specified');
  if (hasNewline(fieldPath)) wrong('fieldPath must not contain line breaks');
  if (typeof findField(fieldPath, schema) === 'string') wrong('fieldPath must be a valid path');
  return errors;
}
