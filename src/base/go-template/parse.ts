import { GoFloat } from '../go-float.ts';
import { goQuote, goUnquote } from '../go-quote.ts';
import { lex, showToken, type Token, type TokenKind } from './lex.ts';
import type { Command, Operand, Pipeline, Statement } from './nodes.ts';

/** What ends a list of statements. */
type End = 'end' | 'else';

const OPERANDS = new Set<TokenKind>([
  'bool',
  'char',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw',
  'string',
  'variable',
  'open',
]);
const CONSTANTS = new Set(['bool', 'dot', 'nil', 'number', 'string']);

const isBlank = (statements: Statement[]) =>
  statements.every((statement) => statement.kind === 'text' && statement.text.trim() === '');

class Parser {
  readonly templates = new Map<string, Statement[]>();
  private readonly tokens: Token[];
  private at = 0;
  private furthest = 0;
  private variables = ['$'];
  private rangeDepth = 0;
  private actionLine = 0;

  constructor(
    private readonly name: string,
    text: string,
    private readonly functions: ReadonlySet<string>,
  ) {
    this.tokens = lex(text);
  }

  run(): void {
    const root: Statement[] = [];
    while (this.peek().kind !== 'eof') {
      if (this.peek().kind === 'left' && this.definition()) continue;
      const statement = this.statement();
      if (typeof statement === 'string') this.fail(`unexpected {{${statement}}}`);
      root.push(statement);
    }
    this.add(this.name, root);
  }

  private add(name: string, statements: Statement[]): void {
    const known = this.templates.get(name);
    if (!known || isBlank(known)) this.templates.set(name, statements);
    else if (!isBlank(statements)) this.fail(`template: multiple definition of template ${goQuote(name)}`);
  }

  private peek(): Token {
    this.furthest = Math.max(this.furthest, this.at);
    return this.tokens[this.at] ?? this.tokens.at(-1)!;
  }

  private next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  private skipSpace(): Token {
    while (this.peek().kind === 'space') this.at++;
    return this.peek();
  }

  private nextNonSpace(): Token {
    this.skipSpace();
    return this.next();
  }

  private fail(message: string): never {
    const { line } = this.tokens[this.furthest] ?? this.tokens.at(-1)!;
    throw new Error(`template: ${this.name}:${line}: ${message}`);
  }

