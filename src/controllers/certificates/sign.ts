import { readAsset } from '../../base/assets.ts';
import { readDer } from '../../base/der.ts';
import type { Random } from '../../base/random.ts';
import {
  BOOLEAN_TRUE,
  bytesOfPem,
  der,
  issueCertificate,
  OBJECT_ID,
  OCTETS,
  SEQUENCE,
  SUBJECT_ALT_NAME,
  subjectOf,
} from '../../base/x509.ts';

/** The content of the subjectAltName extension that a request asks for. */
function alternativeNames(attributes: Uint8Array): Uint8Array | undefined {
  const at = Buffer.from(attributes).indexOf(der(OBJECT_ID, SUBJECT_ALT_NAME));
  if (at < 0) return undefined;
  const rest = attributes.subarray(at + SUBJECT_ALT_NAME.length + 2);
  const end = rest[0] === OCTETS ? 0 : BOOLEAN_TRUE.length;
  const length = rest[end + 1]!;
  return length < 0x80 ? rest.subarray(end + 2, end + 2 + length) : undefined;
}

/** Signs a PEM certificate request with the cluster's authority, as the PEM of a certificate valid from `now` (ms) for `seconds`. */
export function signRequest(request: string, usages: string[], now: number, seconds: number, random: Random): string {
  const [, name, key, attributes] = readDer(bytesOfPem(request))[0]!.children[0]!.children;
  return issueCertificate(
    {
      subject: name!.content,
      issuer: subjectOf(readAsset('fixtures/pki/ca.crt')),
      publicKey: der(SEQUENCE, key!.content),
      serial: `5${random.hex(31)}`,
      notBefore: now,
      notAfter: now + seconds * 1000,
      usages,
      names: attributes && alternativeNames(attributes.content),
    },
    readAsset('fixtures/pki/ca.key'),
  );
}
