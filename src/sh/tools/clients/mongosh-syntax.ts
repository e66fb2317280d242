/** A value of the shell's language: literals, and what is asked of a database. */
export type Expression =
  | { literal: unknown }
  | { list: Expression[] }
  | { fields: [name: string, value: Expression][] }
  /** `db.things.find({…}).limit(3)`: names, and the arguments of those that are called. */
  | { chain: { name: string; args?: Expression[] }[] };

const TOKEN =
  /\s+|\/\/[^\n]*|(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|(?<number>-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<name>[A-Za-z_$][\w$]*)|(?<sign>[-{}()[\],:.;+])/gy;

type Token = { kind: 'text' | 'number' | 'name' | 'sign'; text: string };

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new SyntaxError(`Unexpected token (1:${at})`);
    const [kind, text] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    if (kind && text !== undefined) tokens.push({ kind: kind as Token['kind'], text });
  }
  return tokens;
}

const WORDS: Record<string, unknown> = { true: true, false: false, null: null, undefined: undefined };

/** Reads the statements of a line. Throws SyntaxError for what the simulated shell does not understand. */
export function parse(source: string): Expression[] {
  const tokens = tokenize(source);
  let at = 0;
  const peek = (text: string) => tokens[at]?.kind === 'sign' && tokens[at]!.text === text;
  const take = (text: string): boolean => {
    const isIt = peek(text);
    if (isIt) at++;
    return isIt;
  };
  const expect = (text: string): void => {
    if (!take(text))
      throw new SyntaxError(`Unexpected token${tokens[at] ? ` '${tokens[at]!.text}'` : ', end of input'}`);
  };
  const until = <T>(end: string, item: () => T): T[] => {
    const items: T[] = [];
    while (!take(end)) {
      items.push(item());
      if (!peek(end)) expect(',');
    }
    return items;
  };
  function key(): string {
    const token = tokens[at++];
    if (!token || token.kind === 'sign') throw new SyntaxError(`Unexpected token '${token?.text ?? ''}'`);
    return token.kind === 'text' ? token.text.slice(1, -1) : token.text;
  }
  function value(): Expression {
    const token = tokens[at++];
    if (!token) throw new SyntaxError('Unexpected end of input');
    if (token.kind === 'text')
      return { literal: token.text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)) };
    if (token.kind === 'number') return { literal: Number(token.text) };
    if (token.kind === 'sign') {
      if (token.text === '[') return { list: until(']', value) };
      if (token.text === '{')
        return {
          fields: until('}', () => {
            const name = key();
            expect(':');
            return [name, value()] as [string, Expression];
          }),
        };
      throw new SyntaxError(`Unexpected token '${token.text}'`);
    }
    if (token.text === 'new') return value();
    if (token.text in WORDS) return { literal: WORDS[token.text] };
    const chain: { name: string; args?: Expression[] }[] = [{ name: token.text }];
    for (;;) {
      if (take('(')) chain.at(-1)!.args = until(')', value);
      else if (take('.')) chain.push({ name: key() });
      else return { chain };
    }
  }
  const statements: Expression[] = [];
  while (at < tokens.length) if (!take(';')) statements.push(value());
  return statements;
}
