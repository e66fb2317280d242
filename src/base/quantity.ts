/** How a quantity was written, and so is printed: `100m`, `1Ki`, `1e3`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** Why a text is no quantity: `message` is apimachinery's own. */
export class QuantityError extends Error {}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";
const SYNTAX = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/** Powers of ten by suffix, and powers of two by suffix. */
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const NANO = -9;
const MAX_INT64 = 2n ** 63n - 1n;

function suffixFor(table: Record<string, number>, exponent: number): string {
  return Object.keys(table).find((suffix) => table[suffix] === exponent) ?? '';
}

/** The power of `factor` in `value`, and what is left without it. */
function withoutFactor(value: bigint, factor: bigint): [rest: bigint, times: number] {
  let times = 0;
  while (value !== 0n && value % factor === 0n) {
    value /= factor;
    times++;
  }
  return [value, times];
}

/** `value` / `divisor`, rounded away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** resource.Quantity: an exact decimal number, `unscaled` × 10^`scale`, that prints as Kubernetes prints it. */
export class Quantity {
  private constructor(
    readonly unscaled: bigint,
    readonly scale: number,
    readonly format: QuantityFormat,
    /** The text it was read from, when Go would keep that instead of the canonical one. */
    readonly source?: string,
  ) {}

  static readonly of = (value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity =>
    new Quantity(BigInt(value), 0, format);

  static readonly ofMilli = (value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity =>
    new Quantity(BigInt(value), -3, format);

  /** Reads a quantity; throws QuantityError with the message of resource.ParseQuantity. A JSON number is read as its text. */
  static parse(input: string | number): Quantity {
    const text = String(input);
    const parts = text === '' ? null : SYNTAX.exec(text);
    if (!parts) throw new QuantityError(FORMAT_WRONG);
    const [, sign, whole = '', fraction = '', suffix = ''] = parts;
    const number = whole.replace(/^0+/, '') || '0';
    const { exponent, format } = readSuffix(suffix);

    const digits = BigInt(number + fraction);
    let unscaled = sign === '-' ? -digits : digits;
    let scale = -fraction.length;
    if (format === 'BinarySI') unscaled *= 2n ** BigInt(exponent);
    else scale += exponent;
    if (scale < NANO) {
      unscaled = divideUp(unscaled, 10n ** BigInt(NANO - scale));
      scale = NANO;
    }
    if (format === 'BinarySI') {
      const one = 10n ** BigInt(-scale);
      const size = unscaled < 0n ? -unscaled : unscaled;
      if (size > MAX_INT64 * one) return new Quantity(unscaled < 0n ? -MAX_INT64 : MAX_INT64, 0, format);
      if (size > 0n && size < one) return new Quantity(unscaled, scale, 'DecimalSI');
    }
    return new Quantity(unscaled, scale, format, keptSource(text, number, fraction, exponent, format));
  }

  /** The canonical text, as the API server answers it. */
  toString(): string {
    if (this.source !== undefined) return this.source;
    if (this.unscaled === 0n) return '0';
    const small = this.compare(Quantity.of(-1024)) > 0 && this.compare(Quantity.of(1024)) < 0;
    if (this.format === 'BinarySI' && !small && this.isInteger()) {
      const [amount, times] = withoutFactor(this.toBigInt(), 1024n);
      return `${amount}${times === 0 ? '' : suffixFor(BINARY, times * 10)}`;
    }
    let [amount, exponent] = withoutFactor(this.unscaled, 10n);
    for (exponent += this.scale; exponent % 3 !== 0; exponent--) amount *= 10n;
    if (this.format === 'DecimalExponent') return `${amount}${exponent === 0 ? '' : `e${exponent}`}`;
    return `${amount}${suffixFor(DECIMAL, exponent)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** Negative, zero or positive as this is less than, equal to or more than `other`. */
  compare(other: Quantity): number {
    const [a, b] = this.aligned(other);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  add(other: Quantity): Quantity {
    const [a, b, scale] = this.aligned(other);
    return new Quantity(a + b, scale, this.isZero() ? other.format : this.format);
  }

  subtract(other: Quantity): Quantity {
    return this.add(other.negate());
  }

  negate(): Quantity {
    return new Quantity(-this.unscaled, this.scale, this.format);
  }

  isZero(): boolean {
    return this.unscaled === 0n;
  }

  sign(): -1 | 0 | 1 {
    return this.unscaled < 0n ? -1 : this.unscaled > 0n ? 1 : 0;
  }

  isInteger(): boolean {
    return this.scale >= 0 || this.unscaled % 10n ** BigInt(-this.scale) === 0n;
  }

  /** The whole number, rounded away from zero: Quantity.Value(). */
  value(): number {
    return Number(this.toBigInt());
  }

  /** The same in thousandths: Quantity.MilliValue(). */
  milliValue(): number {
    return Number(this.scaledBy(3));
  }

  /** The nearest float: Quantity.AsApproximateFloat64(). */
  toNumber(): number {
    return Number(`${this.unscaled}e${this.scale}`);
  }

  toBigInt(): bigint {
    return this.scaledBy(0);
  }

  private scaledBy(power: number): bigint {
    const scale = this.scale + power;
    return scale >= 0 ? this.unscaled * 10n ** BigInt(scale) : divideUp(this.unscaled, 10n ** BigInt(-scale));
  }

  private aligned(other: Quantity): [bigint, bigint, number] {
    const scale = Math.min(this.scale, other.scale);
    return [
      this.unscaled * 10n ** BigInt(this.scale - scale),
      other.unscaled * 10n ** BigInt(other.scale - scale),
      scale,
    ];
  }
}

function readSuffix(suffix: string): { exponent: number; format: QuantityFormat } {
  if (Object.hasOwn(DECIMAL, suffix)) return { exponent: DECIMAL[suffix]!, format: 'DecimalSI' };
  if (Object.hasOwn(BINARY, suffix)) return { exponent: BINARY[suffix]!, format: 'BinarySI' };
  if (/^[eE][-+]?[0-9]+$/.test(suffix)) return { exponent: Number(suffix.slice(1)), format: 'DecimalExponent' };
  throw new QuantityError(SUFFIX_WRONG);
}

/** Go keeps the text of a number that looks canonical to a quick glance, so that "1.500" stays "1.500". */
function keptSource(
  text: string,
  whole: string,
  fraction: string,
  exponent: number,
  format: QuantityFormat,
): string | undefined {
  if (text === '0') return text;
  const digits = whole + fraction;
  if (format === 'BinarySI') {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && (BigInt(digits) & 7n) !== 0n ? text : undefined;
  }
  const scale = exponent - fraction.length;
  const quick = digits.length <= 18 && scale >= NANO && scale % 3 === 0;
  return quick && !digits.endsWith('000') && !digits.startsWith('0') ? text : undefined;
}

/** The canonical text of a quantity; throws QuantityError. */
export const canonicalQuantity = (text: string | number): string => Quantity.parse(text).toString();
