import type { JsonValue } from './go-json.ts';
import { goQuoteRune } from './go-quote.ts';

/** Text that is no JSON: `message` is encoding/json's, `offset` counts the bytes read up to and with the wrong one. */
export class JsonSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** The text ended inside a value. */
export class JsonEndError extends JsonSyntaxError {}

const LITERALS: Record<string, JsonValue> = { true: true, false: false, null: null };
const ESCAPED: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

class Decoder {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  skipSpace(): void {
    while (/^[ \t\r\n]$/.test(this.text[this.at] ?? '')) this.at++;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  fail(context: string): never {
    const offset = Buffer.byteLength(this.text.slice(0, this.at)) + 1;
    if (this.atEnd) throw new JsonEndError('unexpected end of JSON input', offset - 1);
    // Go's scanner reads bytes, and shows the first of several as a character of its own.
    const character = String.fromCharCode(Buffer.from(String.fromCodePoint(this.text.codePointAt(this.at)!))[0]!);
    const quoted = character === "'" ? `'\\''` : character === '"' ? `'"'` : goQuoteRune(character);
    throw new JsonSyntaxError(`invalid character ${quoted} ${context}`, offset);
  }

  value(): JsonValue {
    this.skipSpace();
    const first = this.text[this.at];
    if (first === '{') return this.object();
    if (first === '[') return this.array();
    if (first === '"') return this.string();
    if (first !== undefined && /[-0-9]/.test(first)) return this.number();
    for (const [name, value] of Object.entries(LITERALS)) if (name[0] === first) return this.literal(name, value);
    return this.fail('looking for beginning of value');
  }

  private object(): JsonValue {
    const members: Record<string, JsonValue> = {};
    this.at++;
    this.skipSpace();
    if (this.text[this.at] === '}') return this.closed(members);
    for (;;) {
      this.skipSpace();
      if (this.text[this.at] !== '"') this.fail('looking for beginning of object key string');
      const key = this.string();
      this.skipSpace();
      if (this.text[this.at] !== ':') this.fail('after object key');
      this.at++;
      Object.defineProperty(members, key, {
        value: this.value(),
        enumerable: true,
        writable: true,
        configurable: true,
      });
      this.skipSpace();
      if (this.text[this.at] === '}') return this.closed(members);
      if (this.text[this.at] !== ',') this.fail('after object key:value pair');
      this.at++;
    }
  }

  private array(): JsonValue {
    const items: JsonValue[] = [];
    this.at++;
    this.skipSpace();
    if (this.text[this.at] === ']') return this.closed(items);
    for (;;) {
      items.push(this.value());
      this.skipSpace();
      if (this.text[this.at] === ']') return this.closed(items);
      if (this.text[this.at] !== ',') this.fail('after array element');
      this.at++;
    }
  }

  private closed<T>(value: T): T {
    this.at++;
    return value;
  }

  private string(): string {
    let result = '';
    for (this.at++; this.text[this.at] !== '"'; this.at++) {
      const character = this.text[this.at];
      if (character === undefined || character < ' ') this.fail('in string literal');
      if (character !== '\\') {
        result += character;
        continue;
      }
      const escaped = this.text[++this.at];
      if (escaped === 'u') {
        let code = '';
        while (code.length < 4) {
          const digit = this.text[++this.at] ?? '';
          if (!/^[0-9a-fA-F]$/.test(digit)) this.fail('in \\u hexadecimal character escape');
          code += digit;
        }
        result += String.fromCharCode(Number.parseInt(code, 16));
      } else if (escaped !== undefined && Object.hasOwn(ESCAPED, escaped)) result += ESCAPED[escaped];
      else this.fail('in string escape code');
    }
    this.at++;
    return result;
  }

  private literal(name: string, value: JsonValue): JsonValue {
    for (const expected of name) {
      if (this.text[this.at] !== expected) this.fail(`in literal ${name} (expecting '${expected}')`);
      this.at++;
    }
    return value;
  }

  private number(): JsonValue {
    const start = this.at;
    const digits = (context: string) => {
      if (!/^[0-9]$/.test(this.text[this.at] ?? '')) this.fail(context);
      while (/^[0-9]$/.test(this.text[this.at] ?? '')) this.at++;
    };
    if (this.text[this.at] === '-') this.at++;
    if (this.text[this.at] === '0') this.at++;
    else digits('in numeric literal');
    if (this.text[this.at] === '.') {
      this.at++;
      digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.text[this.at] ?? '')) {
      this.at++;
      if (/^[-+]$/.test(this.text[this.at] ?? '')) this.at++;
      digits('in exponent of numeric literal');
    }
    const source = this.text.slice(start, this.at);
    const value = Number(source);
    return /^-?[0-9]+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;
  }
}

/** The JSON value that starts at `from`, and where it ends; undefined when only space is left (json.Decoder.Decode). */
export function decodeJson(text: string, from = 0): { value: JsonValue; end: number } | undefined {
  const decoder = new Decoder(text, from);
  decoder.skipSpace();
  return decoder.atEnd ? undefined : { value: decoder.value(), end: decoder.at };
}

/** One JSON value as json.Unmarshal reads it: throws JsonSyntaxError with Go's message. Integers beyond 2^53 become bigints. */
export function parseGoJson(text: string): JsonValue {
  if (!/[0-9]{16}/.test(text)) {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      // Read again below, for Go's words.
    }
  }
  const decoder = new Decoder(text, 0);
  const value = decoder.value();
  decoder.skipSpace();
  return decoder.atEnd ? value : decoder.fail('after top-level value');
}
