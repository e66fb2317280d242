import { compareStrings } from '../../../base/go-json.ts';
import { goSyntax, goValue } from '../../../base/go-quote.ts';
import { isObject } from '../patch/json-value.ts';
import { elementText } from './fields.ts';
import { itemElement, type ListShape, type MapShape, resolve, type ScalarShape, type Shape } from './shape.ts';

interface Problem {
  path: string;
  message: string;
}

/** A text as fmt writes it when it is taken for a format that nothing is given to. */
const unfilled = (text: string): string =>
  text.replace(/%([-+# 0]*[0-9.]*)(.?)/g, (_, __, verb: string) =>
    verb === '%' ? '%' : verb === '' ? '%!(NOVERB)' : `%!${verb}(MISSING)`,
  );

/** A value as %v shows one of structured-merge-diff's, whose message is a format once more. */
const shown = (value: unknown) => unfilled(`&{${goValue(value)}}`);

const GO_TYPES: Record<string, string> = { string: 'string', boolean: 'bool', bigint: 'int64' };
const goTypeOf = (value: unknown): string => {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return GO_TYPES[typeof value] ?? 'map[string]interface {}';
};

/** What each kind of scalar refuses, and how it says so. */
const SCALARS: Record<
  NonNullable<ScalarShape['type']>,
  { fits: (type: string) => boolean; refuse: (value: unknown) => string }
> = {
  string: {
    fits: (type) => type === 'string',
    refuse: (value) => `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`,
  },
  number: {
    fits: (type) => type === 'number' || type === 'bigint',
    refuse: (value) => `expected numeric (int or float), got ${goTypeOf(value)}`,
  },
  boolean: { fits: (type) => type === 'boolean', refuse: (value) => `expected boolean, got ${shown(value)}` },
  any: { fits: (type) => type !== 'object', refuse: (value) => `expected any scalar, got ${shown(value)}` },
};

function check(shape: Shape, value: unknown, path: string): Problem[] {
  if (value === null || value === undefined) return [];
  const own = resolve(shape, value);
  const inner = own.kind === 'scalar' ? own.whole : own;
  if (inner?.kind === 'list') return checkList(inner, value, path, own.kind === 'list');
  if (inner?.kind === 'map') return checkMap(inner, value, path);
  const rule = own.kind === 'scalar' && own.type ? SCALARS[own.type] : undefined;
  return !rule || rule.fits(typeof value) ? [] : [{ path, message: rule.refuse(value) }];
}

function checkMap(shape: MapShape, value: unknown, path: string): Problem[] {
  if (!isObject(value)) return [{ path, message: `expected map, got ${shown(value)}` }];
  const problems: Problem[] = [];
  for (const key of Object.keys(value).sort(compareStrings)) {
    const where = `${path}.${key}`;
    if (shape.closed && !shape.has(key)) return [...problems, { path: where, message: 'field not declared in schema' }];
    problems.push(...check(shape.field(key), value[key], where));
  }
  return problems;
}

function checkList(shape: ListShape, value: unknown, path: string, isAssociative: boolean): Problem[] {
  if (!Array.isArray(value)) return [{ path, message: `expected list, got ${shown(value)}` }];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    let where = `[${index}]`;
    if (isAssociative) {
      const unnamed = nameProblem(shape, item);
      if (unnamed) return [...problems, { path, message: `element ${index}: ${unnamed}` }];
      const name = itemElement(shape, item);
      where = elementText(name);
      if (seen.has(name)) problems.push({ path, message: `duplicate entries for key ${where}` });
      seen.add(name);
    }
    problems.push(...check(shape.item, item, path + where));
  }
  return problems;
}

/** Why an item of a list that is merged has no name. */
function nameProblem(shape: ListShape, item: unknown): string | undefined {
  if (shape.keys.length === 0) {
    if (isObject(item)) return "associative list without keys has an element that's a map type";
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements';
    return item === null ? "associative list without keys has an element that's an explicit null" : undefined;
  }
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isObject(item)) return 'associative list with keys may not have non-map elements';
  const missing = shape.keys.find((key) => item[key] === undefined && shape.keyDefault(key) === undefined);
  return missing === undefined
    ? undefined
    : `associative list with keys has an element that omits key field ${JSON.stringify(missing)} (and doesn't have default value)`;
}

/** Why a configuration cannot be applied to objects of a shape (typed.ValidationErrors); undefined when it can. */
export function typedProblem(shape: Shape, config: unknown): string | undefined {
  const messages = check(shape, config, '').map(({ path, message }) => (path ? `${path}: ${message}` : message));
  if (messages.length <= 1) return messages[0];
  return ['errors:', ...messages.map((message) => `  ${message}`)].join('\n');
}
