import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readAsset } from '../../../base/assets.ts';
import { fnv1a32 } from '../../../base/hash.ts';
import { fail, ok, type ToolContext, type ToolResult } from '../tool.ts';
import { modulusOf } from './certificates.ts';
import { readInput, type Words, written } from './words.ts';

/** A key (PEM, PKCS#8) for what somebody makes now: clusters repeat themselves, so that it is one of a few that were made once. */
export function newKey({ machine, cwd }: ToolContext, file: string | undefined): string {
  const keys = readAsset('fixtures/pki/user-keys.pem').match(/-----BEGIN[\s\S]+?-----END PRIVATE KEY-----\n/g)!;
  return keys[fnv1a32(`${machine.hostname}:${cwd}/${file ?? ''}`) % keys.length]!;
}

/** openssl genrsa, openssl genpkey: a new RSA key. */
export function generate(context: ToolContext, words: Words): ToolResult {
  const algorithm = words.value('-algorithm');
  if (algorithm !== undefined && algorithm.toUpperCase() !== 'RSA')
    return fail(`kubemu's openssl makes RSA keys, not ${algorithm}\n`);
  const file = words.value('-out');
  return ok(written(context, file, newKey(context, file), 0o600));
}

function readKey(text: string, isPublic: boolean): KeyObject | undefined {
  try {
    return isPublic ? createPublicKey(text) : createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** openssl rsa, openssl pkey: shows a key, or the public half of it. */
export function showKey(context: ToolContext, words: Words): ToolResult {
  const isPublic = words.has('-pubin');
  const what = isPublic ? 'public key' : 'private key';
  const { text, failure } = readInput(context, words.value('-in'), what);
  const key = failure ? undefined : readKey(text, isPublic);
  if (!key) return failure ?? fail(`Could not find ${what} from ${words.value('-in') ?? '<stdin>'}\n`);
  const half = isPublic || words.has('-pubout');
  const shown = half && !isPublic ? createPublicKey(key) : key;
  const options = { type: half ? 'spki' : 'pkcs8' } as const;
  const body = /^der$/i.test(words.value('-outform') ?? '')
    ? (shown.export({ ...options, format: 'der' } as never) as unknown as Buffer).toString('latin1')
    : (shown.export({ ...options, format: 'pem' } as never) as unknown as string);
  const modulus = words.has('-modulus') ? `Modulus=${modulusOf(key).toString('hex').toUpperCase()}\n` : '';
  const check = words.has('-check') ? 'RSA key ok\n' : '';
  const rest = words.has('-noout') ? '' : written(context, words.value('-out'), body, 0o600);
  return { stdout: modulus + check + rest, stderr: words.has('-noout') ? '' : `writing RSA key\n`, code: 0 };
}

/** Bytes that a pipe brought as text: those of a binary file come one a character. */
const bytesOf = (text: string): Buffer =>
  Buffer.from(text, /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text) ? 'latin1' : 'utf8');

const DIGESTS = ['md5', 'sha1', 'sha256', 'sha512'];
export const isDigest = (name: string): boolean => DIGESTS.includes(name);

/** openssl dgst -sha256, openssl md5 … */
export function digest(context: ToolContext, name: string, words: Words): ToolResult {
  const file = words.all.findLast((word) => !word.startsWith('-'));
  const { text, failure } = readInput(context, file, 'data');
  if (failure) return failure;
  const hash = createHash(name).update(bytesOf(text)).digest('hex');
  if (words.has('-r')) return ok(`${hash} *${file ?? 'stdin'}\n`);
  return ok(
    `${name === 'md5' ? 'MD5' : name.toUpperCase().replace('SHA', 'SHA2-').replace('SHA2-1', 'SHA1')}(${file ?? 'stdin'})= ${hash}\n`,
  );
}

/** openssl rand [-hex|-base64] n */
export function random(context: ToolContext, words: Words): ToolResult {
  const count = Number(words.all.findLast((word) => /^\d+$/.test(word)));
  if (!Number.isInteger(count)) return fail('Usage: rand [options] num\nrand: Use -help for summary.\n');
  let bytes = Buffer.alloc(0);
  for (let n = 0; bytes.length < count; n++) {
    const seed = `${context.machine.hostname}/${context.machine.now()}/${n}`;
    bytes = Buffer.concat([bytes, createHash('sha256').update(seed).digest()]);
  }
  const text = bytes
    .subarray(0, count)
    .toString(words.has('-base64') ? 'base64' : words.has('-hex') ? 'hex' : 'latin1');
  return ok(words.has('-hex') || words.has('-base64') ? `${text}\n` : text);
}
