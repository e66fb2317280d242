import { createHash } from 'node:crypto';

const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a of 32 bits, as an unsigned number (hash/fnv New32a). Text is hashed as UTF-8. */
export function fnv1a32(data: string | Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of typeof data === 'string' ? Buffer.from(data) : data) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** FNV-1 of 32 bits (hash/fnv New32): it multiplies before it mixes in. */
export function fnv132(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash, 0x01000193) ^ byte;
  return hash >>> 0;
}

/** rand.SafeEncodeString: each byte as one of the letters that generated names use. */
export const safeEncodeString = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => SAFE_ALPHABET[byte % SAFE_ALPHABET.length]).join('');

/** Hexadecimal digest of text (as UTF-8) or bytes. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
