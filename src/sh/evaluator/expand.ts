import type { FileSystem } from '../process.ts';
import type { ParameterOperation, Part, Word } from '../syntax/ast.ts';
import { literal } from '../syntax/words.ts';
import { ansiQuoted, formatPrintf, hasControls } from '../tools/printf.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { elementName, keyOf, keysOf } from './arrays.ts';
import { hasPattern, matches, patternSource, quotePattern, unquotePattern } from './pattern.ts';
import type { Variable } from './state.ts';

/** Thrown when an expansion needs the output of a command that has not run yet: the caller runs it and expands again. No Error, whose stack would cost more than the expansion. */
export class NeedsSubstitution {
  constructor(
    readonly body: number,
    /** Its output is to be found in a file. */
    readonly file: boolean,
  ) {}
}

/** An expansion that fails ends a script: `name` stands before the message. */
export class ExpansionError extends Error {}

/** What expansion sees of the shell. Assignments are held back by the caller until the expansion is whole. */
export interface ExpansionScope {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  variables: Record<string, Variable>;
  args: string[];
  /** Output of the command substitutions met so far, in order. */
  results: string[];
  unsetIsError: boolean;
  noGlob: boolean;
  braces: boolean;
  cwd: string;
  files: FileSystem;
  /** Words that look like assignments are not split: the arguments of export, local and their like. */
  declares?: boolean;
}

interface Segment {
  text: string;
  quoted: boolean;
}

/** A field while it is being built; `quoted` fields stay even when empty. */
interface Field {
  segments: Segment[];
  kept: boolean;
}

/** One expansion of a word or of several, counting its way through the substitutions. */
class Expansion {
  #next = 0;

  constructor(private readonly scope: ExpansionScope) {}

  fields(word: Word): Field[] {
    const fields: Field[] = [{ segments: [], kept: false }];
    for (const part of tilde(word, this.scope)) this.#add(part, fields);
    return fields;
  }

  /** Expanded without splitting. `pattern`: quoted characters get a backslash. */
  text(word: Word, pattern = false): string {
    let text = '';
    for (const part of tilde(word, this.scope)) {
      const value = this.#list(part)?.join(this.#between(part)) ?? this.#value(part);
      text += pattern && quotedPart(part) ? quotePattern(value) : value;
    }
    return text;
  }

