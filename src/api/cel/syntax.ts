import type { Issue } from './issues.ts';
import { quoted, TOKEN_KINDS, type Token, type TokenKind } from './tokens.ts';

// cel-go's parser is ANTLR's, and so are its words about a syntax error and its way of going on after one
// (DefaultErrorStrategy). This recogniser reads the same grammar with the same strategy; it builds nothing.

type Element =
  | TokenKind
  | { rule: RuleName }
  | { maybe: Element[] }
  /** `look` 2: a comma begins another round only if something follows it. */
  | { star: Element[]; look?: 2 }
  | { plus: Element[] }
  | { oneOf: Element[][]; choose: (parser: Recognizer) => number };

type RuleName = keyof typeof GRAMMAR_NAMES;
const GRAMMAR_NAMES = {
  start: 0,
  expr: 0,
  conditionalOr: 0,
  conditionalAnd: 0,
  relation: 0,
  calc: 0,
  unary: 0,
  member: 0,
  primary: 0,
  exprList: 0,
  listInit: 0,
  mapInit: 0,
  fieldInit: 0,
  optField: 0,
  escapeIdent: 0,
  optExpr: 0,
  literal: 0,
}; // prettier-ignore

const rule = (name: RuleName): Element => ({ rule: name });
const any = (...kinds: TokenKind[]): Element => ({
  oneOf: kinds.map((kind) => [kind]),
  choose: ({ next }) => kinds.indexOf(next.kind),
});

/** CEL.g4 without its left recursion. */
const GRAMMAR: Record<RuleName, Element[]> = {
  start: [rule('expr'), '<EOF>'],
  expr: [rule('conditionalOr'), { maybe: ["'?'", rule('conditionalOr'), "':'", rule('expr')] }],
  conditionalOr: [rule('conditionalAnd'), { star: ["'||'", rule('conditionalAnd')] }],
  conditionalAnd: [rule('relation'), { star: ["'&&'", rule('relation')] }],
  relation: [rule('calc'), { star: [any("'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'"), rule('calc')] }],
  calc: [rule('unary'), { star: [any("'*'", "'/'", "'%'", "'+'", "'-'"), rule('unary')] }],
  unary: [
    {
      oneOf: [[rule('member')], [{ plus: ["'!'"] }, rule('member')], [{ plus: ["'-'"] }, rule('member')]],
      choose: chooseUnary,
    },
  ],
  member: [
    rule('primary'),
    {
      star: [
        {
          oneOf: [
            ["'.'", { maybe: ["'?'"] }, rule('escapeIdent')],
            ["'.'", 'IDENTIFIER', "'('", { maybe: [rule('exprList')] }, "')'"],
            ["'['", { maybe: ["'?'"] }, rule('expr'), "']'"],
          ],
          choose: chooseMember,
        },
      ],
    },
  ],
  primary: [
    {
      oneOf: [
        [{ maybe: ["'.'"] }, 'IDENTIFIER'],
        [{ maybe: ["'.'"] }, 'IDENTIFIER', "'('", { maybe: [rule('exprList')] }, "')'"],
        ["'('", rule('expr'), "')'"],
        ["'['", { maybe: [rule('listInit')] }, { maybe: ["','"] }, "']'"],
        ["'{'", { maybe: [rule('mapInit')] }, { maybe: ["','"] }, "'}'"],
        [
          { maybe: ["'.'"] },
          'IDENTIFIER',
          { star: ["'.'", 'IDENTIFIER'] },
          "'{'",
          { maybe: [rule('fieldInit')] },
          { maybe: ["','"] },
          "'}'",
        ], // prettier-ignore
        [rule('literal')],
      ],
      choose: choosePrimary,
    },
  ],
  exprList: [rule('expr'), { star: ["','", rule('expr')] }],
  listInit: [rule('optExpr'), { star: ["','", rule('optExpr')], look: 2 }],
  mapInit: [rule('optExpr'), "':'", rule('expr'), { star: ["','", rule('optExpr'), "':'", rule('expr')], look: 2 }],
  fieldInit: [rule('optField'), "':'", rule('expr'), { star: ["','", rule('optField'), "':'", rule('expr')], look: 2 }],
  optField: [{ maybe: ["'?'"] }, rule('escapeIdent')],
  escapeIdent: [any('IDENTIFIER', 'ESC_IDENTIFIER')],
  optExpr: [{ maybe: ["'?'"] }, rule('expr')],
  literal: [
    {
      oneOf: [
        [{ maybe: ["'-'"] }, 'NUM_INT'],
        ['NUM_UINT'],
        [{ maybe: ["'-'"] }, 'NUM_FLOAT'],
        ['STRING'],
        ['BYTES'],
        ["'true'"],
        ["'false'"],
        ["'null'"],
      ], // prettier-ignore
      choose: ({ next, peek }) => {
        const kind = next.kind === "'-'" ? peek(1).kind : next.kind;
        return ['NUM_INT', 'NUM_UINT', 'NUM_FLOAT', 'STRING', 'BYTES', "'true'", "'false'", "'null'"].indexOf(kind);
      },
    },
  ],
};

