import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { schemaAt } from './schema.ts';

const UNESCAPED: Record<string, string> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  "'": "'",
  '\\': '\\',
};

/** The parts of a path: `.`, `[`, `]`, quoted strings, and what is between. */
const tokensOf = (path: string): string[] => path.match(/'(?:[^'\\]|\\.)*'?|[.[\]]|[^.[\]]+/g) ?? [];

export interface FoundField {
  /** As field.Path shows it, without the dot in front. */
  path: string;
  schema: JsonObject;
}

/**
 * The field that a path like `.spec.names['a b']` leads to in a schema; a string is what is wrong with it (the words of
 * apiextensions' ValidFieldPath).
 */
export function findField(text: string, root: JsonObject, arrayNotation = true): FoundField | string {
  const tokens = tokensOf(text);
  let path = '';
  let schema = root;
  const nowhere = 'does not refer to a valid field';
  const ended = 'unexpected end of JSON path';
  for (let at = 0; at < tokens.length; at += 1) {
    const opens = tokens[at];
    if (opens !== '.' && opens !== '[') return `expected [ or . but got: ${opens}`;
    if (opens === '[' && !arrayNotation) return 'array notation is not allowed';
    at += 1;
    let name = tokens[at];
    if (name === undefined) return ended;
    if (opens === '[') {
      if (!/^'.*'$/.test(name)) return `expected single quoted string but got ${name}`;
      const wrong = /\\[^abfnrtv'\\]/.exec(name)?.[0];
      if (wrong) return `invalid string literal: invalid escape char ${wrong}`;
      name = name.slice(1, -1).replaceAll(/\\(.)/g, (_, letter: string) => UNESCAPED[letter]!);
    }
    const properties = schemaAt(schema, 'properties');
    const additional = schema.additionalProperties;
    if (properties) {
      const next = properties[name];
      if (!isObject(next)) return nowhere;
      path += `${path ? '.' : ''}${name}`;
      schema = next;
    } else if (isObject(additional)) {
      path += `[${name}]`;
      schema = additional;
    } else return nowhere;
    if (opens !== '[') continue;
    at += 1;
    if (tokens[at] === undefined) return ended;
    if (tokens[at] !== ']') return `expected ] but got ${tokens[at]}`;
  }
  return { path, schema };
}
