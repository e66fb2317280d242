import { SETS } from './regexp.ts';
import { isBusybox, ok, parseOptions, type Tool, ToolError } from './tool.ts';

function expandSet(set: string): string[] {
  const text = set
    .replace(/\[:([a-z]+):\]/g, (_, name: string) => SETS[name] ?? '')
    .replace(
      /\\(n|t|r|\\|0|[0-7]{3})/g,
      (_, code: string) =>
        ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' })[code] ?? String.fromCharCode(Number.parseInt(code, 8)),
    );
  const chars: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i + 1] === '-' && i + 2 < text.length) {
      for (let code = text.charCodeAt(i); code <= text.charCodeAt(i + 2); code++) chars.push(String.fromCharCode(code));
      i += 2;
    } else chars.push(text[i]!);
  }
  return chars;
}

export const tr: Tool = (context) => {
  const options = parseOptions(context, 'dscCt', ['delete', 'squeeze-repeats', 'complement']);
  const [first = '', second = ''] = options.rest;
  if (options.rest.length === 0)
    throw new ToolError(
      isBusybox(context) ? 'missing operand' : "missing operand\nTry 'tr --help' for more information.",
    );
  if (options.rest.length === 1 && !options.has('d', 'delete', 's', 'squeeze-repeats'))
    throw new ToolError(
      `missing operand after '${first}'\nTwo strings must be given when translating.\nTry 'tr --help' for more information.`,
    );
  const from = expandSet(first);
  const to = expandSet(second);
  const complement = options.has('c', 'C', 'complement');
  const inFirst = (char: string) => from.includes(char) !== complement;
  let out = '';
  for (const char of context.stdin) {
    if (options.has('d', 'delete')) {
      if (!inFirst(char)) out += char;
      continue;
    }
    const mapped =
      inFirst(char) && to.length > 0 ? (complement ? to.at(-1)! : (to[from.indexOf(char)] ?? to.at(-1)!)) : char;
    const squeezes = options.has('s', 'squeeze-repeats') && (to.length > 0 ? to.includes(mapped) : inFirst(mapped));
    if (!(squeezes && out.endsWith(mapped))) out += mapped;
  }
  return ok(out);
};
