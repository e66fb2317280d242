/** A varint as a signed number of 64 bits, or bytes. */
export type Value = bigint | Buffer;

/** Reads protobuf's wire format: https://protobuf.dev/programming-guides/encoding */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer = Buffer.alloc(0)) {}

  /** Every field with its number, in the order of the message. Throws on what is cut short. */
  fields(): [number: number, value: Value][] {
    const found: [number, Value][] = [];
    while (this.at < this.bytes.length) {
      const tag = Number(this.varint());
      found.push([tag >> 3, this.value(tag & 7)]);
    }
    return found;
  }

  private value(wireType: number): Value {
    if (wireType === 0) return this.varint();
    if (wireType === 1) return this.take(8);
    if (wireType === 2) return this.take(Number(this.varint()));
    if (wireType === 5) return this.take(4);
    throw new Error(`illegal wireType ${wireType}`);
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error('unexpected EOF');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new Error('integer overflow');
  }

  private take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error('unexpected EOF');
    const piece = this.bytes.subarray(this.at, end);
    this.at = end;
    return piece;
  }
}