  private unexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.fail(`unexpected ${showToken(token)} in ${context}`);
    const elsewhere = this.actionLine !== 0 && this.actionLine !== token.line;
    const where = elsewhere ? ` in action started at ${this.name}:${this.actionLine}` : '';
    this.fail(token.text + (token.text.endsWith(' action') ? where.replace(' in action', '') : where));
  }

  private expect(context: string, ...kinds: TokenKind[]): Token {
    const token = this.nextNonSpace();
    return kinds.includes(token.kind) ? token : this.unexpected(token, context);
  }

  /** `{{define "x"}}…{{end}}`; answers whether it stood there. */
  private definition(): boolean {
    const start = this.at++;
    const token = this.nextNonSpace();
    if (token.kind !== 'keyword' || token.text !== 'define') {
      this.at = start;
      return false;
    }
    const name = this.unquote(this.expect('define clause', 'string', 'raw'));
    this.expect('define clause', 'right');
    this.add(name, this.ownBody('define clause'));
    return true;
  }

  /** The statements of a template of its own, up to its end. */
  private ownBody(context: string): Statement[] {
    const outer = { variables: this.variables, rangeDepth: this.rangeDepth, actionLine: this.actionLine };
    Object.assign(this, { variables: ['$'], rangeDepth: 0, actionLine: 0 });
    const { statements, end } = this.list();
    if (end !== 'end') this.fail(`unexpected {{${end}}} in ${context}`);
    Object.assign(this, outer);
    return statements;
  }

  private list(): { statements: Statement[]; end: End } {
    const statements: Statement[] = [];
    while (this.skipSpace().kind !== 'eof') {
      const statement = this.statement();
      if (typeof statement === 'string') return { statements, end: statement };
      statements.push(statement);
    }
    return this.fail('unexpected EOF');
  }

  private statement(): Statement | End {
    const token = this.nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', text: token.text, position: token.position };
    if (token.kind !== 'left') return this.unexpected(token, 'input');
    this.actionLine = token.line;
    const action = this.action();
    this.actionLine = 0;
    return action;
  }

  private action(): Statement | End {
    const token = this.skipSpace();
    if (token.kind === 'keyword' && token.text !== 'define') {
      this.next();
      return this.control(token);
    }
    const pipeline = this.pipeline('command', 'right');
    return { kind: 'action', pipeline, position: token.position };
  }

  private control(token: Token): Statement | End {
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.branch(token.text);
      case 'else': {
        const following = this.skipSpace();
        const chained = following.kind === 'keyword' && /^(if|with)$/.test(following.text);
        if (!chained) this.expect('else', 'right');
        return 'else';
      }
      case 'end':
        this.expect('end', 'right');
        return 'end';
      case 'break':
      case 'continue': {
        const end = this.nextNonSpace();
        if (end.kind !== 'right') this.unexpected(end, `{{${token.text}}}`);
        if (this.rangeDepth === 0) this.fail(`{{${token.text}}} outside {{range}}`);
        return { kind: token.text, position: token.position };
      }
      case 'template':
        return this.template();
      default:
        return this.block();
    }
  }

  private branch(kind: 'if' | 'with' | 'range'): Statement {
    const scope = this.variables.length;
    const pipeline = this.pipeline(kind, 'right');
    if (kind === 'range') this.rangeDepth++;
    const { statements: body, end } = this.list();
    if (kind === 'range') this.rangeDepth--;
    const branch: Statement = { kind, pipeline, body, position: pipeline.position };
    if (end === 'else') branch.otherwise = this.otherwise(kind);
    this.variables.length = scope;
    return branch;
  }

  private otherwise(kind: 'if' | 'with' | 'range'): Statement[] {
    const following = this.peek();
    if (kind !== 'range' && following.kind === 'keyword' && following.text === kind) {
      this.next();
      return [this.branch(kind)];
    }
    const { statements, end } = this.list();
    if (end !== 'end') this.fail('expected end; found {{else}}');
    return statements;
  }

  private template(): Statement {
    const token = this.nextNonSpace();
    const name = this.templateName(token, 'template clause');
    if (this.skipSpace().kind === 'right') {
      this.next();
      return { kind: 'template', name, position: token.position };
    }
    return { kind: 'template', name, pipeline: this.pipeline('template clause', 'right'), position: token.position };
  }

  private block(): Statement {
    const token = this.nextNonSpace();
    const name = this.templateName(token, 'block clause');
    const pipeline = this.pipeline('block clause', 'right');
    this.add(name, this.ownBody('block clause'));
    return { kind: 'template', name, pipeline, position: token.position };
  }

  private templateName(token: Token, context: string): string {
    return token.kind === 'string' || token.kind === 'raw' ? this.unquote(token) : this.unexpected(token, context);
  }

  private unquote({ kind, text }: Token): string {
    const body = text.slice(1, -1);
    return (kind === 'raw' ? body.replaceAll('\r', '') : goUnquote(body, '"')) ?? this.fail('invalid syntax');
  }

  private pipeline(context: string, end: 'right' | 'close'): Pipeline {
    const { position } = this.skipSpace();
    const pipeline: Pipeline = { kind: 'pipeline', variables: [], assigns: false, commands: [], position };
    this.declarations(pipeline, context);
    for (;;) {
      const token = this.nextNonSpace();
      if (token.kind === end) break;
      if (!OPERANDS.has(token.kind)) this.unexpected(token, context);
      this.at--;
      pipeline.commands.push(this.command());
    }
    if (pipeline.commands.length === 0) this.fail(`missing value for ${context}`);
    pipeline.commands.slice(1).forEach(({ words }, index) => {
      if (CONSTANTS.has(words[0]!.kind)) this.fail(`non executable command in pipeline stage ${index + 2}`);
    });
    return pipeline;
  }

  private declarations(pipeline: Pipeline, context: string): void {
    while (this.skipSpace().kind === 'variable') {
      const start = this.at;
      const { text } = this.next();
      const sign = this.skipSpace();
      const comma = sign.kind === 'mark' && sign.text === ',';
      if (sign.kind !== 'assign' && sign.kind !== 'declare' && !comma) {
        this.at = start;
        return;
      }
      this.next();
      pipeline.variables.push(text);
      this.variables.push(text);
      if (!comma) {
        pipeline.assigns = sign.kind === 'assign';
        return;
      }
      if (context !== 'range' || pipeline.variables.length > 1) this.fail(`too many declarations in ${context}`);
      if (!['variable', 'right', 'close'].includes(this.skipSpace().kind)) {
        this.fail('range can only initialize variables');
      }
    }
  }

  private command(): Command {
    const command: Command = { kind: 'command', words: [], position: this.skipSpace().position };
    for (;;) {
      this.skipSpace();
      const operand = this.operand();
      if (operand) command.words.push(operand);
      const token = this.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'right' || token.kind === 'close') this.at--;
      else if (token.kind !== 'pipe') this.unexpected(token, 'operand');
      break;
    }
    if (command.words.length === 0) this.fail('empty command');
    return command;
  }

  private operand(): Operand | undefined {
    const term = this.term();
    const { kind, position } = this.peek();
    if (!term || kind !== 'field') return term;
    const names: string[] = [];
    while (this.peek().kind === 'field') names.push(this.next().text.slice(1));
    if (term.kind === 'field' || term.kind === 'variable')
      return { ...term, names: [...term.names, ...names], position };
    if (CONSTANTS.has(term.kind)) {
      const shown =
        'source' in term ? term.source : term.kind === 'bool' ? String(term.value) : term.kind === 'nil' ? 'nil' : '.';
      this.fail(`unexpected . after term ${goQuote(shown)}`);
    }
    return { kind: 'chain', operand: term, names, position };
  }

  private term(): Operand | undefined {
    const token = this.nextNonSpace();
    const { position, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.functions.has(text)) this.fail(`function ${goQuote(text)} not defined`);
        return { kind: 'identifier', name: text, position };
      case 'dot':
      case 'nil':
        return { kind: token.kind, position };
      case 'variable':
        if (!this.variables.includes(text)) this.fail(`undefined variable ${goQuote(text)}`);
        return { kind: 'variable', name: text, names: [], position };
      case 'field':
        return { kind: 'field', names: [text.slice(1)], position };
      case 'bool':
        return { kind: 'bool', value: text === 'true', position };
      case 'char':
      case 'number':
        return { kind: 'number', value: this.number(token), source: text, position };
      case 'string':
      case 'raw':
        return { kind: 'string', value: this.unquote(token), source: text, position };
      case 'open':
        return this.pipeline('parenthesized pipeline', 'close');
      default:
        this.at--;
        return undefined;
    }
  }

  private number({ kind, text }: Token): bigint | GoFloat {
    if (kind === 'char') {
      const character = goUnquote(text.slice(1, -1), "'");
      if (character === undefined || [...character].length !== 1) this.fail(`malformed character constant: ${text}`);
      return BigInt(character.codePointAt(0)!);
    }
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '');
    const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase();
    if (/^(0x[0-9a-f]+|0o[0-7]+|0b[01]+|[0-9]+)$/.test(octal))
      return text.startsWith('-') ? -BigInt(octal) : BigInt(octal);
    const value = Number(text.replaceAll('_', ''));
    return Number.isNaN(value) ? this.fail(`bad number syntax: ${goQuote(text)}`) : new GoFloat(value);
  }
}

/** The templates that a text defines, its own under `name`; throws an Error with text/template's message. */
export function parseTemplate(name: string, text: string, functions: ReadonlySet<string>): Map<string, Statement[]> {
  const parser = new Parser(name, text, functions);
  parser.run();
  return parser.templates;
}
