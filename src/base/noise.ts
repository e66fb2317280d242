import { createHash } from 'node:crypto';

/** Bytes that are read at most from /dev/urandom: enough for any key. */
const AT_MOST = 4096;

/** What /dev/urandom gives at an instant: it repeats itself for the same seed, as all of a cluster does. Characters of one byte. */
export function noise(seed: string, length = AT_MOST): string {
  let bytes = Buffer.alloc(0);
  for (let n = 0; bytes.length < length; n++)
    bytes = Buffer.concat([bytes, createHash('sha256').update(`${seed}/${n}`).digest()]);
  return Buffer.from(bytes.subarray(0, length).map((byte) => byte & 0x7f)).toString('latin1');
}
