import type { Json } from './values.ts';

/** A value and the line that it ends in, or why there is none. */
export type Read = { value: Json; line: number } | { problem: string };

const SPACE = /[ \t\r\n]/;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Ends reading; `message` is what is said of the place. */
class Problem extends Error {}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  *values(): Generator<Read, void> {
    for (;;) {
      this.#blanks();
      if (this.#at >= this.text.length) return;
      try {
        const value = this.#value();
        // A value at the top is known to be whole with what follows it.
        yield {
          value,
          line: this.text.slice(0, this.#at).split('\n').length - 1 + (this.text[this.#at] === '\n' ? 1 : 0),
        };
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        yield { problem: error.message };
        return;
      }
    }
  }

  #blanks(): void {
    while (SPACE.test(this.text[this.#at] ?? '')) this.#at++;
  }

  /** A value where none belongs is seen when it ends. */
  #separator(): never {
    const value = /^(?:"(?:[^"\\]|\\[\s\S])*"|[^\s,:[\]{}"]+[\s\S]?)/.exec(this.text.slice(this.#at))?.[0] ?? ' ';
    return this.#fail('Expected separator between values', this.#at + value.length);
  }

  /** `at`: how many characters were read when it was seen. */
  #fail(why: string, at = this.#at + 1): never {
    const before = this.text.slice(0, at);
    const line = before.split('\n').length;
    throw new Problem(`${why} at line ${line}, column ${before.length - before.lastIndexOf('\n') - 1}`);
  }

  #end(): never {
    const line = this.text.split('\n').length;
    throw new Problem(
      `Unfinished JSON term at EOF at line ${line}, column ${this.text.length - this.text.lastIndexOf('\n') - 1}`,
    );
  }

  #value(): Json {
    this.#blanks();
    const char = this.text[this.#at];
    if (char === undefined) return this.#end();
    if (char === '{') return this.#object();
    if (char === '[') return this.#array();
    if (char === '"') return this.#string();
    return this.#literal();
  }

  #literal(): Json {
    const word = /^[^\s,:[\]{}"]*/.exec(this.text.slice(this.#at))![0];
    const end = this.#at + word.length;
    const whole = { null: null, true: true, false: false, nan: Number.NaN }[word];
    if (word === '') {
      const char = this.text[this.#at]!;
      this.#fail(
        char === ':'
          ? "':' not as part of an object"
          : char === ','
            ? "Expected value before ','"
            : `Unmatched '${char}'`,
      );
    }
    if (whole === undefined && !NUMBER.test(word)) {
      const kind = /^[tfn]/.test(word) ? 'Invalid literal' : 'Invalid numeric literal';
      this.#fail(end >= this.text.length ? `${kind} at EOF` : kind, end >= this.text.length ? end : end + 1);
    }
    this.#at = end;
    return whole === undefined ? Number(word) : whole;
  }

  #string(): string {
    const match = /^"(?:[^"\\]|\\[\s\S])*"/.exec(this.text.slice(this.#at));
    if (!match) return this.#end();
    this.#at += match[0].length;
    try {
      return JSON.parse(
        match[0].replace(
          /[^\P{Cc}\u007f-\u009f]/gu,
          (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
      );
    } catch {
      return this.#fail('Invalid escape', this.#at);
    }
  }

  #array(): Json[] {
    const items: Json[] = [];
    this.#at++;
    this.#blanks();
    if (this.text[this.#at] === ']') {
      this.#at++;
      return items;
    }
    for (;;) {
      this.#blanks();
      if (this.text[this.#at] === ']') this.#fail('Expected another array element');
      items.push(this.#value());
      this.#blanks();
      const char = this.text[this.#at];
      if (char === undefined) return this.#end();
      if (char !== ',' && char !== ']') this.#separator();
      this.#at++;
      if (char === ']') return items;
    }
  }

  #object(): Json {
    const object: Record<string, Json> = {};
    this.#at++;
    this.#blanks();
    if (this.text[this.#at] === '}') {
      this.#at++;
      return object;
    }
    for (;;) {
      this.#blanks();
      if (this.text[this.#at] === undefined) return this.#end();
      if (this.text[this.#at] === '}') this.#fail('Expected another key-value pair');
      const key = this.#value();
      this.#blanks();
      const colon = this.text[this.#at];
      if (colon === undefined) return this.#end();
      if (colon === '}' || colon === ',') this.#fail('Objects must consist of key:value pairs');
      if (colon !== ':') this.#separator();
      if (typeof key !== 'string') this.#fail('Object keys must be strings');
      this.#at++;
      object[key as string] = this.#value();
      this.#blanks();
      const char = this.text[this.#at];
      if (char === undefined) return this.#end();
      if (char !== ',' && char !== '}') this.#separator();
      this.#at++;
      if (char === '}') return object;
    }
  }
}

/** The values of a text, one after another; a problem is the last that comes. */
export const readValues = (text: string): Generator<Read, void> => new Reader(text).values();
