import { createHash } from 'node:crypto';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a of 32 bits, as an unsigned number (hash/fnv New32a). Text is hashed as UTF-8. */
export function fnv1a32(data: string | Uint8Array): number {
  let hash = FNV_OFFSET;
  if (typeof data === 'string') {
    for (let i = 0; i < data.length; i++) {
      const unit = data.charCodeAt(i);
      if (unit > 0x7f) return fnv1a32(Buffer.from(data));
      hash = Math.imul(hash ^ unit, FNV_PRIME);
    }
  } else for (const byte of data) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** FNV-1 of 32 bits (hash/fnv New32): it multiplies before it mixes in. */
export function fnv132(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash, FNV_PRIME) ^ byte;
  return hash >>> 0;
}

/** rand.SafeEncodeString: each byte as one of the letters that generated names use. */
export const safeEncodeString = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => SAFE_ALPHABET[byte % SAFE_ALPHABET.length]).join('');

/** Hexadecimal digest of text (as UTF-8) or bytes. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
