/** What ^C and ^D are on a terminal's wire. */
export const INTERRUPT = '\x03';
export const END_OF_INPUT = '\x04';

const KEYS: Record<string, Key> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x7f': 'backspace',
  '\b': 'backspace',
  [INTERRUPT]: 'interrupt',
  [END_OF_INPUT]: 'end',
  '\x01': 'home',
  '\x05': 'last',
  '\x02': 'left',
  '\x06': 'right',
  '\x0b': 'cut-right',
  '\x15': 'cut-left',
  '\x17': 'cut-word',
  '\x0c': 'clear',
  '\x10': 'up',
  '\x0e': 'down',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1b[H': 'home',
  '\x1b[F': 'last',
  '\x1b[1~': 'home',
  '\x1b[4~': 'last',
  '\x1b[3~': 'delete',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1bOC': 'right',
  '\x1bOD': 'left',
  '\x1bOH': 'home',
  '\x1bOF': 'last',
};
type Key =
  | 'enter'
  | 'backspace'
  | 'delete'
  | 'interrupt'
  | 'end'
  | 'home'
  | 'last'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'cut-right'
  | 'cut-left'
  | 'cut-word'
  | 'clear';

/** One key: an escape sequence, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters.
const ONE_KEY = /\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|[\s\S]/gu;

/**
 * The far end of a terminal in raw mode: shows what is typed, lets it be edited as readline does, and hands it over by lines. A process
 * gets lines, `\x03` for ^C and `\x04` for ^D on an empty line.
 */
export class LineEditor {
  #line: string[] = [];
  #cursor = 0;
  #history: string[] = [];
  /** Where in the history; its length when at the line being typed. */
  #at = 0;
  /** What stands before the line: the end of the last output, for ^L. */
  #prompt = '';

  constructor(private readonly show: (text: string) => void) {}

  /** Output of the process on its way to the screen. */
  passes(text: string): void {
    this.#prompt = (this.#prompt + text).split('\n').at(-1)!.slice(-256);
  }

  /** Keys as they come from a terminal in raw mode; returns what the process gets of them. */
  type(keys: string): string {
    let given = '';
    for (const [key] of keys.matchAll(ONE_KEY)) given += this.#press(key);
    return given;
  }

  #press(key: string): string {
    const action = KEYS[key];
    if (!action) {
      if (key >= ' ' && !key.startsWith('\x1b')) this.#replace(this.#cursor, 0, [key]);
      return '';
    }
    switch (action) {
      case 'enter':
        return this.#enter();
      case 'interrupt':
        this.show('^C\n');
        this.#begin();
        return INTERRUPT;
      case 'end':
        if (this.#line.length === 0) return END_OF_INPUT;
        this.#replace(this.#cursor, 1, []);
        return '';
      default:
        this.#edit(action);
        return '';
    }
  }

  #enter(): string {
    const text = this.#line.join('');
    this.show('\n');
    if (text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text);
    this.#begin();
    return `${text}\n`;
  }

  #edit(action: Exclude<Key, 'enter' | 'interrupt' | 'end'>): void {
    const cursor = this.#cursor;
    const { length } = this.#line;
    const edits: Record<typeof action, () => void> = {
      backspace: () => cursor > 0 && this.#replace(cursor - 1, 1, []),
      delete: () => this.#replace(cursor, 1, []),
      home: () => this.#move(0),
      last: () => this.#move(length),
      left: () => this.#move(Math.max(0, cursor - 1)),
      right: () => this.#move(Math.min(length, cursor + 1)),
      up: () => this.#recall(-1),
      down: () => this.#recall(1),
      'cut-right': () => this.#replace(cursor, length - cursor, []),
      'cut-left': () => this.#replace(0, cursor, []),
      'cut-word': () => {
        const word = /\S*\s*$/.exec(this.#line.slice(0, cursor).join(''))![0].length;
        this.#replace(cursor - word, word, []);
      },
      clear: () => {
        this.show(`\x1b[H\x1b[2J${this.#prompt}${this.#line.join('')}`);
        this.#cursor = length;
        this.#move(cursor);
      },
    };
    edits[action]();
  }

  #begin(): void {
    this.#line = [];
    this.#cursor = 0;
    this.#at = this.#history.length;
    this.#prompt = '';
  }

  #move(to: number): void {
    const by = to - this.#cursor;
    if (by !== 0) this.show(`\x1b[${Math.abs(by)}${by < 0 ? 'D' : 'C'}`);
    this.#cursor = to;
  }

  /** Puts `text` in the place of `count` characters; the cursor then stands behind it. */
  #replace(from: number, count: number, text: string[]): void {
    this.#move(from);
    const removed = this.#line.splice(from, count, ...text).length;
    const rest = this.#line.slice(from).join('');
    this.show(removed > 0 ? `\x1b[K${rest}` : rest);
    this.#cursor = this.#line.length;
    this.#move(from + text.length);
  }

  #recall(by: -1 | 1): void {
    const to = this.#at + by;
    if (to < 0 || to > this.#history.length) return;
    this.#at = to;
    this.#replace(0, this.#line.length, [...(this.#history[to] ?? '')]);
  }
}

/** What a process gets of keys that come piece by piece. */
export async function* typedOn(editor: LineEditor, keys: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  for await (const chunk of keys) {
    const given = editor.type(decoder.decode(chunk, { stream: true }));
    if (given !== '') yield encoder.encode(given);
  }
}
