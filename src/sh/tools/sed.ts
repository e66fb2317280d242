import { toRegExp } from './regexp.ts';
import { inputs, isBusybox, linesOf, ok, type Tool, ToolError } from './tool.ts';

type Address = { line: number } | { last: true } | { pattern: RegExp } | { step: [number, number] };

interface SedCommand {
  from?: Address;
  to?: Address | { plus: number };
  negated?: boolean;
  name: string;
  text?: string;
  pattern?: RegExp;
  replacement?: string;
  flags?: string;
  block?: SedCommand[];
  active?: boolean;
  until?: number;
}

/** Reads a sed script. */
/** Characters that the text of a, i and c writes with a backslash. */
const ESCAPES: Record<string, string> = { t: '\t', n: '\n', f: '\f', v: '\v', a: '\x07' };

class SedParser {
  #at = 0;
  #last?: RegExp;

  constructor(
    private readonly text: string,
    private readonly extended: boolean,
  ) {}

  commands(nested = false): SedCommand[] {
    const found: SedCommand[] = [];
    for (;;) {
      while (/[\s;]/.test(this.text[this.#at] ?? '')) this.#at++;
      if (this.#at >= this.text.length) return found;
      if (this.text[this.#at] === '}') {
        if (!nested) throw new ToolError("-e expression #1, char 0: unexpected `}'");
        this.#at++;
        return found;
      }
      if (this.text[this.#at] === '#') {
        while (this.#at < this.text.length && this.text[this.#at] !== '\n') this.#at++;
        continue;
      }
      found.push(this.#command());
    }
  }

  #command(): SedCommand {
    const from = this.#address();
    let to: SedCommand['to'];
    if (from && this.text[this.#at] === ',') {
      this.#at++;
      const plus = /^\+([0-9]+)/.exec(this.text.slice(this.#at));
      if (plus) {
        this.#at += plus[0].length;
        to = { plus: Number(plus[1]) };
      } else to = this.#address();
    }
    this.#blanks();
    const negated = this.text[this.#at] === '!';
    if (negated) this.#at++;
    this.#blanks();
    const name = this.text[this.#at++] ?? '';
    const base = { ...(from && { from }), ...(to && { to }), ...(negated && { negated }), name };
    switch (name) {
      case '{':
        return { ...base, block: this.commands(true) };
      case 's': {
        const [pattern, replacement, flags] = this.#substitution();
        const expression =
          pattern === '' ? (this.#last ?? /(?:)/) : this.#expression(pattern, `g${/[iI]/.test(flags) ? 'i' : ''}`);
        this.#last = expression;
        return { ...base, pattern: expression, replacement, flags };
      }
      case 'y': {
        const [source, target] = this.#substitution();
        return { ...base, text: source, replacement: target };
      }
      case 'a':
      case 'i':
      case 'c': {
        // Blanks before the text are its own only after a backslash.
        const rest = /^[ \t]*(?:\\(?:[ \t]*\n)?)?((?:\\[\s\S]|[^\n\\])*)\n?/.exec(this.text.slice(this.#at))!;
        this.#at += rest[0].length;
        return { ...base, text: rest[1]!.replace(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char) };
      }
      case ':':
      case 'b':
      case 't':
      case 'r':
      case 'w':
      case 'q':
      case 'Q': {
        const rest = /^[ \t]*([^;\n}]*)/.exec(this.text.slice(this.#at))!;
        this.#at += rest[0].length;
        return { ...base, text: rest[1]!.trim() };
      }
      default:
        if (!'dpPDnNgGhHx=l'.includes(name) || name === '')
          throw new ToolError(
            `-e expression #1, char ${this.#at}: ${name === '' ? 'missing command' : `unknown command: \`${name}'`}`,
          );
        return base;
    }
  }

  #blanks(): void {
    while (/[ \t]/.test(this.text[this.#at] ?? '')) this.#at++;
  }

  #address(): Address | undefined {
    const rest = this.text.slice(this.#at);
    const number = /^([0-9]+)(?:~([0-9]+))?/.exec(rest);
    if (number) {
      this.#at += number[0].length;
      return number[2] ? { step: [Number(number[1]), Number(number[2])] } : { line: Number(number[1]) };
    }
    if (rest[0] === '$') {
      this.#at++;
      return { last: true };
    }
    if (rest[0] !== '/' && !/^\\[^\n]/.test(rest)) return undefined;
    if (rest[0] === '\\') this.#at++;
    const delimiter = this.text[this.#at++]!;
    const source = this.#until(delimiter);
    const insensitive = this.text[this.#at] === 'I';
    if (insensitive) this.#at++;
    const pattern = source === '' ? (this.#last ?? /(?:)/) : this.#expression(source, insensitive ? 'i' : '');
    this.#last = pattern;
    return { pattern };
  }

  #expression(source: string, flags: string): RegExp {
    try {
      return toRegExp(source, this.extended, flags);
    } catch (error) {
      throw new ToolError(`-e expression #1, char ${this.#at}: ${(error as ToolError).message}`);
    }
  }

  #until(delimiter: string): string {
    let text = '';
    let inBracket = false;
    for (; this.#at < this.text.length; this.#at++) {
      const char = this.text[this.#at]!;
      if (char === '\\') {
        const next = this.text[++this.#at] ?? '';
        text += next === delimiter && delimiter !== '|' ? next : `\\${next}`;
        continue;
      }
      if (char === '[' && !inBracket && /^\[\^?\]?[^\]]*\]/.test(this.text.slice(this.#at))) inBracket = true;
      else if (char === ']') inBracket = false;
      if (char === delimiter && !inBracket) {
        this.#at++;
        return text;
      }
      text += char;
    }
    throw new ToolError(`-e expression #1, char ${this.text.length}: unterminated \`s' command`);
  }

  #substitution(): [string, string, string] {
    const delimiter = this.text[this.#at++]!;
    const pattern = this.#until(delimiter);
    const replacement = this.#until(delimiter);
    const flags = /^[gpiIemM0-9]*(w\s*\S+)?/.exec(this.text.slice(this.#at))![0];
    this.#at += flags.length;
    return [pattern, replacement, flags];
  }
}

function replaceIn(command: SedCommand, text: string): string | undefined {
  const flags = command.flags ?? '';
  const nth = Number(/[0-9]+/.exec(flags)?.[0] ?? 1);
  let seen = 0;
  let changed = false;
  command.pattern!.lastIndex = 0;
  const result = text.replace(command.pattern!, (...groups) => {
    seen++;
    if (seen < nth || (seen > nth && !flags.includes('g'))) return groups[0] as string;
    changed = true;
    let upper: ((text: string) => string) | undefined;
    return command.replacement!.replace(/\\([\s\S])|&|[^\\&]+/g, (piece, escaped: string | undefined) => {
      if (escaped !== undefined && 'ULE'.includes(escaped)) {
        upper = { U: (t: string) => t.toUpperCase(), L: (t: string) => t.toLowerCase() }[escaped as 'U' | 'L'];
        return '';
      }
      const value =
        piece === '&'
          ? (groups[0] as string)
          : escaped === undefined
            ? piece
            : /[0-9]/.test(escaped)
              ? ((groups[Number(escaped)] as string | undefined) ?? '')
              : ({ n: '\n', t: '\t' }[escaped] ?? escaped);
      return upper ? upper(value) : value;
    });
  });
  return changed ? result : undefined;
}

interface SedState {
  lines: string[];
  index: number;
  hold: string;
  space: string;
  out: string[];
  after: string[];
  ended?: boolean;
  code: number;
}

type Outcome = 'next' | 'delete' | 'restart' | 'quit' | { label: string } | undefined;

function applies(command: SedCommand, state: SedState): boolean {
  const number = state.index + 1;
  const hits = (address: Address): boolean => {
    if ('line' in address) return address.line === number;
    if ('last' in address) return state.index === state.lines.length - 1;
    if ('step' in address)
      return address.step[1] === 0
        ? number === address.step[0]
        : number >= address.step[0] && (number - address.step[0]) % address.step[1] === 0;
    return address.pattern.test(state.space);
  };
  if (!command.from) return true;
  if (!command.to) return hits(command.from);
  if (command.active) {
    const to = command.to;
    if ('plus' in to) command.active = number < command.until!;
    else if ('line' in to) {
      command.active = number < to.line;
      if (number > to.line) return false;
    } else if (hits(to)) command.active = false;
    return true;
  }
  if (!hits(command.from)) return false;
  command.active = true;
  if ('plus' in command.to) {
    command.until = number + command.to.plus;
    command.active = command.to.plus > 0;
  } else if ('line' in command.to && command.to.line <= number) command.active = false;
  return true;
}

function execute(
  commands: SedCommand[],
  state: SedState,
  quiet: boolean,
  readFile: (name: string) => string,
  from = 0,
): Outcome {
  let substituted = false;
  for (let i = from; i < commands.length; i++) {
    const command = commands[i]!;
    if (applies(command, state) === (command.negated ?? false)) continue;
    switch (command.name) {
      case '{': {
        const outcome = execute(command.block!, state, quiet, readFile);
        if (outcome !== undefined) {
          if (typeof outcome !== 'object') return outcome;
          const target = commands.findIndex((other) => other.name === ':' && other.text === outcome.label);
          if (target < 0) return outcome;
          i = target;
        }
        break;
      }
      case 's': {
        const result = replaceIn(command, state.space);
        if (result === undefined) break;
        state.space = result;
        substituted = true;
        if (command.flags!.includes('p')) state.out.push(state.space);
        break;
      }
      case 'y':
        state.space = [...state.space]
          .map((char) => command.replacement![command.text!.indexOf(char)] ?? char)
          .join('');
        break;
      case 'd':
        return 'delete';
      case 'D': {
        const end = state.space.indexOf('\n');
        if (end < 0) return 'delete';
        state.space = state.space.slice(end + 1);
        return 'restart';
      }
      case 'p':
        state.out.push(state.space);
        break;
      case 'P':
        state.out.push(state.space.split('\n')[0]!);
        break;
      case 'n':
        if (!quiet) state.out.push(state.space);
        state.out.push(...state.after.splice(0));
        if (state.index + 1 >= state.lines.length) {
          state.ended = true;
          return 'delete';
        }
        state.space = state.lines[++state.index]!;
        break;
      case 'N':
        if (state.index + 1 >= state.lines.length) {
          state.ended = true;
          return 'next';
        }
        state.space += `\n${state.lines[++state.index]!}`;
        break;
      case 'g':
        state.space = state.hold;
        break;
      case 'G':
        state.space += `\n${state.hold}`;
        break;
      case 'h':
        state.hold = state.space;
        break;
      case 'H':
        state.hold += `\n${state.space}`;
        break;
      case 'x':
        [state.space, state.hold] = [state.hold, state.space];
        break;
      case '=':
        state.out.push(String(state.index + 1));
        break;
      case 'a':
        state.after.push(command.text!);
        break;
      case 'i':
        state.out.push(command.text!);
        break;
      case 'c':
        if (!command.active) state.out.push(command.text!);
        return 'delete';
      case 'r':
        state.after.push(...linesOf(readFile(command.text!)));
        break;
      case 'q':
      case 'Q':
        state.code = Number(command.text || 0);
        state.ended = true;
        return command.name === 'q' ? 'next' : 'delete';
      case 'b':
      case 't': {
        if (command.name === 't' && !substituted) break;
        substituted = false;
        if (command.text === '') return 'next';
        const target = commands.findIndex((other) => other.name === ':' && other.text === command.text);
        if (target < 0) return { label: command.text! };
        i = target;
        break;
      }
    }
  }
  return undefined;
}

function transform(
  commands: SedCommand[],
  text: string,
  quiet: boolean,
  readFile: (name: string) => string,
): { text: string; code: number } {
  const state: SedState = { lines: linesOf(text), index: 0, hold: '', space: '', out: [], after: [], code: 0 };
  for (; state.index < state.lines.length && !state.ended; state.index++) {
    state.space = state.lines[state.index]!;
    let outcome = execute(commands, state, quiet, readFile);
    while (outcome === 'restart') outcome = execute(commands, state, quiet, readFile);
    if (!quiet && outcome !== 'delete') state.out.push(state.space);
    state.out.push(...state.after.splice(0));
  }
  const result = state.out.map((line) => `${line}\n`).join('');
  return { text: text.endsWith('\n') || text === '' ? result : result.replace(/\n$/, ''), code: state.code };
}

export const sed: Tool = (context) => {
  const scripts: string[] = [];
  const files: string[] = [];
  let quiet = false;
  let extended = false;
  let inPlace: string | undefined;
  const args = context.argv.slice(1);
  while (args.length > 0) {
    const arg = args.shift()!;
    if (arg === '-n' || arg === '--quiet' || arg === '--silent') quiet = true;
    else if (arg === '-E' || arg === '-r' || arg === '--regexp-extended') extended = true;
    else if (arg === '-e' || arg === '--expression') scripts.push(args.shift() ?? '');
    else if (arg.startsWith('--expression=')) scripts.push(arg.slice(13));
    else if (arg === '-f') scripts.push(inputs(context, [args.shift() ?? ''])[0]!.text);
    else if (/^(-i|--in-place)/.test(arg)) inPlace = arg.replace(/^(-i|--in-place=?)/, '');
    else if (/^-[nEr]+[nErie]*$/.test(arg)) {
      if (arg.includes('n')) quiet = true;
      if (/[Er]/.test(arg)) extended = true;
      if (arg.includes('i')) inPlace = '';
      if (arg.includes('e')) scripts.push(args.shift() ?? '');
    } else if (arg.startsWith('-') && arg.length > 1 && arg !== '--')
      throw new ToolError(
        isBusybox(context)
          ? `unrecognized option: ${arg.replace(/^-+/, '')}`
          : `invalid option -- '${arg.slice(1, 2)}'`,
      );
    else if (arg !== '--') files.push(arg);
  }
  if (scripts.length === 0) {
    const script = files.shift();
    if (script === undefined)
      throw new ToolError(
        isBusybox(context)
          ? 'no script'
          : 'no script specified\nUsage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...',
      );
    scripts.push(script);
  }
  const parse = () => new SedParser(scripts.join('\n'), extended).commands();
  const readFile = (name: string) => {
    try {
      return context.machine.files.read(context.path(name));
    } catch {
      return '';
    }
  };
  let stderr = '';
  const texts: { name: string; text: string }[] = [];
  for (const file of files.length > 0 ? files : ['-']) {
    try {
      texts.push(...inputs(context, [file]));
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
      const missing = (error as { code: string }).code === 'ENOENT';
      stderr += isBusybox(context)
        ? `sed: ${file}: ${missing ? 'No such file or directory' : 'Is a directory'}\n`
        : missing
          ? `sed: can't read ${file}: No such file or directory\n`
          : `sed: couldn't edit ${file}: not a regular file\n`;
    }
  }
  const code = stderr ? (isBusybox(context) ? 1 : 2) : 0;
  if (inPlace !== undefined) {
    for (const { name, text } of texts) {
      if (inPlace) context.machine.files.write(context.path(name + inPlace), text);
      context.machine.files.write(context.path(name), transform(parse(), text, quiet, readFile).text);
    }
    return { ...ok(''), stderr, code };
  }
  const result = transform(parse(), texts.map(({ text }) => text).join(''), quiet, readFile);
  return { stdout: result.text, stderr, code: code || result.code };
};