const isNumber = ({ kind }: Token): boolean => kind === 'NUM_INT' || kind === 'NUM_FLOAT';

function chooseUnary(parser: Recognizer): number {
  const { next } = parser;
  if (next.kind === "'!'") return 1;
  if (next.kind !== "'-'") return 0;
  const after = parser.peek(1);
  if (isNumber(after)) return 0;
  if (after.kind !== "'-'" && !parser.first([rule('member')]).has(after.kind)) throw parser.noWay(0, 1);
  return 2;
}

function chooseMember(parser: Recognizer): number {
  if (parser.next.kind === "'['") return 2;
  const name = parser.peek(1).kind;
  if (name === 'IDENTIFIER') return parser.peek(2).kind === "'('" ? 1 : 0;
  if (name === "'?'" || name === 'ESC_IDENTIFIER') return 0;
  throw parser.noWay(0, 1);
}

function choosePrimary(parser: Recognizer): number {
  const { next } = parser;
  const direct: Partial<Record<TokenKind, number>> = { "'('": 2, "'['": 3, "'{'": 4 };
  if (next.kind === "'-'" && !isNumber(parser.peek(1))) throw parser.noWay(0, 1);
  if (next.kind !== "'.'" && next.kind !== 'IDENTIFIER') return direct[next.kind] ?? 6;
  let at = next.kind === "'.'" ? 1 : 0;
  if (parser.peek(at).kind !== 'IDENTIFIER') throw parser.noWay(0, at);
  if (parser.peek(at + 1).kind === "'('") return 1;
  while (parser.peek(at + 1).kind === "'.'" && parser.peek(at + 2).kind === 'IDENTIFIER') at += 2;
  return parser.peek(at + 1).kind === "'{'" ? 5 : 0;
}

/** What is left to read: the rest of a sequence, then what comes after it; `of` ends a rule. */
interface Rest {
  elements: readonly Element[];
  index: number;
  after: Rest | undefined;
  endsRule: boolean;
}

const EMPTY = Symbol('nothing');
type Kinds = Set<TokenKind | typeof EMPTY>;

/** A rule cannot go on (InputMismatchException, NoViableAltException). */
class Mismatch {
  constructor(
    readonly offset: number,
    readonly message: string,
  ) {}
}

class Recognizer {
  private at = 0;
  private recovering = false;
  private lastError = -1;
  /** Where each rule that is being read will go on. */
  private readonly returns: Rest[] = [];

  constructor(
    private readonly tokens: readonly Token[],
    private readonly textOf: (from: number, to: number) => string,
    private readonly issues: Issue[],
  ) {}

  get next(): Token {
    return this.tokens[this.at]!;
  }