  /** What stands between the values of `"$*"`. */
  #between(part: Part): string {
    const stars = part.kind === 'parameter' && (part.name === '*' || wholeOf(part) === '*');
    return stars && part.quoted ? ((this.scope.get('IFS') ?? ' ')[0] ?? '') : ' ';
  }

  #add(part: Part, fields: Field[]): void {
    const list = this.#list(part);
    if (list && part.kind === 'parameter') {
      const operation = part.operation && isUse(part.operation) ? part.operation : undefined;
      if (operation?.operator.endsWith('+') && list.length === 0) return;
      if (!operation?.operator.endsWith('-') || list.length > 0) {
        if (operation?.operator.endsWith('+')) for (const inner of operation.word) this.#add(inner, fields);
        else this.#positional(part, list, fields);
        return;
      }
    }
    if (part.kind === 'parameter' && part.operation && isUse(part.operation)) {
      const word = this.#used(this.#nameOf(part), part.operation);
      if (word) {
        for (const inner of word)
          this.#add(part.quoted && inner.kind === 'text' ? { ...inner, quoted: true } : inner, fields);
        if (part.quoted) fields.at(-1)!.kept = true;
        return;
      }
    }
    const value = this.#value(part);
    if (part.kind === 'empty' || quotedPart(part) || part.kind === 'text') {
      const field = fields.at(-1)!;
      field.segments.push({ text: value, quoted: quotedPart(part) });
      if (part.kind !== 'text' || value !== '') field.kept = true;
      return;
    }
    this.#split(value, fields);
  }

  #positional(part: Part & { kind: 'parameter' }, args: string[], fields: Field[]): void {
    if (part.quoted && (part.name === '*' || wholeOf(part) === '*')) {
      const separator = (this.scope.get('IFS') ?? ' ')[0] ?? '';
      fields.at(-1)!.segments.push({ text: args.join(separator), quoted: true });
      fields.at(-1)!.kept = true;
      return;
    }
    args.forEach((arg, index) => {
      if (index > 0) fields.push({ segments: [], kept: false });
      if (part.quoted) {
        fields.at(-1)!.segments.push({ text: arg, quoted: true });
        fields.at(-1)!.kept = true;
      } else this.#split(arg, fields);
    });
  }

  #split(value: string, fields: Field[]): void {
    const ifs = this.scope.get('IFS') ?? ' \t\n';
    let field = fields.at(-1)!;
    let text = '';
    const flush = () => {
      if (text === '') return;
      field.segments.push({ text, quoted: false });
      field.kept = true;
      text = '';
    };
    const begin = () => {
      field = { segments: [], kept: false };
      fields.push(field);
    };
    for (let i = 0; i < value.length; i++) {
      const char = value[i]!;
      if (!ifs.includes(char)) text += char;
      else {
        flush();
        if (' \t\n'.includes(char)) {
          if (field.kept) begin();
        } else {
          field.kept = true;
          begin();
        }
      }
    }
    flush();
  }

  #value(part: Part): string {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'empty':
        return '';
      case 'substitution': {
        const result = this.scope.results[this.#next++];
        if (result === undefined) throw new NeedsSubstitution(part.body, part.file === true);
        return result;
      }
      case 'arithmetic':
        return String(
          evaluateArithmetic(this.text(part.expression), {
            get: (name) => this.#parameter(name) ?? '',
            set: (name, value) => this.scope.set(name, value),
          }),
        );
      case 'parameter':
        if (part.operation?.operator === 'length' && wholeOf(part))
          return String(keysOf(this.scope.variables, part.name).length);
        return this.#operate(this.#nameOf(part), part.operation);
    }
  }

  #parameter(name: string): string | undefined {
    if (/^[0-9]+$/.test(name)) return this.scope.args[Number(name)];
    if (name === '@' || name === '*')
      return this.scope.args.length > 1 ? this.scope.args.slice(1).join(' ') : undefined;
    return this.scope.get(name) ?? (NAME.test(name) ? this.scope.get(elementName(name, '0')) : undefined);
  }

  /** The variable that a parameter names: an element's own. */
  #nameOf(part: Part & { kind: 'parameter' }): string {
    const { name, subscript } = part;
    if (!subscript || wholeOf(part)) return name;
    const key = keyOf(this.scope.variables, name, this.text(subscript), (text) => this.#count(text));
    const element = elementName(name, key);
    return key === '0' && this.scope.get(element) === undefined ? name : element;
  }

  /** What a parameter that stands for several values holds: `$@`, `${a[*]}`, `${!a[@]}`, `${a[@]:1}`, `${a[@]%.txt}`. */
  #list(part: Part): string[] | undefined {
    if (part.kind !== 'parameter') return undefined;
    const { name, operation } = part;
    const positional = name === '@' || name === '*';
    if (operation?.operator === 'names')
      return Object.keys(this.scope.variables)
        .filter((own) => own.startsWith(name) && NAME.test(own))
        .sort();
    if (!positional && !wholeOf(part)) return undefined;
    if (operation?.operator === 'length') return undefined;
    const keys = positional ? [] : keysOf(this.scope.variables, name);
    if (!positional && operation?.operator === '!') return keys;
    const values = positional
      ? this.scope.args.slice(1)
      : keys.map((key) => this.scope.get(elementName(name, key)) ?? this.scope.get(name) ?? '');
    if (!operation || isUse(operation)) return values;
    if (operation.operator !== ':') return values.map((value) => this.#edit(value, operation));
    const all = positional ? this.scope.args : values;
    const at = this.#number(operation.word);
    const start = at < 0 ? all.length + at : at;
    const count = operation.second ? this.#number(operation.second) : undefined;
    return all.slice(start, count === undefined ? undefined : start + count);
  }

  #required(name: string): string {
    const value = this.#parameter(name);
    if (value === undefined && this.scope.unsetIsError && !'@*'.includes(name))
      throw new ExpansionError(`${name}: ${this.scope.braces ? 'unbound variable' : 'parameter not set'}`);
    return value ?? '';
  }

  /** The word of `:-`, `:=`, `:?`, `:+` where it takes the parameter's place. */
  #used(name: string, { operator, word }: ParameterOperation): Word | undefined {
    const value = this.#parameter(name);
    const unset = operator.startsWith(':') ? !value : value === undefined;
    switch (operator.at(-1)) {
      case '+':
        return unset ? [] : word;
      case '-':
        return unset ? word : undefined;
      case '=': {
        if (unset) this.scope.set(name, this.text(word));
        return undefined;
      }
      default:
        if (unset)
          throw new ExpansionError(
            `${name}: ${this.text(word) || (operator === '?' ? 'parameter not set' : 'parameter not set or null')}`,
          );
        return undefined;
    }
  }

  #operate(name: string, operation: ParameterOperation | undefined): string {
    if (!operation) return this.#required(name);
    if (isUse(operation)) {
      const word = this.#used(name, operation);
      return word ? this.text(word) : (this.#parameter(name) ?? '');
    }
    const value = this.#required(name);
    switch (operation.operator) {
      case 'length':
        return String(name === '@' || name === '*' ? this.scope.args.length - 1 : [...value].length);
      case '!':
        return this.#parameter(value) ?? '';
      default:
        return this.#edit(value, operation);
    }
  }

  /** A value with a part cut off, replaced or in other letters. */
  #edit(value: string, operation: ParameterOperation): string {
    const { operator } = operation;
    switch (operator) {
      case '#':
      case '##':
        return value.replace(new RegExp(`^${patternSource(this.text(operation.word, true), operator === '##')}`), '');
      case '%':
      case '%%':
        return removeSuffix(value, this.text(operation.word, true), operator === '%%');
      case '^':
      case '^^':
      case ',':
      case ',,': {
        const pattern = this.text(operation.word, true);
        const change = (char: string) =>
          pattern !== '' && !matches(pattern, char)
            ? char
            : operator[0] === '^'
              ? char.toUpperCase()
              : char.toLowerCase();
        const count = operator.length === 2 ? value.length : 1;
        return [...value.slice(0, count)].map(change).join('') + value.slice(count);
      }
      case '@':
        return transformed(value, this.text(operation.word));
      case ':': {
        const at = this.#number(operation.word);
        const start = at < 0 ? Math.max(0, value.length + at) : at;
        const length = operation.second ? this.#number(operation.second) : undefined;
        return value.slice(
          start,
          length === undefined ? undefined : length < 0 ? value.length + length : start + length,
        );
      }
      default:
        return this.#replace(value, operation);
    }
  }

  #number(word: Word): number {
    return this.#count(this.text(word));
  }

  #count(text: string): number {
    const variables = { get: (name: string) => this.#parameter(name) ?? '', set: () => {} };
    return Number(evaluateArithmetic(text, variables));
  }

  #replace(value: string, { operator, word, second }: ParameterOperation): string {
    const source = patternSource(this.text(word, true));
    if (source === '') return value;
    const replacement = second ? this.text(second) : '';
    const all = operator.startsWith('//');
    const anchored = operator.endsWith('#') ? `^${source}` : operator.endsWith('%') ? `${source}$` : source;
    return value.replace(new RegExp(anchored, all ? 'g' : ''), () => replacement);
  }
}

