/** One element of ASN.1 DER: its tag byte, its content, and its children when it is constructed. */
export interface DerElement {
  tag: number;
  content: Uint8Array;
  children: DerElement[];
}

const CONSTRUCTED = 0x20;

function readLength(data: Uint8Array, at: number): { length: number; next: number } {
  const first = data[at];
  if (first === undefined) throw new Error('asn1: syntax error: truncated tag or length');
  if (first < 0x80) return { length: first, next: at + 1 };
  let length = 0;
  for (const byte of data.subarray(at + 1, at + 1 + (first & 0x7f))) length = length * 256 + byte;
  return { length, next: at + 1 + (first & 0x7f) };
}

/** Reads all elements of a DER text; throws on a cut one. Source: ITU-T X.690, the definite lengths only. */
export function readDer(data: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < data.length; ) {
    const tag = data[at] ?? 0;
    const { length, next } = readLength(data, at + 1);
    const content = data.subarray(next, next + length);
    if (content.length < length) throw new Error('asn1: syntax error: data truncated');
    elements.push({ tag, content, children: tag & CONSTRUCTED ? readDer(content) : [] });
    at = next + length;
  }
  return elements;
}

/** The content of an OBJECT IDENTIFIER as `2.5.4.3`. */
export function readOid(content: Uint8Array): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length) parts.push(value);
    else parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    value = 0;
  }
  return parts.join('.');
}

/** The attributes of a distinguished name by OID, in order: `2.5.4.3` is the common name, `2.5.4.10` the organization. */
export function readName(sets: DerElement[]): Record<string, string[]> {
  const attributes: Record<string, string[]> = {};
  for (const { children } of sets.flatMap((set) => set.children)) {
    const [type, value] = children;
    if (!type || !value) continue;
    const oid = readOid(type.content);
    attributes[oid] = [...(attributes[oid] ?? []), new TextDecoder().decode(value.content)];
  }
  return attributes;
}
