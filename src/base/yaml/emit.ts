import { goFloat } from '../go-quote.ts';
import { compareKeys } from './key-order.ts';
import { isBase60, resolvePlain } from './resolve.ts';

const WIDTH = 80;
const INDENT = 2;
const MAX_SIMPLE_KEY = 128;

type Style = 'plain' | 'single' | 'double' | 'literal';

/** Which styles a text can be written in. */
interface Analysis {
  multiline: boolean;
  plain: boolean;
  single: boolean;
  block: boolean;
}

/** Text that any style can hold, told at a glance. */
const SIMPLE = /^[A-Za-z_/][-A-Za-z0-9_./]*$/;
const ONE_LINE = /^[ -~]*$/;
/** Halves of surrogate pairs have no UTF-8: Go reads U+FFFD. */
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, '\ufffd');
const isBreak = (character: string | undefined) =>
  character !== undefined && /^[\r\n\u0085\u2028\u2029]$/.test(character);
const isPrintable = (character: string) => /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(character);

function analyze(text: string): Analysis {
  if (text === '') return { multiline: false, plain: true, single: true, block: false };
  if (SIMPLE.test(text)) return { multiline: false, plain: true, single: true, block: true };
  const characters = [...text];
  const isBlank = (at: number) => at >= characters.length || characters[at] === ' ' || characters[at] === '\t';
  const result: Analysis = { multiline: false, plain: !/^(?:---|\.\.\.)/.test(text), single: true, block: true };
  const last = characters.length - 1;
  let previous: 'space' | 'break' | undefined;
  for (const [at, character] of characters.entries()) {
    const first = at === 0;
    if (first && /^[#,[\]{}&*!|>'"%@`]$/.test(character)) result.plain = false;
    if (((first && /^[?-]$/.test(character)) || character === ':') && isBlank(at + 1)) result.plain = false;
    if (character === '#' && !first && (isBlank(at - 1) || isBreak(characters[at - 1]))) result.plain = false;
    if (!isPrintable(character)) result.plain = result.single = result.block = false;
    if (character === ' ') {
      if (first || at === last) result.plain = false;
      if (at === last) result.block = false;
      if (previous === 'break') result.plain = result.single = false;
      previous = 'space';
    } else if (isBreak(character)) {
      result.multiline = true;
      result.plain = false;
      if (previous === 'space') result.single = result.block = false;
      previous = 'break';
    } else previous = undefined;
  }
  return result;
}

const DOUBLE_ESCAPES: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escapeDouble(character: string): string {
  const known = DOUBLE_ESCAPES[character];
  if (known) return `\\${known}`;
  const code = character.codePointAt(0)!;
  const [letter, width] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(width, '0')}`;
}

/** Whether go-yaml would read `text`, written plain, as the string it is. */
const readsAsString = (text: string) => resolvePlain(text).tag === 'str' && !isBase60(text);

/** Go's unsigned and signed 64-bit integers are written whole; larger ones are floats to it. */
function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value);
  const whole = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64;
  if (whole) return Object.is(value, -0) ? '0' : String(value);
  return goFloat(value);
}

/** sigs.k8s.io/yaml reads the JSON as YAML first, where NEL breaks lines, even in quotes: one folds to a space. */
const readBack = (text: string) =>
  text.includes('\u0085')
    ? text.replace(/[ \t]*\u0085[ \t\u0085]*/g, (breaks) => '\n'.repeat(breaks.replace(/[ \t]/g, '').length - 1) || ' ')
    : text;

/** Block style as libyaml's emitter writes it: the state is what decides where lines break. */
class Emitter {
  output = '';
  private column = 0;
  private indent = -1;
  /** Whether the last character was a space or indentation, and whether the line holds nothing but indentation. */
  private whitespace = true;
  private indention = true;

  node(value: unknown, context: 'root' | 'sequence' | 'mapping'): void {
    if (Array.isArray(value)) this.sequence(value, context === 'mapping');
    else if (value !== null && typeof value === 'object') this.mapping(value);
    else this.scalar(value, false);
  }

  endDocument(): void {
    this.indent = -1;
    this.writeIndent();
  }

  private sequence(items: unknown[], inMapping: boolean): void {
    if (items.length === 0) return this.indicator('[]');
    this.nested(inMapping && !this.indention, () => {
      for (const item of items) {
        this.writeIndent();
        this.indicator('-', true);
        this.node(item, 'sequence');
      }
    });
  }

  private mapping(members: object): void {
    const entries = Object.entries(members).filter(([, value]) => value !== undefined);
    if (entries.length === 0) return this.indicator('{}');
    entries.sort(([a], [b]) => compareKeys(a, b));
    this.nested(false, () => {
      for (const [key, value] of entries) {
        this.writeIndent();
        const simple = !analyze(key).multiline && Buffer.byteLength(key) <= MAX_SIMPLE_KEY;
        if (!simple) this.indicator('?', true);
        this.scalar(key, simple);
        if (simple) {
          this.put(':');
          this.whitespace = this.indention = false;
        } else {
          this.writeIndent();
          this.indicator(':', true);
        }
        this.node(value, 'mapping');
      }
    });
  }

  private nested(indentless: boolean, write: () => void, flow = false): void {
    const before = this.indent;
    if (before < 0) this.indent = flow ? INDENT : 0;
    else if (!indentless) this.indent += INDENT;
    write();
    this.indent = before;
  }

  private scalar(value: unknown, isKey: boolean): void {
    if (typeof value === 'string') return this.string(readBack(wellFormed(value)), isKey);
    const text = typeof value === 'number' || typeof value === 'bigint' ? numberText(value) : String(value ?? null);
    this.whole(text);
  }

  private string(text: string, isKey: boolean): void {
    const analysis = analyze(text);
    let style: Style = text.includes('\n') ? 'literal' : readsAsString(text) ? 'plain' : 'double';
    if (isKey && analysis.multiline) style = 'double';
    if (style === 'plain' && !analysis.plain) style = 'single';
    if (style === 'single' && !analysis.single) style = 'double';
    if (style === 'literal' && !analysis.block) style = 'double';
    this.nested(
      false,
      () => {
        if (style === 'literal') this.literal(text);
        else if (style === 'plain') this.plain(text, !isKey);
        else if (style === 'single') this.single(text, !isKey);
        else this.double(text, !isKey);
      },
      true,
    );
  }

  private plain(text: string, mayBreak: boolean): void {
    if (!mayBreak || (ONE_LINE.test(text) && this.column + text.length < WIDTH)) return this.whole(text);
    if (!this.whitespace) this.put(' ');
    this.folded([...text], mayBreak, false);
    this.whitespace = this.indention = false;
  }

  private single(text: string, mayBreak: boolean): void {
    this.indicator("'");
    this.folded([...text], mayBreak, true);
    this.put("'");
    this.whitespace = this.indention = false;
  }

  /** Writes plain and single-quoted text, breaking lines at single spaces beyond the width. */
  private folded(characters: string[], mayBreak: boolean, quoted: boolean): void {
    let spaces = false;
    let breaks = false;
    for (let at = 0; at < characters.length; at++) {
      const character = characters[at]!;
      if (character === ' ') {
        const inside = !quoted || (at > 0 && at < characters.length - 1);
        if (mayBreak && !spaces && this.column > WIDTH && inside && characters[at + 1] !== ' ') this.writeIndent();
        else this.put(character);
        spaces = true;
      } else if (isBreak(character)) {
        if (!breaks && character === '\n') this.breakLine('\n');
        this.breakLine(character);
        this.indention = true;
        breaks = true;
      } else {
        if (breaks) this.writeIndent();
        if (quoted && character === "'") this.put("'");
        this.put(character);
        this.indention = spaces = breaks = false;
      }
    }
  }

  private double(text: string, mayBreak: boolean): void {
    this.indicator('"');
    const characters = [...text];
    // libyaml looks for the mark at the text's start only, and then escapes everything.
    const escapesAll = characters[0] === '\ufeff';
    let spaces = false;
    for (let at = 0; at < characters.length; at++) {
      const character = characters[at]!;
      if (escapesAll || !isPrintable(character) || isBreak(character) || character === '"' || character === '\\') {
        this.put(escapeDouble(character));
        spaces = false;
      } else if (character === ' ') {
        if (mayBreak && !spaces && this.column > WIDTH && at > 0 && at < characters.length - 1) {
          this.writeIndent();
          if (characters[at + 1] === ' ') this.put('\\');
        } else this.put(character);
        spaces = true;
      } else {
        this.put(character);
        spaces = false;
      }
    }
    this.put('"');
    this.whitespace = this.indention = false;
  }

  private literal(text: string): void {
    const characters = [...text];
    const [last, beforeLast] = [characters.at(-1), characters.at(-2)];
    const hint = characters[0] === ' ' || isBreak(characters[0]) ? String(INDENT) : '';
    const chomp = !isBreak(last) ? '-' : characters.length === 1 || isBreak(beforeLast) ? '+' : '';
    this.indicator(`|${hint}${chomp}`);
    this.breakLine('\n');
    this.indention = this.whitespace = true;
    let breaks = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.breakLine(character);
        this.indention = breaks = true;
        continue;
      }
      if (breaks) this.writeIndent();
      this.put(character);
      this.indention = breaks = false;
    }
  }

  /** A token that nothing breaks. */
  private whole(text: string): void {
    if (!this.whitespace) this.put(' ');
    this.put(text);
    this.whitespace = this.indention = false;
  }

  /** A mark, set off by a space; after `-`, `?` and `:` a nested block may begin on the same line. */
  private indicator(mark: string, opensBlock = false): void {
    if (!this.whitespace) this.put(' ');
    this.put(mark);
    this.whitespace = false;
    this.indention = this.indention && opensBlock;
  }

  private writeIndent(): void {
    const indent = Math.max(this.indent, 0);
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace)) this.breakLine('\n');
    if (this.column < indent) this.put(' '.repeat(indent - this.column));
    this.whitespace = this.indention = true;
  }

  private put(text: string): void {
    this.output += text;
    this.column += text.length === 1 || ONE_LINE.test(text) ? text.length : [...text].length;
  }

  private breakLine(character: string): void {
    this.output += character;
    this.column = 0;
  }
}

/** One YAML document as sigs.k8s.io/yaml writes it: keys sorted, ending with a newline. Members that are undefined are left out. */
export function emitYaml(value: unknown): string {
  const emitter = new Emitter();
  emitter.node(value, 'root');
  emitter.endDocument();
  return emitter.output;
}
