import type { Token } from './tokens.ts';

/** A node of the library's syntax tree, as far as it is used here. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

/** A node in terms of what it is. */
export type Form =
  | { is: 'value'; value: unknown }
  | { is: 'name'; name: string }
  | { is: 'field'; of: Node; name: string; optional: boolean }
  | { is: 'call'; name: string; receiver?: Node; args: Node[] }
  | { is: 'list'; items: Node[] }
  | { is: 'map'; entries: [Node, Node][] };

const OPERATOR_NAMES: Record<string, string> = { in: '@in', '[]': '_[_]', '[?]': '_[?_]', '?:': '_?_:_' };

/** What a node is; operators are calls of functions with cel-go's names. */
export function formOf(node: Node): Form {
  const { op, args } = node;
  switch (op) {
    case 'value':
      return { is: 'value', value: args };
    case 'id':
      return { is: 'name', name: args as string };
    case '.':
    case '.?': {
      const [of, name] = args as [Node, string];
      return { is: 'field', of, name, optional: op === '.?' };
    }
    case 'call': {
      const [name, list] = args as [string, Node[]];
      return { is: 'call', name, args: list };
    }
    case 'rcall': {
      const [name, receiver, list] = args as [string, Node, Node[]];
      return { is: 'call', name, receiver, args: list };
    }
    case 'list':
      return { is: 'list', items: args as Node[] };
    case 'map':
      return { is: 'map', entries: args as [Node, Node][] };
    case '!_':
    case '-_':
      return { is: 'call', name: op, args: [args as Node] };
    default:
      return { is: 'call', name: OPERATOR_NAMES[op] ?? `_${op}_`, args: args as Node[] };
  }
}

/** What a dot may follow that selects a field. */
const VALUES = new Set(["')'", "']'", "'}'", "'true'", "'false'", "'null'"]);

/** Whether a token is the dot of `.name`, a name of the root container. */
export function isRootDot(tokens: readonly Token[], index: number): boolean {
  const [before, dot, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (dot?.kind !== "'.'" || after?.kind !== 'IDENTIFIER') return false;
  return !before || !(VALUES.has(before.kind) || /^[A-Z]/.test(before.kind));
}

/** Where cel-go says that a node is: at its operator, dot, parenthesis or bracket; else at its start. */
export class Positions {
  constructor(private readonly tokens: readonly Token[]) {}

  of(node: Node): number {
    const { op, args } = node;
    if (op === 'call') return this.after(node.start, (token) => token.text === '(');
    if (op === 'rcall') {
      const [, receiver] = args as [string, Node];
      const dot = this.after(receiver.end, (token) => token.text === '.');
      return this.after(dot, (token) => token.text === '(');
    }
    if (op === 'value' || op === 'id' || op === 'list' || op === 'map' || op === '!_' || op === '-_') return node.start;
    const [left] = args as [Node];
    return this.after(left.end, (token) => token.text !== ')');
  }

  /** Whether a name is said to be one of the root container. */
  isRooted(node: Node): boolean {
    const index = this.tokens.findIndex(({ start }) => start === node.start);
    return index > 0 && isRootDot(this.tokens, index - 1);
  }

  private after(offset: number, wanted: (token: Token) => boolean): number {
    return this.tokens.find((token) => token.start >= offset && wanted(token))?.start ?? offset;
  }
}
