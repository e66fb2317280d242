import { createSign, X509Certificate } from 'node:crypto';
import { readAsset } from '../../base/assets.ts';
import { readDer } from '../../base/der.ts';
import type { Random } from '../../base/random.ts';

const SEQUENCE = 0x30;
const OBJECT_ID = 0x06;
const OCTETS = 0x04;
const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);
const NULL = Buffer.from([0x05, 0x00]);
/** Object identifiers, encoded. */
const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex');
const KEY_USAGE = Buffer.from('551d0f', 'hex');
const EXTENDED_KEY_USAGE = Buffer.from('551d25', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('551d11', 'hex');
const USAGES: Record<string, Buffer> = {
  'server auth': Buffer.from('2b06010505070301', 'hex'),
  'client auth': Buffer.from('2b06010505070302', 'hex'),
  'code signing': Buffer.from('2b06010505070303', 'hex'),
  'email protection': Buffer.from('2b06010505070304', 'hex'),
};
/** Bits of a KeyUsage, the first being the highest. */
const KEY_BITS: Record<string, number> = {
  'digital signature': 0x80,
  'key encipherment': 0x20,
  'data encipherment': 0x10,
};

/** An element of DER. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(
    content.length.toString(16).padStart(content.length > 0xffff ? 6 : content.length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

const bytesOfPem = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** YYMMDDhhmmssZ */
const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

function extensions(usages: string[], names: Uint8Array | undefined): Buffer {
  const extension = (oid: Buffer, critical: boolean, value: Buffer) =>
    der(SEQUENCE, der(OBJECT_ID, oid), ...(critical ? [BOOLEAN_TRUE] : []), der(OCTETS, value));
  const bits = usages.reduce((sum, usage) => sum | (KEY_BITS[usage] ?? 0), 0);
  const extended = usages.flatMap((usage) => (USAGES[usage] ? [der(OBJECT_ID, USAGES[usage])] : []));
  const list = [
    ...(bits
      ? [extension(KEY_USAGE, true, der(0x03, Buffer.from([bits & 0x20 ? 5 : bits & 0x10 ? 4 : 7, bits])))]
      : []),
    ...(extended.length > 0 ? [extension(EXTENDED_KEY_USAGE, false, der(SEQUENCE, ...extended))] : []),
    extension(BASIC_CONSTRAINTS, true, der(SEQUENCE)),
    ...(names ? [extension(SUBJECT_ALT_NAME, false, Buffer.from(names))] : []),
  ];
  return der(0xa3, der(SEQUENCE, ...list));
}

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
  const authority = readDer(new X509Certificate(readAsset('fixtures/pki/ca.crt')).raw)[0]!.children[0]!.children;
  // An explicit version shifts what follows: version, serial, algorithm, issuer, validity, subject.
  const subjectAt = authority[0]!.tag === 0xa0 ? 5 : 4;
  const [, name, key, attributes] = readDer(bytesOfPem(request))[0]!.children[0]!.children;
  const algorithm = der(SEQUENCE, der(OBJECT_ID, SHA256_WITH_RSA), NULL);
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from(`5${random.hex(31)}`, 'hex')),
    algorithm,
    der(SEQUENCE, authority[subjectAt]!.content),
    der(SEQUENCE, utcTime(now), utcTime(now + seconds * 1000)),
    der(SEQUENCE, name!.content),
    der(SEQUENCE, key!.content),
    extensions(usages, attributes && alternativeNames(attributes.content)),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(readAsset('fixtures/pki/ca.key'));
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
