import { randomBytes } from 'node:crypto';

/** The alphabet of Kubernetes' generated names (k8s.io/apimachinery/pkg/util/rand). */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HEX_DIGITS = '0123456789abcdef';

/** A seed for a cluster whose author chose none: the one place that draws a number that does not repeat. */
export const freshSeed = (): number => randomBytes(4).readUInt32LE();

/** A seeded generator (mulberry32) whose whole state is one 32-bit number, so that it can be kept in the state file. */
export class Random {
  constructor(public state: number) {}

  /** A float in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [0, limit). */
  int(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** `length` characters as generated names end with: no vowels, no digits that look like letters. */
  suffix(length = 5): string {
    return this.#draw(SAFE_ALPHABET, length);
  }

  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string {
    return this.#draw(HEX_DIGITS, length);
  }

  #draw(alphabet: string, length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet[this.int(alphabet.length)];
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const h = this.hex(30);
    const variant = '89ab'[this.int(4)];
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(12, 15)}-${variant}${h.slice(15, 18)}-${h.slice(18, 30)}`;
  }
}
