import { goRegExp } from '../../base/go-regexp.ts';
import { type FieldError, invalid, required, tooLong, tooMany } from '../machinery/field-errors.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { hasFormat } from './formats.ts';
import { counterpart, MAP_TYPE } from './schema.ts';

/** What kube-openapi calls the type of a value. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const list = (schema: JsonObject, key: string): JsonObject[] =>
  Array.isArray(schema[key]) ? (schema[key] as JsonObject[]) : [];
const number = (schema: JsonObject, key: string): number | undefined =>
  typeof schema[key] === 'number' ? (schema[key] as number) : undefined;

const refused = (path: string, value: unknown, rule: string): FieldError =>
  invalid(path, value, `${path} in body ${rule}`);

function stringErrors(schema: JsonObject, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const [min, max] = [number(schema, 'minLength'), number(schema, 'maxLength')];
  const length = [...value].length;
  if (max !== undefined && length > max) errors.push(tooLong(path, value, max));
  if (min !== undefined && length < min) errors.push(refused(path, value, `should be at least ${min} chars long`));
  if (typeof schema.pattern === 'string' && goRegExp(schema.pattern)?.test(value) === false)
    errors.push(refused(path, value, `should match '${schema.pattern}'`));
  if (typeof schema.format === 'string' && !hasFormat(schema.format, value))
    errors.push(invalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
  return errors;
}

/** Whole values are divided by the factor as a whole number, as kube-openapi does it. */
function multipleErrors(value: number, multiple: number, path: string): FieldError[] {
  const factor = Number.isInteger(value) ? Math.trunc(multiple) : multiple;
  if (factor <= 0) return [invalid(path, value, `factor MultipleOf declared for ${path} must be positive: ${factor}`)];
  const parts = value / factor;
  return Number.isInteger(parts) ? [] : [refused(path, value, `should be a multiple of ${multiple}`)];
}

function numberErrors(schema: JsonObject, value: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const [min, max, multiple] = [number(schema, 'minimum'), number(schema, 'maximum'), number(schema, 'multipleOf')];
  if (multiple !== undefined) errors.push(...multipleErrors(value, multiple, path));
  if (max !== undefined && (schema.exclusiveMaximum === true ? value >= max : value > max))
    errors.push(
      refused(
        path,
        value,
        schema.exclusiveMaximum === true ? `should be less than ${max}` : `should be less than or equal to ${max}`,
      ),
    );
  if (min !== undefined && (schema.exclusiveMinimum === true ? value <= min : value < min))
    errors.push(
      refused(
        path,
        value,
        schema.exclusiveMinimum === true
          ? `should be greater than ${min}`
          : `should be greater than or equal to ${min}`,
      ),
    );
  return errors;
}

function arrayErrors(schema: JsonObject, value: unknown[], path: string, old: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const items = isObject(schema.items) ? schema.items : undefined;
  if (items)
    errors.push(
      ...value.flatMap((item, index) =>
        validateSchema(items, item, `${path}[${index}]`, counterpart(schema, item, old)),
      ),
    );
  const [min, max] = [number(schema, 'minItems'), number(schema, 'maxItems')];
  if (min !== undefined && value.length < min)
    errors.push(refused(path, value.length, `should have at least ${min} items`));
  if (max !== undefined && value.length > max) errors.push(tooMany(path, value.length, max));
  if (
    schema.uniqueItems === true &&
    value.some((item, index) => value.findIndex((other) => equal(other, item)) < index)
  )
    errors.push(refused(path, value, "shouldn't contain duplicates"));
  return errors;
}

function objectErrors(schema: JsonObject, value: JsonObject, path: string, old: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const keys = Object.keys(value);
  const [min, max] = [number(schema, 'minProperties'), number(schema, 'maxProperties')];
  if (min !== undefined && keys.length < min)
    errors.push(refused(path, keys.length, `should have at least ${min} properties`));
  if (max !== undefined && keys.length > max) errors.push(tooMany(path, keys.length, max));
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  const additional = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
  const before = isObject(old) && schema[MAP_TYPE] !== 'atomic' ? old : {};
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const key of keys.sort()) {
    const own = properties[key] ?? additional;
    if (own) errors.push(...validateSchema(own, value[key], below(key), before[key]));
  }
  for (const key of (schema.required ?? []) as string[])
    if (!Object.hasOwn(value, key)) errors.push(required(below(key)));
  return errors;
}

/** How several schemas together judge a value. */
function combinedErrors(schema: JsonObject, value: unknown, path: string): FieldError[] {
  const told = (rule: string) => invalid('<nil>', '', `"${path}" must ${rule}`);
  const judgementsOf = (key: string) => list(schema, key).map((one) => validateSchema(one, value, path));
  const passed = (judgements: FieldError[][]) => judgements.filter((errors) => errors.length === 0).length;
  const errors: FieldError[] = [];
  const anyOf = judgementsOf('anyOf');
  if (anyOf.length > 0 && passed(anyOf) === 0)
    errors.push(told('validate at least one schema (anyOf)'), ...(anyOf[0] ?? []));
  const oneOf = judgementsOf('oneOf');
  const valid = passed(oneOf);
  if (oneOf.length > 0 && valid !== 1) {
    const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
    errors.push(told(`validate one and only one schema (oneOf). ${found}`), ...(valid === 0 ? (oneOf[0] ?? []) : []));
  }
  const allOf = judgementsOf('allOf');
  errors.push(...allOf.flat());
  if (passed(allOf) < allOf.length)
    errors.push(told(`validate all the schemas (allOf)${passed(allOf) === 0 ? '. None validated' : ''}`));
  if (isObject(schema.not) && validateSchema(schema.not, value, path).length === 0)
    errors.push(told('not validate the schema (not)'));
  return errors;
}

/** What is wrong with a value by its schema, in kube-openapi's words and order. */
export function validateSchema(schema: JsonObject, value: unknown, path: string, old?: unknown): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  const errors = schemaErrors(schema, value, path, old);
  // What has not changed may be as wrong as it was (ratcheting).
  return errors.length > 0 && old !== undefined && equal(value, old) ? [] : errors;
}

function typeErrors(schema: JsonObject, value: unknown, path: string): FieldError[] {
  const type = typeOf(value);
  const either = schema['x-kubernetes-int-or-string'] === true;
  const wanted = schema.type as string | undefined;
  const fits = either
    ? type === 'integer' || type === 'string'
    : !wanted || wanted === type || (wanted === 'number' && type === 'integer');
  if (fits) return [];
  const name = either ? 'integer,string' : wanted;
  return [
    {
      type: 'FieldValueTypeInvalid',
      field: path || '<nil>',
      value: type,
      detail: `${path} in body must be of type ${name}: ${JSON.stringify(type)}`,
    },
  ];
}

function schemaErrors(schema: JsonObject, value: unknown, path: string, old: unknown): FieldError[] {
  const errors = [...typeErrors(schema, value, path), ...combinedErrors(schema, value, path)];
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, path));
  else if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  else if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path, old));
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => equal(one, value)))
    errors.push({
      type: 'FieldValueNotSupported',
      field: path,
      value,
      detail: `supported values: ${schema.enum.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one))).join(', ')}`,
    });
  if (isObject(value)) errors.push(...objectErrors(schema, value, path, old));
  return errors;
}
