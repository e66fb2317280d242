/**
 * Keys that stand twice in one object of a JSON text: `duplicate field "spec.foo"`, in the order in which they are met.
 * The text is known to be JSON.
 */
export function findDuplicates(text: string): string[] {
  const found: string[] = [];
  const stack: { keys?: Set<string>; index: number; path: string; key: string }[] = [];
  const pattern = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  let expectKey = false;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const token = match[0];
    const top = stack.at(-1);
    if (token === '{' || token === '[') {
      const path = !top ? '' : top.keys ? join(top.path, top.key) : `${top.path}[${top.index}]`;
      stack.push({ ...(token === '{' && { keys: new Set<string>() }), index: 0, path, key: '' });
      expectKey = token === '{';
    } else if (token === '}' || token === ']') {
      stack.pop();
      expectKey = false;
    } else if (token === ',') {
      if (top && !top.keys) top.index++;
      expectKey = top?.keys !== undefined;
    } else if (token === ':') expectKey = false;
    else if (expectKey && top?.keys) {
      const key = JSON.parse(token) as string;
      top.key = key;
      if (top.keys.has(key)) found.push(`duplicate field ${JSON.stringify(join(top.path, key))}`);
      top.keys.add(key);
      expectKey = false;
    }
  }
  return found;
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
