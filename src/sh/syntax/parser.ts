import type { Assignment, ConditionWord, Node, Redirection, Script, Unexpected, Word } from './ast.ts';
import { ShellSyntaxError } from './ast.ts';
import {
  type Cursor,
  isArithmetic,
  literal,
  rawText,
  readArithmetic,
  readSubscript,
  readWord,
  wordOf,
} from './words.ts';

type NodeBody = Node extends infer N ? (N extends Node ? Omit<N, 'id' | 'line'> : never) : never;

const RESERVED = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'while',
  'until',
  'for',
  'select',
  'do',
  'done',
  'case',
  'esac',
  '{',
  '}',
  '!',
  'in',
  '[[',
  'function',
]);
const OPENERS = new Set(['if', 'while', 'until', 'for', 'select', 'case', '{', '!', '[[', 'function']);
const REDIRECTION = /([0-9]*)(<<-|<<<|<<|<&|>&|<>|>>|>\||<|>|&>>|&>)/y;
const ELEMENT = /([A-Za-z_][A-Za-z0-9_]*)\[[^\]\n]*\]\+?=/y;
/** Commands whose arguments are assignments. */
export const DECLARATIONS = new Set(['declare', 'local', 'readonly', 'typeset', 'export']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/;

/** Parses shell scripts by recursive descent on their characters: what a character means depends on where it stands. */
class Parser implements Cursor {
  at = 0;
  line = 1;
  bashOnly?: Unexpected;
  #pending: { redirection: Redirection; delimiter: string; quoted: boolean; strip: boolean }[] = [];

  constructor(
    readonly text: string,
    readonly nodes: Node[] = [],
  ) {}

  #add(body: NodeBody, line = this.line): number {
    this.nodes.push({ ...body, id: this.nodes.length, line } as Node);
    return this.nodes.length - 1;
  }

  substitution(): number {
    const body = this.list([')']);
    this.#expect(')');
    return body;
  }

  nested(text: string): number {
    const inner = new Parser(text, this.nodes);
    inner.line = this.line;
    const root = inner.script();
    this.bashOnly ??= inner.bashOnly;
    return root;
  }

  script(): number {
    const root = this.list([]);
    if (this.at < this.text.length) this.#unexpected();
    return root;
  }

  #skip(newlines = false): void {
    for (;;) {
      const char = this.text[this.at];
      if (char === ' ' || char === '\t' || char === '\r') this.at++;
      else if (char === '\\' && this.text[this.at + 1] === '\n') this.at += 2;
      else if (char === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++;
      else if (char === '\n' && newlines) this.#newline();
      else return;
    }
  }

  #newline(): void {
    this.at++;
    this.line++;
    for (const { redirection, delimiter, quoted, strip } of this.#pending.splice(0)) {
      let body = '';
      for (;;) {
        if (this.at >= this.text.length) throw new ShellSyntaxError(undefined, this.line, '<<');
        const end = this.text.indexOf('\n', this.at);
        const raw = this.text.slice(this.at, end < 0 ? undefined : end);
        const line = strip ? raw.replace(/^\t+/, '') : raw;
        this.at = end < 0 ? this.text.length : end + 1;
        this.line++;
        if (line === delimiter) break;
        body += `${line}\n`;
      }
      redirection.target = quoted ? [{ kind: 'text', text: body, quoted: true }] : wordOf(body, this);
    }
  }

  #is(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  /** A reserved word at the cursor. */
  #reserved(): string | undefined {
    const word = /[^\s;&|<>()]+/y;
    word.lastIndex = this.at;
    const found = word.exec(this.text)?.[0];
    return found !== undefined && RESERVED.has(found) ? found : undefined;
  }

  #token(): string | undefined {
    if (this.at >= this.text.length) return undefined;
    const operator = /;;|&&|\|\||[;&|()<>]|\n/y;
    operator.lastIndex = this.at;
    const found = operator.exec(this.text)?.[0];
    if (found) return found;
    const word = /[^\s;&|<>()]+/y;
    word.lastIndex = this.at;
    return word.exec(this.text)?.[0];
  }

  #unexpected(): never {
    throw new ShellSyntaxError(this.#token(), this.line);
  }

  #expect(token: string): void {
    this.#skip(true);
    const word = /^[a-z]|[{}]/.test(token);
    if (word ? this.#reserved() !== token : !this.#is(token)) this.#unexpected();
    this.at += token.length;
  }

  /** Commands up to one of `ends` (reserved words or `)` or `;;`), which is left. */
  list(ends: string[]): number {
    const items: { command: number; background: boolean }[] = [];
    const line = this.line;
    for (;;) {
      this.#skip(true);
      if (this.at >= this.text.length) break;
      if (ends.some((end) => (/[a-z{}]/.test(end) ? this.#reserved() === end : this.#is(end)))) break;
      const command = this.#andOr();
      this.#skip();
      const background = this.#is('&') && !this.#is('&&');
      items.push({ command, background });
      if (background || (this.#is(';') && !this.#is(';;') && !(this.#is(';&') && ends.includes(';&')))) this.at++;
      else if (this.#is('\n')) continue;
      else break;
    }
    this.#skip(true);
    if (ends.length > 0 && items.length === 0) {
      if (!(ends.includes(')') || ends.includes(';;'))) this.#unexpected();
    }
    return this.#add({ kind: 'list', items }, line);
  }

  #andOr(): number {
    const items = [this.#pipeline()];
    const operators: ('&&' | '||')[] = [];
    for (;;) {
      this.#skip();
      const operator = this.#is('&&') ? '&&' : this.#is('||') ? '||' : undefined;
      if (!operator) break;
      this.at += 2;
      this.#skip(true);
      operators.push(operator);
      items.push(this.#pipeline());
    }
    return operators.length === 0 ? items[0]! : this.#add({ kind: 'andor', items, operators });
  }

  #pipeline(): number {
    const line = this.line;
    let negated = false;
    for (;;) {
      this.#skip();
      if (this.#reserved() !== '!') break;
      this.at++;
      negated = !negated;
    }
    const commands = [this.#command()];
    for (;;) {
      this.#skip();
      if (!this.#is('|') || this.#is('||')) break;
      this.at += this.#is('|&') ? 2 : 1;
      this.#skip(true);
      commands.push(this.#command());
    }
    return commands.length === 1 && !negated ? commands[0]! : this.#add({ kind: 'pipeline', commands, negated }, line);
  }

  #command(): number {
    this.#skip();
    if (this.at >= this.text.length) throw new ShellSyntaxError(undefined, this.line);
    const reserved = this.#reserved();
    if (reserved && !OPENERS.has(reserved)) {
      if (reserved !== 'in') this.#unexpected();
      return this.#simple();
    }
    if (reserved) return this.#compound(reserved);
    if (this.#is('((') && isArithmetic(this.text, this.at)) {
      this.at += 2;
      const expression = readArithmetic(this);
      return this.#add({ kind: 'arithmetic', expression, redirections: this.#redirections() });
    }
    if (this.#is('(')) {
      this.at++;
      const body = this.list([')']);
      this.#expect(')');
      return this.#add({ kind: 'subshell', body, redirections: this.#redirections() });
    }
    const definition = /[A-Za-z_][A-Za-z0-9_-]*[ \t]*\([ \t]*\)/y;
    definition.lastIndex = this.at;
    const found = definition.exec(this.text)?.[0];
    if (found) {
      this.at += found.length;
      return this.#function(found.replace(/[ \t]*\(.*/, ''));
    }
    return this.#simple();
  }

  #function(name: string): number {
    this.#skip(true);
    return this.#add({ kind: 'function', name, body: this.#command() });
  }

  #compound(word: string): number {
    const line = this.line;
    this.at += word.length;
    switch (word) {
      case 'if': {
        const clauses = [];
        let otherwise: number | undefined;
        let next = 'if';
        while (next === 'if' || next === 'elif') {
          const condition = this.list(['then']);
          this.#expect('then');
          const body = this.list(['elif', 'else', 'fi']);
          clauses.push({ condition, body });
          next = this.#reserved() ?? this.#unexpected();
          this.at += next.length;
        }
        if (next === 'else') {
          otherwise = this.list(['fi']);
          this.#expect('fi');
        }
        const redirections = this.#redirections();
        return this.#add({ kind: 'if', clauses, ...(otherwise !== undefined && { otherwise }), redirections }, line);
      }
      case 'while':
      case 'until': {
        const condition = this.list(['do']);
        const body = this.#doGroup();
        return this.#add(
          { kind: 'while', until: word === 'until', condition, body, redirections: this.#redirections() },
          line,
        );
      }
      case 'for':
        return this.#for(line);
      case 'select':
        this.bashOnly ??= { token: 'do', line: this.line };
        return this.#for(line, true);
      case 'case':
        return this.#case(line);
      case '{': {
        const body = this.list(['}']);
        this.#expect('}');
        return this.#add({ kind: 'group', body, redirections: this.#redirections() }, line);
      }
      case '[[':
        return this.#condition(line);
      default: {
        this.#skip();
        const name = rawText(readWord(this));
        this.#skip();
        if (this.#is('(')) {
          this.at++;
          this.#expect(')');
        }
        return this.#function(name);
      }
    }
  }

  #doGroup(): number {
    this.#expect('do');
    const body = this.list(['done']);
    this.#expect('done');
    return body;
  }

  #for(line: number, select = false): number {
    this.#skip();
    if (!select && this.#is('((')) {
      this.at += 2;
      const start = this.at;
      readArithmetic(this);
      const [init = '', condition = '', update = ''] = this.text.slice(start, this.at - 2).split(';');
      this.#skip();
      if (this.#is(';')) this.at++;
      const body = this.#doGroup();
      const of = (text: string) => wordOf(text, this, true);
      const redirections = this.#redirections();
      return this.#add(
        { kind: 'for-arithmetic', init: of(init), condition: of(condition), update: of(update), body, redirections },
        line,
      );
    }
    const name = literal(readWord(this));
    if (!name || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ShellSyntaxError(name || this.#token(), this.line);
    this.#skip(true);
    let words: Word[] | undefined;
    if (this.#reserved() === 'in') {
      this.at += 2;
      words = [];
      for (;;) {
        this.#skip();
        const char = this.text[this.at];
        if (char === undefined || char === ';' || char === '\n') break;
        if ('&|<>()'.includes(char)) this.#unexpected();
        words.push(readWord(this));
      }
    }
    this.#skip();
    if (this.#is(';')) this.at++;
    const body = this.#doGroup();
    const redirections = this.#redirections();
    return this.#add(
      { kind: 'for', name, ...(words && { words }), ...(select && { select }), body, redirections },
      line,
    );
  }

  #case(line: number): number {
    this.#skip();
    const word = readWord(this);
    this.#expect('in');
    const items: { patterns: Word[]; body: number; end: ';;' | ';&' | ';;&' }[] = [];
    for (;;) {
      this.#skip(true);
      if (this.#reserved() === 'esac') break;
      if (this.at >= this.text.length) throw new ShellSyntaxError(undefined, this.line);
      if (this.#is('(')) this.at++;
      const patterns: Word[] = [];
      for (;;) {
        this.#skip();
        patterns.push(readWord(this));
        this.#skip();
        if (!this.#is('|')) break;
        this.at++;
      }
      this.#expect(')');
      const body = this.list([';;', ';&', 'esac']);
      const end = ([';;&', ';;', ';&'] as const).find((mark) => this.#is(mark));
      if (end) this.at += end.length;
      items.push({ patterns, body, end: end ?? ';;' });
    }
    this.#expect('esac');
    return this.#add({ kind: 'case', word, items, redirections: this.#redirections() }, line);
  }

  #condition(line: number): number {
    const words: ConditionWord[] = [];
    for (;;) {
      this.#skip(true);
      if (this.at >= this.text.length) throw new ShellSyntaxError(undefined, this.line);
      if (this.#reserved() === undefined && this.#is(']]')) break;
      const operator = ['&&', '||', '(', ')', '<', '>'].find((mark) => this.#is(mark));
      const afterMatch =
        words.at(-1) !== undefined &&
        'word' in words.at(-1)! &&
        literal((words.at(-1) as { word: Word }).word) === '=~';
      if (afterMatch) {
        const text = this.#expression();
        words.push({ word: wordOf(text.replace(/^(["'])(.*)\1$/, '$2'), this) });
      } else if (operator) {
        this.at += operator.length;
        words.push({ operator });
      } else words.push({ word: readWord(this) });
    }
    this.at += 2;
    return this.#add({ kind: 'condition', words, redirections: this.#redirections() }, line);
  }

  /** A regular expression: blank space belongs to it between parentheses and quotes. */
  #expression(): string {
    const start = this.at;
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!;
      if (char === '\\') this.at++;
      else if (char === '(') depth++;
      else if (char === ')') depth--;
      else if (depth <= 0 && /\s/.test(char)) break;
    }
    return this.text.slice(start, this.at);
  }

  #redirections(): Redirection[] {
    const found: Redirection[] = [];
    for (;;) {
      this.#skip();
      const next = this.#redirection();
      if (!next) return found;
      found.push(...next);
    }
  }

  #redirection(): Redirection[] | undefined {
    REDIRECTION.lastIndex = this.at;
    const match = REDIRECTION.exec(this.text);
    if (!match) return undefined;
    const [whole, digits, operator] = match as unknown as [string, string, string];
    // `<(` without a blank between begins a word.
    if (whole === '<' && this.text[this.at + 1] === '(') return undefined;
    this.at += whole.length;
    this.#skip();
    const target = readWord(this);
    if (target.length === 0) this.#unexpected();
    if (operator === '&>' || operator === '&>>') {
      return [
        { fd: 1, operator: operator === '&>' ? '>' : '>>', target },
        { fd: 2, operator: '>&', target: [{ kind: 'text', text: '1', quoted: false }] },
      ];
    }
    const heredoc = operator === '<<' || operator === '<<-';
    const fd = digits ? Number(digits) : operator[0] === '<' ? 0 : 1;
    const redirection: Redirection = { fd, operator: (heredoc ? '<<' : operator) as Redirection['operator'], target };
    if (heredoc) {
      const quoted = target.some((part) => part.kind === 'empty' || (part.kind === 'text' && part.quoted));
      this.#pending.push({ redirection, delimiter: rawText(target), quoted, strip: operator === '<<-' });
    }
    return [redirection];
  }

  #simple(): number {
    const line = this.line;
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    const declared: Assignment[] = [];
    for (;;) {
      this.#skip();
      const redirection = this.#redirection();
      if (redirection) {
        redirections.push(...redirection);
        continue;
      }
      const char = this.text[this.at];
      if (char === undefined || '\n;&|)'.includes(char)) break;
      if (char === '(') this.#unexpected();
      const element = words.length === 0 ? this.#element() : undefined;
      if (element) {
        assignments.push(element);
        continue;
      }
      const word = readWord(this);
      const [first] = word;
      const array = this.#is('(') && word.length === 1 && first?.kind === 'text' && ASSIGNMENT.exec(first.text);
      if (array && array[0] === first.text && (words.length === 0 || DECLARATIONS.has(literal(words[0]!) ?? ''))) {
        const assignment = { name: array[1]!, value: [], append: array[2] === '+', items: this.#items() };
        if (words.length === 0) assignments.push(assignment);
        else {
          words.push([{ kind: 'text', text: array[1]!, quoted: false }]);
          declared.push(assignment);
        }
        continue;
      }
      const match =
        words.length === 0 && first?.kind === 'text' && !first.quoted ? ASSIGNMENT.exec(first.text) : undefined;
      if (match) {
        const rest = (first as { text: string }).text.slice(match[0].length);
        const value: Word = [...(rest ? [{ kind: 'text' as const, text: rest, quoted: false }] : []), ...word.slice(1)];
        assignments.push({ name: match[1]!, value, append: match[2] === '+' });
      } else words.push(word);
    }
    if (words.length + assignments.length + redirections.length === 0) this.#unexpected();
    const simple = this.#add({ kind: 'simple', assignments, words, redirections }, line);
    if (declared.length === 0) return simple;
    // `declare -A m=( … )` is two commands: one says what m is, the other what is in it.
    const filled = this.#add({ kind: 'simple', assignments: declared, words: [], redirections: [] }, line);
    const items = [simple, filled].map((command) => ({ command, background: false }));
    return this.#add({ kind: 'group', body: this.#add({ kind: 'list', items }, line), redirections: [] }, line);
  }

  /** `NAME[subscript]=value` at the cursor. */
  #element(): Assignment | undefined {
    ELEMENT.lastIndex = this.at;
    const name = ELEMENT.exec(this.text)?.[1];
    if (name === undefined) return undefined;
    const start = this.at;
    this.at += name.length;
    const subscript = readSubscript(this)!;
    const operator = ['+=', '='].find((mark) => this.#is(mark));
    if (!operator) {
      this.at = start;
      return undefined;
    }
    this.at += operator.length;
    return { name, subscript, value: readWord(this), append: operator === '+=' };
  }

  /** The words between the parentheses of an array. */
  #items(): Word[] {
    this.bashOnly ??= { token: '(', line: this.line };
    this.at++;
    const items: Word[] = [];
    for (;;) {
      this.#skip(true);
      if (this.at >= this.text.length) throw new ShellSyntaxError(undefined, this.line);
      if (this.#is(')')) break;
      const word = readWord(this);
      if (word.length === 0) this.#unexpected();
      items.push(word);
    }
    this.at++;
    return items;
  }
}

/** Parses a script; throws ShellSyntaxError. */
export function parseScript(text: string): Script {
  const parser = new Parser(text);
  const root = parser.script();
  return { nodes: parser.nodes, root, ...(parser.bashOnly && { bashOnly: parser.bashOnly }) };
}
