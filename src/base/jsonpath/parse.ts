import { GoFloat } from '../go-float.ts';
import { goUnquote } from '../go-quote.ts';
import type { JsonPathNode, ListNode } from './nodes.ts';

const KEY = /^'([^']*)'$/;
const SLICE = /^(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?$/;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/;
const isTerminator = (character: string | undefined) =>
  character === undefined || /^[ \t\r\n.,[\]$@{}]$/.test(character);
const isWord = (character: string | undefined) => character !== undefined && /^[_\p{L}\p{Nd}]$/u.test(character);

class Parser {
  private position = 0;
  readonly root: ListNode = { kind: 'list', nodes: [] };

  constructor(private readonly input: string) {
    this.text();
  }

  private get next(): string | undefined {
    return this.input[this.position];
  }

  /** Text up to the next action, and that action; over and over. */
  private text(): void {
    while (this.position < this.input.length) {
      const found = this.input.indexOf('{', this.position);
      const end = found < 0 ? this.input.length : found;
      if (end > this.position) this.root.nodes.push({ kind: 'literal', value: this.input.slice(this.position, end) });
      this.position = end;
      if (found >= 0) this.root.nodes.push(this.action());
    }
  }

  private action(): ListNode {
    this.position++;
    const nodes: JsonPathNode[] = [];
    for (;;) {
      const rest = this.input.slice(this.position, this.position + 3);
      const character = this.next;
      if (character === '}') {
        this.position++;
        return { kind: 'list', nodes };
      }
      if (rest === '[?(') nodes.push(this.filter());
      else if (rest.startsWith('..')) this.recursive(nodes);
      else if (character === undefined || /[\r\n]/.test(character)) throw new Error('unclosed action');
      else if (/[ @$]/.test(character)) this.position++;
      else if (character === '[') nodes.push(...this.array());
      else if (character === '"' || character === "'") nodes.push(this.quoted(character));
      else if (character === '.') {
        this.position++;
        nodes.push(this.field());
      } else if (/[-+\p{Nd}]/u.test(character)) nodes.push(this.number());
      else if (isWord(character)) nodes.push(this.identifier());
      else throw new Error(`unrecognized character in action: ${unicodeName(this.input, this.position)}`);
    }
  }

  private recursive(nodes: JsonPathNode[]): void {
    if (nodes.at(-1)?.kind === 'recursive') throw new Error('invalid multiple recursive descent');
    this.position += 2;
    nodes.push({ kind: 'recursive' });
    if (isWord(this.next)) nodes.push(this.field());
  }

  private field(): JsonPathNode {
    const start = this.position;
    while (!isTerminator(this.next)) this.position += this.next === '\\' ? 2 : 1;
    const name = this.input.slice(start, this.position);
    return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') };
  }

  private identifier(): JsonPathNode {
    const start = this.position;
    while (!isTerminator(this.next)) this.position++;
    const name = this.input.slice(start, this.position);
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    return { kind: 'identifier', name };
  }

  private number(): JsonPathNode {
    const [text = ''] = /^[-+]?[.\p{Nd}]*/u.exec(this.input.slice(this.position)) ?? [];
    this.position += text.length;
    if (!/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw new Error(`cannot parse number ${text}`);
    return { kind: 'literal', value: text.includes('.') ? new GoFloat(Number(text)) : Number(text) };
  }

  private quoted(quote: string): JsonPathNode {
    const start = this.position++;
    while (this.next !== quote || this.input[this.position - 1] === '\\') {
      if (this.next === undefined || this.next === '\n') throw new Error('unterminated quoted string');
      this.position++;
    }
    this.position++;
    const source = this.input.slice(start, this.position);
    const value = goUnquote(source.slice(1, -1), quote);
    if (value === undefined) throw new Error(`unquote string ${source} error invalid syntax`);
    return { kind: 'literal', value };
  }

  private array(): JsonPathNode[] {
    const end = this.input.slice(this.position).search(/[\]\n]/);
    if (end < 0 || this.input[this.position + end] === '\n') throw new Error('unterminated array');
    const inside = this.input.slice(this.position + 1, this.position + end);
    this.position += end + 1;
    const parts = inside.split(',');
    if (parts.length > 1) {
      return [{ kind: 'union', lists: parts.map((part) => parseAction(`[${part.replace(/^ +| +$/g, '')}]`)) }];
    }
    const key = KEY.exec(inside);
    if (key) return parseAction(`.${key[1]}`).nodes;
    return [sliceNode(inside === '*' ? ':' : inside)];
  }

  private filter(): JsonPathNode {
    this.position += 3;
    const start = this.position;
    let quote: string | undefined;
    let closed = false;
    for (; !(this.next === ')' && (quote !== undefined) === closed); this.position++) {
      const character = this.next;
      if (character === undefined || character === '\n') throw new Error('unterminated filter');
      if (character !== '"' && character !== "'") continue;
      if (quote === undefined) quote = character;
      else if (character === quote && this.input[this.position - 1] !== '\\') closed = true;
    }
    const text = this.input.slice(start, this.position++);
    if (this.input[this.position] !== ']') throw new Error('unclosed array expect ]');
    this.position++;
    const [, left, operator, right] = COMPARISON.exec(text) ?? [];
    if (left === undefined) {
      return { kind: 'filter', left: parseAction(text), operator: 'exists', right: { kind: 'list', nodes: [] } };
    }
    return { kind: 'filter', left: parseAction(left), operator: operator!, right: parseAction(right!) };
  }
}

/** `%#U` of the character at `position`: U+002A '*'. */
function unicodeName(input: string, position: number): string {
  const code = input.codePointAt(position)!;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`;
}

function sliceNode(text: string): JsonPathNode {
  const parts = SLICE.exec(text);
  if (!parts) throw new Error(`invalid array index ${text}`);
  const bound = (part: string | undefined) => {
    if (part === undefined || part === '' || part === ':') return undefined;
    const digits = part.replace(':', '');
    if (digits === '-' || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits)) {
      throw new Error(`array index ${digits} is not a number`);
    }
    return Number(digits);
  };
  const [start, end, step] = parts.slice(1).map(bound);
  return parts[2] === undefined
    ? { kind: 'slice', start, end: (start ?? 0) + 1, step, single: true }
    : { kind: 'slice', start, end, step, single: false };
}

/** An expression without its braces. */
const parseAction = (text: string): ListNode => new Parser(`{${text}}`).root.nodes[0] as ListNode;

/** Reads a template; throws an Error with client-go's message. */
export const parseJsonPath = (text: string): JsonPathNode[] => new Parser(text).root.nodes;
