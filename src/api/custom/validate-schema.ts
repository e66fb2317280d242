import { type FieldError, invalid, required, tooLong, tooMany } from '../machinery/field-errors.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';

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

const FORMATS: Record<string, RegExp> = {
  'date-time': /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$/,
  date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  email: /^[^@\s]+@[^@\s]+$/,
  ipv4: /^([0-9]{1,3}\.){3}[0-9]{1,3}$/,
  ipv6: /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/,
  uuid: /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/,
  uri: /^[a-zA-Z][a-zA-Z0-9+.-]*:|^\//,
  hostname: /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/,
  byte: /^[A-Za-z0-9+/]*={0,2}$/,
};

/** Go's regular expressions where JavaScript writes them otherwise. */
function goRegExp(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern.replace(/\(\?P</g, '(?<'), 'u');
  } catch {
    return undefined;
  }
}

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
  if (typeof schema.format === 'string' && FORMATS[schema.format]?.test(value) === false)
    errors.push(invalid(path, value, `${path} in body must be of type ${schema.format}: ${JSON.stringify(value)}`));
  return errors;
}

function numberErrors(schema: JsonObject, value: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const [min, max, multiple] = [number(schema, 'minimum'), number(schema, 'maximum'), number(schema, 'multipleOf')];
  if (multiple !== undefined && value % multiple !== 0)
    errors.push(refused(path, value, `should be a multiple of ${multiple}`));
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

function arrayErrors(schema: JsonObject, value: unknown[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const items = isObject(schema.items) ? schema.items : undefined;
  if (items) errors.push(...value.flatMap((item, index) => validateSchema(items, item, `${path}[${index}]`)));
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

function objectErrors(schema: JsonObject, value: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const keys = Object.keys(value);
  const [min, max] = [number(schema, 'minProperties'), number(schema, 'maxProperties')];
  if (min !== undefined && keys.length < min)
    errors.push(refused(path, keys.length, `should have at least ${min} properties`));
  if (max !== undefined && keys.length > max) errors.push(tooMany(path, keys.length, max));
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  const additional = isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
  const below = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const key of keys.sort()) {
    const own = properties[key] ?? additional;
    if (own) errors.push(...validateSchema(own, value[key], below(key)));
  }
  for (const key of (schema.required ?? []) as string[])
    if (!Object.hasOwn(value, key)) errors.push(required(below(key)));
  return errors;
}

/** How several schemas together judge a value. */
function combinedErrors(schema: JsonObject, value: unknown, path: string): FieldError[] {
  const errors = list(schema, 'allOf').flatMap((one) => validateSchema(one, value, path));
  const passes = (one: JsonObject) => validateSchema(one, value, path).length === 0;
  const anyOf = list(schema, 'anyOf');
  if (anyOf.length > 0 && !anyOf.some(passes)) {
    errors.push(refused(path, value, 'must validate at least one schema (anyOf)'));
    errors.push(...validateSchema(anyOf[0]!, value, path));
  }
  const oneOf = list(schema, 'oneOf');
  if (oneOf.length > 0) {
    const valid = oneOf.filter(passes).length;
    if (valid !== 1)
      errors.push(
        invalid(
          path,
          value,
          `${path} in body must validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`,
        ),
      );
  }
  if (isObject(schema.not) && passes(schema.not))
    errors.push(refused(path, value, 'must not validate the schema (not)'));
  return errors;
}

/** What is wrong with a value by its schema, in kube-openapi's words and order. */
export function validateSchema(schema: JsonObject, value: unknown, path: string): FieldError[] {
  const type = typeOf(value);
  if (value === null && schema.nullable === true) return [];
  const either = schema['x-kubernetes-int-or-string'] === true;
  const wanted = schema.type as string | undefined;
  const fits = either
    ? type === 'integer' || type === 'string'
    : wanted === undefined || wanted === type || (wanted === 'number' && type === 'integer');
  if (!fits) {
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
  const errors: FieldError[] = [];
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, path));
  else if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  else if (Array.isArray(value)) errors.push(...arrayErrors(schema, value, path));
  else if (isObject(value)) errors.push(...objectErrors(schema, value, path));
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => equal(one, value)))
    errors.push({
      type: 'FieldValueNotSupported',
      field: path,
      value,
      detail: `supported values: ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`,
    });
  return [...errors, ...combinedErrors(schema, value, path)];
}
