import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readDer, readOid } from '../../../base/der.ts';
import { bytesOfPem, der, SEQUENCE } from '../../../base/x509.ts';

/** How requests are signed, by object identifier: the digest, and what Go says of a signature that is wrong. */
const RSA = 'crypto/rsa: verification error';
const ECDSA = 'x509: ECDSA verification failure';
const SIGNATURES: Record<string, [digest: string | null, problem: string]> = {
  '1.2.840.113549.1.1.11': ['sha256', RSA],
  '1.2.840.113549.1.1.12': ['sha384', RSA],
  '1.2.840.113549.1.1.13': ['sha512', RSA],
  '1.2.840.10045.4.3.2': ['sha256', ECDSA],
  '1.2.840.10045.4.3.3': ['sha384', ECDSA],
  '1.2.840.10045.4.3.4': ['sha512', ECDSA],
  '1.3.101.112': [null, 'x509: Ed25519 verification failure'],
};
const ALGORITHM_UNKNOWN = 'x509: cannot verify signature: algorithm unimplemented';

/** What is wrong with the signature of a certificate request (PEM): it must be that of the key in it. */
export function signatureProblem(pem: string): string | undefined {
  const [signed, algorithm, signature] = readDer(bytesOfPem(pem))[0]?.children ?? [];
  const key = signed?.children[2];
  const [identifier] = algorithm?.children ?? [];
  const known = identifier && SIGNATURES[readOid(identifier.content)];
  if (!signed || !key || !signature || !known) return ALGORITHM_UNKNOWN;
  const [digest, problem] = known;
  try {
    const publicKey = createPublicKey({ key: der(SEQUENCE, key.content), format: 'der', type: 'spki' });
    // The first byte of a bit string counts bits that are not used.
    return verify(digest, der(SEQUENCE, signed.content), publicKey, signature.content.subarray(1))
      ? undefined
      : problem;
  } catch {
    return problem;
  }
}

/** What is wrong with the PEM text of an issued certificate; undefined when it is right, or none. */
export function certificateProblem(pem: string): string | undefined {
  if (pem === '') return undefined;
  const blocks = [...pem.matchAll(/-----BEGIN ([^-\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g)];
  for (const [whole, type, body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found "${type}"`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(whole);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined;
}