  readonly peek = (ahead: number): Token => this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]!;

  run(): void {
    this.readRule('start', undefined);
  }

  /** No alternative goes on with the token at `to`. */
  noWay(from: number, to: number): Mismatch {
    const [first, last] = [this.peek(from), this.peek(to)];
    const text = this.textOf(first.start, last.end);
    return new Mismatch(last.start, `no viable alternative at input ${quoted(text)}`);
  }

  /** What may begin a sequence. */
  first(elements: readonly Element[]): Kinds {
    const kinds: Kinds = new Set();
    if (this.addFirst(elements, kinds)) kinds.add(EMPTY);
    return kinds;
  }

  /** Whether the sequence may be empty. */
  private addFirst(elements: readonly Element[], kinds: Kinds, from = 0): boolean {
    for (const element of elements.slice(from)) {
      if (typeof element === 'string') {
        kinds.add(element);
        return false;
      }
      let empty = false;
      if ('rule' in element) empty = this.addFirst(GRAMMAR[element.rule], kinds);
      else if ('oneOf' in element) for (const one of element.oneOf) empty = this.addFirst(one, kinds) || empty;
      else if ('plus' in element) empty = this.addFirst(element.plus, kinds);
      else {
        this.addFirst('maybe' in element ? element.maybe : element.star, kinds);
        empty = true;
      }
      if (!empty) return false;
    }
    return true;
  }

  /** What may come next in the rule (with EMPTY when the rule may end), or (`whole`) in all that is being read. */
  private expected(rest: Rest | undefined, whole: boolean): Kinds {
    const kinds: Kinds = new Set();
    let depth = this.returns.length;
    let place = rest;
    while (place) {
      if (!this.addFirst(place.elements, kinds, place.index)) return kinds;
      if (!place.endsRule) place = place.after;
      else if (!whole) break;
      else {
        depth -= 1;
        place = this.returns[depth];
      }
    }
    kinds.add(EMPTY);
    return kinds;
  }

  private show(kinds: Kinds): string {
    const names = ['<EOF>', ...TOKEN_KINDS].filter((kind) => kinds.has(kind as TokenKind));
    return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
  }

  private report(offset: number, message: string): void {
    if (this.recovering) return;
    this.recovering = true;
    this.issues.push({ offset, message: `Syntax error: ${message}` });
  }

  private get shown(): string {
    return quoted(this.next.text);
  }

  private mismatch(rest: Rest): Mismatch {
    return new Mismatch(
      this.next.start,
      `mismatched input ${this.shown} expecting ${this.show(this.expected(rest, true))}`,
    );
  }

  private consume(): void {
    if (this.at < this.tokens.length - 1) this.at += 1;
  }

  /** The next token is one too many: the one behind it is what is wanted. */
  private deletesOne(rest: Rest): boolean {
    const expected = this.expected(rest, true);
    if (!expected.has(this.peek(1).kind) || this.next.kind === '<EOF>') return false;
    this.report(this.next.start, `extraneous input ${this.shown} expecting ${this.show(expected)}`);
    this.consume();
    this.recovering = false;
    return true;
  }

  private match(kind: TokenKind, rest: Rest): void {
    if (this.next.kind === kind) {
      this.recovering = false;
      this.consume();
      return;
    }
    if (this.deletesOne(rest)) {
      this.consume();
      return;
    }
    if (!this.expected({ ...rest, index: rest.index + 1 }, true).has(this.next.kind)) throw this.mismatch(rest);
    this.report(this.next.start, `missing ${this.show(this.expected(rest, true))} at ${this.shown}`);
  }

  /** Before a choice: is what comes next anything that may come? */
  private sync(rest: Rest, behindLoop = false): void {
    if (this.recovering) return;
    const local = this.expected(rest, false);
    if (local.has(EMPTY) || local.has(this.next.kind)) return;
    if (!behindLoop) {
      if (!this.deletesOne(rest)) throw this.mismatch(rest);
      return;
    }
    const expected = this.expected(rest, true);
    this.report(this.next.start, `extraneous input ${this.shown} expecting ${this.show(expected)}`);
    this.skipTo(new Set([...expected, ...this.recoverySet()]));
  }

  private recoverySet(): Kinds {
    const kinds: Kinds = new Set();
    for (const rest of this.returns) for (const kind of this.expected(rest, false)) if (kind !== EMPTY) kinds.add(kind);
    return kinds;
  }

  private skipTo(kinds: Kinds): void {
    while (this.next.kind !== '<EOF>' && !kinds.has(this.next.kind)) this.consume();
  }

  private readRule(name: RuleName, behind: Rest | undefined): void {
    if (behind) this.returns.push(behind);
    try {
      this.readAll({ elements: GRAMMAR[name], index: 0, after: undefined, endsRule: true });
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.report(error.offset, error.message);
      if (this.lastError === this.at) this.consume();
      this.lastError = this.at;
      this.skipTo(this.recoverySet());
    }
    if (behind) this.returns.pop();
  }

  private readAll(from: Rest): void {
    for (let index = from.index; index < from.elements.length; index += 1) this.read({ ...from, index });
  }

  private read(rest: Rest): void {
    const element = rest.elements[rest.index]!;
    const inner = (elements: readonly Element[], after: Rest): Rest => ({ elements, index: 0, after, endsRule: false });
    const behind: Rest = { ...rest, index: rest.index + 1 };
    if (typeof element === 'string') this.match(element, rest);
    else if ('rule' in element) this.readRule(element.rule, behind);
    else if ('maybe' in element) {
      this.sync(rest);
      if (this.first(element.maybe).has(this.next.kind)) this.readAll(inner(element.maybe, behind));
    } else if ('oneOf' in element) {
      this.sync(rest);
      const chosen = element.oneOf[element.choose(this)];
      if (!chosen) throw this.mismatch(rest);
      this.readAll(inner(chosen, behind));
    } else {
      const again = 'star' in element ? element.star : element.plus;
      const loop: Rest = {
        elements: [{ star: again }, ...rest.elements.slice(rest.index + 1)],
        index: 0,
        after: rest.after,
        endsRule: rest.endsRule,
      };
      this.sync(rest);
      if ('plus' in element) {
        this.readAll(inner(again, loop));
        this.sync(loop, true);
      }
      const starts = this.first(again);
      const second = this.first(again.slice(1));
      const more = () =>
        starts.has(this.next.kind) && (!('star' in element) || element.look !== 2 || second.has(this.peek(1).kind));
      while (more()) {
        this.readAll(inner(again, loop));
        this.sync(loop, true);
      }
    }
  }
}

/** What ANTLR says about tokens that are no expression; nothing is added for those that are. */
export function checkSyntax(
  tokens: readonly Token[],
  textOf: (from: number, to: number) => string,
  issues: Issue[],
): void {
  new Recognizer(tokens, textOf, issues).run();
}
