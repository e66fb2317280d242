import { createHmac } from 'node:crypto';
import type { ApiResponse } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { ISSUER, keyOf } from './tokens.ts';

const answer = (contentType: string, body: object): ApiResponse => ({
  status: 200,
  contentType,
  warnings: [],
  body: JSON.stringify(body),
});

/** Bytes of an RSA modulus of 2048 bits. */
const MODULUS_BYTES = 256;

/** A number as long as an RSA modulus, made of the key: nobody can check signatures with it, as nothing outside sees them. */
function modulusOf(key: string): string {
  const pieces = Array.from({ length: MODULUS_BYTES / 32 }, (_, index) =>
    createHmac('sha256', key).update(`modulus.${index}`).digest(),
  );
  return Buffer.concat(pieces).toString('base64url');
}

/** What relying parties ask of whoever issues service accounts' tokens; undefined for other paths. */
export function openId(world: ApiWorld, path: string): ApiResponse | undefined {
  if (path === '/.well-known/openid-configuration')
    return answer('application/json', {
      issuer: ISSUER,
      jwks_uri: `https://${world.serverAddress}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  if (path !== '/openid/v1/jwks') return undefined;
  const key = keyOf(world);
  const kid = createHmac('sha256', key).update('kid').digest('base64url');
  return answer('application/jwk-set+json', {
    keys: [{ use: 'sig', kty: 'RSA', kid, alg: 'RS256', n: modulusOf(key), e: 'AQAB' }],
  });
}
