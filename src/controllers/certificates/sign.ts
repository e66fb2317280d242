import { readAsset } from '../../base/assets.ts';
import { readDer, readName } from '../../base/der.ts';
import type { Random } from '../../base/random.ts';
import {
  BOOLEAN_TRUE,
  bytesOfPem,
  der,
  distinguishedName,
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

const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
/** Kinds of alternative names, by their tags. */
const NAME_KINDS: Record<number, keyof RequestedNames> = { 129: 'emails', 130: 'dns', 134: 'uris', 135: 'ips' };

interface RequestedNames {
  emails: number;
  dns: number;
  uris: number;
  ips: number;
}

/** Whom a PEM certificate request is for, and how many alternative names of each kind it asks for. */
export function readRequest(request: string): { name: string; organizations: string[]; names: RequestedNames } {
  const [, subject, , attributes] = readDer(bytesOfPem(request))[0]!.children[0]!.children;
  const { [COMMON_NAME]: [name = ''] = [], [ORGANIZATION]: organizations = [] } = readName(subject!.children);
  const names: RequestedNames = { emails: 0, dns: 0, uris: 0, ips: 0 };
  const asked = attributes && alternativeNames(attributes.content);
  for (const { tag } of asked ? readDer(asked)[0]!.children : []) {
    const kind = NAME_KINDS[tag];
    if (kind) names[kind]++;
  }
  return { name, organizations, names };
}

/** A subject as Go writes it again: organisations before the common name. */
function orderedSubject(content: Uint8Array): Uint8Array {
  const attributes = readName(readDer(der(SEQUENCE, content))[0]!.children);
  const { [COMMON_NAME]: [name] = [], [ORGANIZATION]: organizations = [], ...others } = attributes;
  if (name === undefined || organizations.length > 1 || Object.keys(others).length > 0) return content;
  return distinguishedName({ organizations, name });
}

/** Signs a PEM certificate request with the cluster's authority, as the PEM of a certificate valid from `now` (ms) for `seconds`. */
export function signRequest(request: string, usages: string[], now: number, seconds: number, random: Random): string {
  const [, name, key, attributes] = readDer(bytesOfPem(request))[0]!.children[0]!.children;
  return issueCertificate(
    {
      subject: orderedSubject(name!.content),
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