/** `${x@Q}` and its like. */
function transformed(value: string, letter: string): string {
  switch (letter) {
    case 'Q':
      return hasControls(value) ? ansiQuoted(value) : `'${value.replaceAll("'", `'\\''`)}'`;
    case 'U':
      return value.toUpperCase();
    case 'u':
      return value.slice(0, 1).toUpperCase() + value.slice(1);
    case 'L':
      return value.toLowerCase();
    case 'E':
      return formatPrintf('%b', [value]).text;
    default:
      return value;
  }
}

const NAME = /^[A-Za-z_]\w*$/;

/** `@` or `*` when a subscript means all elements. */
function wholeOf({ subscript }: Part & { kind: 'parameter' }): string | undefined {
  const text = subscript && literal(subscript);
  return text === '@' || text === '*' ? text : undefined;
}

const isUse = ({ operator }: ParameterOperation) => /^:?[-=?+]$/.test(operator);
const quotedPart = (part: Part) =>
  part.kind === 'empty' || (part.kind !== undefined && 'quoted' in part && part.quoted);

function removeSuffix(value: string, pattern: string, greedy: boolean): string {
  const cuts = Array.from({ length: value.length + 1 }, (_, index) => (greedy ? index : value.length - index));
  const cut = cuts.find((index) => matches(pattern, value.slice(index)));
  return cut === undefined ? value : value.slice(0, cut);
}

function tilde(word: Word, scope: ExpansionScope): Word {
  const [first, ...rest] = word;
  const [, name] = (first?.kind === 'text' && !first.quoted && /^~(root)?(?=\/|$)/.exec(first.text)) || [];
  if (first?.kind !== 'text' || first.quoted || !/^~(root)?(\/|$)/.test(first.text)) return word;
  return [
    { kind: 'text', text: name ? '/root' : (scope.get('HOME') ?? '/root'), quoted: true },
    { ...first, text: first.text.slice(1 + (name?.length ?? 0)) },
    ...rest,
  ];
}

/** `1..5`, `01..10..2`, `a..e` */
const RANGE = /^(-?[0-9]+|[a-zA-Z])\.\.(-?[0-9]+|[a-zA-Z])(?:\.\.(-?[0-9]+))?$/;

/** Where the first `{…}` of a text stands that has choices in it, and its choices. */
function bracesIn(text: string): { start: number; end: number; choices: string[] } | undefined {
  for (let start = text.indexOf('{'); start >= 0; start = text.indexOf('{', start + 1)) {
    if (text[start - 1] === '$') continue;
    let depth = 0;
    const choices: string[] = [];
    let from = start + 1;
    for (let at = start; at < text.length; at++) {
      const char = text[at];
      if (char === '{') depth++;
      if (char === ',' && depth === 1) {
        choices.push(text.slice(from, at));
        from = at + 1;
      }
      if (char !== '}' || --depth > 0) continue;
      const last = text.slice(from, at);
      const range = choices.length === 0 ? RANGE.exec(last) : null;
      const found = range ? rangeOf(range[1]!, range[2]!, range[3]) : choices.length > 0 ? [...choices, last] : [];
      if (found.length > 0) return { start, end: at + 1, choices: found };
      break;
    }
  }
  return undefined;
}

/** `{a,b}` and `{1..3}` in unquoted text. */
function braceExpand(word: Word): Word[] {
  for (const [index, part] of word.entries()) {
    if (part.kind !== 'text' || part.quoted) continue;
    const found = bracesIn(part.text);
    if (!found) continue;
    const [before, after] = [part.text.slice(0, found.start), part.text.slice(found.end)];
    return found.choices.flatMap((choice) =>
      braceExpand([
        ...word.slice(0, index),
        { kind: 'text', text: before + choice + after, quoted: false },
        ...word.slice(index + 1),
      ]),
    );
  }
  return [word];
}

function rangeOf(from: string, to: string, by?: string): string[] {
  const numeric = /[0-9]/.test(from) && /[0-9]/.test(to);
  if (!numeric && (/[0-9]/.test(from) || /[0-9]/.test(to))) return [];
  const [start, end] = numeric ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)];
  const step = (start <= end ? 1 : -1) * (Math.abs(Number(by ?? 1)) || 1);
  const padded = numeric && [from, to].some((text) => /^-?0[0-9]/.test(text));
  const width = padded ? Math.max(from.length, to.length) : 0;
  const shown = (number: number) =>
    number < 0 ? `-${String(-number).padStart(width - 1, '0')}` : String(number).padStart(width, '0');
  return Array.from({ length: Math.floor(Math.abs(end - start) / Math.abs(step)) + 1 }, (_, i) =>
    numeric ? shown(start + i * step) : String.fromCharCode(start + i * step),
  );
}

/** Paths that match a pattern, sorted; none when nothing does. */
export function glob(pattern: string, cwd: string, files: FileSystem): string[] {
  const absolute = pattern.startsWith('/');
  let found = [absolute ? '/' : ''];
  for (const piece of pattern.split('/').filter(Boolean)) {
    found = found.flatMap((base) => {
      const join = (name: string) => (base === '' || base.endsWith('/') ? base + name : `${base}/${name}`);
      const at = (path: string) => (absolute ? path : `${cwd === '/' ? '' : cwd}/${path}`);
      if (!hasPattern(piece)) {
        const path = join(unquotePattern(piece));
        return files.stat(at(path)) ? [path] : [];
      }
      try {
        const names = files
          .list(at(base))
          .filter((name) => matches(piece, name) && (piece[0] === '.' || name[0] !== '.'));
        return names.sort().map(join);
      } catch {
        return [];
      }
    });
  }
  return found.filter((path) => path !== '');
}

function finish(field: Field, scope: ExpansionScope): string[] {
  const plain = field.segments.map(({ text }) => text).join('');
  if (scope.noGlob || !field.segments.some(({ text, quoted }) => !quoted && /[*?[]/.test(text))) return [plain];
  const pattern = field.segments.map(({ text, quoted }) => (quoted ? quotePattern(text) : text)).join('');
  const found = glob(pattern, scope.cwd, scope.files);
  return found.length > 0 ? found : [plain];
}

const isAssignment = ([first]: Word) => first?.kind === 'text' && !first.quoted && /^[A-Za-z_]\w*\+?=/.test(first.text);

function wordsWith(expansion: Expansion, words: Word[], scope: ExpansionScope): string[] {
  const all = scope.braces ? words.flatMap(braceExpand) : words;
  return all.flatMap((word) =>
    scope.declares && isAssignment(word)
      ? [expansion.text(word)]
      : expansion
          .fields(word)
          .filter((field) => field.kept)
          .flatMap((field) => finish(field, scope)),
  );
}

/** Words with splitting and globbing, as a command's arguments. Throws NeedsSubstitution, ExpansionError, ArithmeticError. */
export const expandWords = (words: Word[], scope: ExpansionScope): string[] =>
  wordsWith(new Expansion(scope), words, scope);

/** Several words, each to one text: an assignment's value, a redirection's target, a case's word. */
export function expandTexts(words: { word: Word; pattern?: boolean }[], scope: ExpansionScope): string[] {
  const expansion = new Expansion(scope);
  return words.map(({ word, pattern }) => expansion.text(word, pattern));
}

/** What a simple command is made of: its arguments, arrays, and words that are one text each. */
export interface Expandable<T> {
  words: T[];
  lists: T[][];
  texts: T[];
  /** The variables that the first texts become, where each sees those before it. */
  names?: string[];
}

/** Arguments, then arrays, then texts. */
export function expandAll(
  { words, lists, texts, names = [] }: Expandable<Word>,
  scope: ExpansionScope,
): Expandable<string> {
  const fresh: Record<string, string> = {};
  const own = names.length > 1 ? { ...scope, get: (name: string) => fresh[name] ?? scope.get(name) } : scope;
  const expansion = new Expansion(own);
  return {
    words: wordsWith(expansion, words, scope),
    lists: lists.map((items) => wordsWith(expansion, items, { ...scope, declares: false })),
    texts: texts.map((word, index) => {
      const text = expansion.text(word);
      if (names[index]) fresh[names[index]!] = text;
      return text;
    }),
  };
}
