import { noise } from '../../base/noise.ts';
import type { Key, Provider } from './configuration.ts';

/** What a value was written with; undefined: as it is. */
export type Seal = { cipher: 'aescbc' | 'aesgcm' | 'secretbox'; key: Key } | undefined;

/** What a provider writes with: its first key. */
export const sealOf = (provider: Provider): Seal =>
  provider.cipher === 'identity' ? undefined : { cipher: provider.cipher, key: provider.keys[0]! };

/** How long a text of so many bytes becomes: its vector or nonce, itself (in whole blocks), its sum. */
const LENGTHS = {
  aescbc: (plain: number) => 16 + plain + 16 - (plain % 16),
  aesgcm: (plain: number) => 12 + plain + 16,
  secretbox: (plain: number) => 24 + plain + 16,
};

/** A value as etcd holds it: `k8s:enc:aescbc:v1:key1:…`. `seed` stands for what is random in it. What follows is no real cipher. */
export function sealed(seal: Seal, plain: Buffer, seed: string): Buffer {
  if (!seal) return plain;
  const { cipher, key } = seal;
  const length = LENGTHS[cipher](plain.length);
  return Buffer.from(`k8s:enc:${cipher}:v1:${key.name}:${noise(`${key.secret}/${seed}`, length)}`);
}

const FAMILY = { aescbc: 'AES', aesgcm: 'AES', secretbox: 'Secretbox' };
const WRONG_KEY = {
  aescbc: 'invalid padding on input',
  aesgcm: 'cipher: message authentication failed',
  secretbox: 'output array was not large enough for encryption',
};

/** Why these providers cannot read what was written so; undefined if one can. */
export function unreadable(providers: Provider[], seal: Seal): string | undefined {
  const errors: string[] = [];
  for (const provider of providers) {
    if (provider.cipher === 'identity') {
      if (!seal) return undefined;
      continue;
    }
    if (provider.cipher !== seal?.cipher) continue;
    const named = provider.keys.find(({ name }) => name === seal.key.name);
    if (named?.secret === seal.key.secret) return undefined;
    errors.push(
      named ? WRONG_KEY[seal.cipher] : `no matching key was found for the provided ${FAMILY[seal.cipher]} transformer`,
    );
  }
  return errors[0] ?? 'no matching prefix found';
}
