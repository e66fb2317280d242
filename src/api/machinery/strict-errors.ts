import { type Findings, unknownField } from './decode.ts';

/** How many strict errors Go tells of at the most. */
const MAX_ERRORS = 100;

/**
 * What strict decoding says of a JSON text, in the order in which it is met: keys that stand twice in one object, and, when the
 * findings of a type are given, members that no field has; nothing is said of what is in those. The text is known to be JSON.
 */
export function strictErrors(text: string, { unknown, opaque }: Findings = NOTHING): string[] {
  const found = new Set<string>();
  const stack: { keys?: Set<string>; index: number; path: string; key: string; silent: boolean }[] = [];
  const pattern = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  let expectKey = false;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const token = match[0];
    const top = stack.at(-1);
    if (token === '{' || token === '[') {
      const path = !top ? '' : top.keys ? join(top.path, top.key) : `${top.path}[${top.index}]`;
      const silent = top?.silent === true || unknown.has(path) || opaque.has(path);
      stack.push({ ...(token === '{' && { keys: new Set<string>() }), index: 0, path, key: '', silent });
      expectKey = token === '{';
    } else if (token === '}' || token === ']') {
      stack.pop();
      expectKey = false;
    } else if (token === ',') {
      if (top && !top.keys) top.index++;
      expectKey = top?.keys !== undefined;
    } else if (token === ':') expectKey = false;
    else if (expectKey && top?.keys) {
      top.key = JSON.parse(token) as string;
      const path = join(top.path, top.key);
      if (!top.silent) {
        if (unknown.has(path)) found.add(unknownField(path));
        else if (top.keys.has(top.key)) found.add(`duplicate field ${JSON.stringify(path)}`);
      }
      top.keys.add(top.key);
      expectKey = false;
    }
  }
  return [...found].slice(0, MAX_ERRORS);
}

/** What stands before a problem of YAML that was to become JSON. */
export const YAML_CONVERSION = 'error converting YAML to JSON: ';

/** Each strict error as a warning: those of YAML stand in one, a line for each (parseYAMLWarnings). */
export const asWarnings = (errors: readonly string[]): string[] =>
  errors.flatMap((error) =>
    error.startsWith(UNMARSHAL)
      ? error
          .slice(UNMARSHAL.length)
          .split('\n')
          .map((line) => line.trim())
      : [error],
  );

const UNMARSHAL = 'yaml: unmarshal errors:\n';

const NOTHING: Findings = { unknown: new Set(), opaque: new Set() };

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
