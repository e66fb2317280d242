import { celTimes } from '../cel/index.ts';
import { CelRuntimeError } from '../cel/issues.ts';
import { BOOL, STRING } from '../cel/types.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from '../machinery/field-errors.ts';
import { errorText } from '../machinery/invalid.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { findField } from './field-path.ts';
import { compileRule, type SelfSchema } from './rule-errors.ts';
import { counterpart, EMBEDDED, MAP_TYPE, propertiesOf, rulesOf, schemaAt, type ValidationRule } from './schema.ts';
import { selfValue } from './self-value.ts';

/** What came of the rules of a schema: what is wrong, and what was as wrong before and only leads to a warning. */
export interface Judgement {
  errors: FieldError[];
  warnings: string[];
}

/** A value and what it was before; `old` is undefined where the two cannot be told to belong together. */
interface Pair {
  value: unknown;
  old: unknown;
  /** The value, or what it stands in, has not changed: what is wrong with it was so before. */
  unchanged: boolean;
}

/** Judges a value by the rules of its schema, everywhere within it. `old`: the value before, on updates. */
export function judgeRules(schema: JsonObject, value: unknown, old?: unknown): Judgement {
  const judgement: Judgement = { errors: [], warnings: [] };
  visit({ schema, root: true }, '', { value, old, unchanged: false }, judgement);
  return judgement;
}

function visit(self: SelfSchema, path: string, pair: Pair, judgement: Judgement): void {
  const { schema } = self;
  const { value, old } = pair;
  if (value === null || value === undefined) return;
  for (const rule of rulesOf(schema)) judge(self, rule, path, pair, judgement);
  const into = (inner: JsonObject, at: string, one: unknown, before: unknown) => {
    const unchanged = before === undefined ? pair.unchanged : equal(one, before);
    visit({ schema: inner, root: inner[EMBEDDED] === true }, at, { value: one, old: before, unchanged }, judgement);
  };
  if (Array.isArray(value)) {
    const items = schemaAt(schema, 'items');
    if (items)
      for (const [index, one] of value.entries()) into(items, `${path}[${index}]`, one, counterpart(schema, one, old));
    return;
  }
  if (!isObject(value)) return;
  const before = isObject(old) && !(schema[MAP_TYPE] === 'atomic') ? old : {};
  const below = (key: string) => (path ? `${path}.${key}` : key);
  const properties = propertiesOf(schema);
  for (const [key, inner] of properties)
    if (Object.hasOwn(value, key)) into(inner, below(key), value[key], before[key]);
  const additional = schema.additionalProperties;
  if (!isObject(additional)) return;
  for (const [key, one] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    into(additional, `${path}[${key}]`, one, before[key]);
}

const told = ({ message, rule }: ValidationRule): string => (message || rule).trim();

function judge(self: SelfSchema, rule: ValidationRule, path: string, pair: Pair, judgement: Judgement): void {
  const { schema, root } = self;
  const { value, old, unchanged } = pair;
  const type = schema.type ?? '';
  const field = path || '<nil>';
  const program = compileRule(self, rule, rule.rule, BOOL);
  const usesOld = program.names.has('oldSelf');
  const optional = rule.optionalOldSelf === true;
  if (usesOld && old === undefined && !optional) return;
  const times = celTimes();
  const before = old === undefined ? undefined : selfValue(old, schema, root, times);
  const variables = {
    self: selfValue(value, schema, root, times),
    oldSelf: optional ? times.optional(before) : before,
  };
  try {
    if (program.evaluate(variables) === true) return;
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    const detail = error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${told(rule)}`
      : `${error.message} evaluating rule: ${told(rule)}`;
    judgement.errors.push(invalid(field, type, detail));
    return;
  }
  const found = rule.fieldPath ? findField(rule.fieldPath, schema) : undefined;
  const within = typeof found === 'object' && found.path ? (path ? `${path}.${found.path}` : found.path) : field;
  const message =
    messageOf(self, rule, variables) ?? (rule.message ? rule.message.trim() : `failed rule: ${told(rule)}`);
  const error = failure(rule.reason, within, type, message);
  if (!usesOld && unchanged) judgement.warnings.push(errorText(error));
  else judgement.errors.push(error);
}

/** What the message expression comes to; undefined where it comes to no message. */
function messageOf(self: SelfSchema, rule: ValidationRule, variables: Record<string, unknown>): string | undefined {
  if (!rule.messageExpression) return undefined;
  try {
    const text = String(compileRule(self, rule, rule.messageExpression, STRING).evaluate(variables)).trim();
    return text === '' || text.includes('\n') ? undefined : text;
  } catch (error) {
    if (error instanceof CelRuntimeError) return undefined;
    throw error;
  }
}

function failure(reason: string | undefined, field: string, value: unknown, message: string): FieldError {
  if (reason === 'FieldValueForbidden') return forbidden(field, message);
  if (reason === 'FieldValueRequired') return required(field, message);
  if (reason === 'FieldValueDuplicate') return duplicate(field, value);
  return invalid(field, value, message);
}
