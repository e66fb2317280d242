import { createSign, type KeyLike, X509Certificate } from 'node:crypto';
import { readDer } from './der.ts';

export const SEQUENCE = 0x30;
export const OBJECT_ID = 0x06;
export const OCTETS = 0x04;
export const BOOLEAN_TRUE = Buffer.from([0x01, 0x01, 0xff]);
const NULL = Buffer.from([0x05, 0x00]);
/** Object identifiers, encoded. */
const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex');
const BASIC_CONSTRAINTS = Buffer.from('551d13', 'hex');
const KEY_USAGE = Buffer.from('551d0f', 'hex');
const EXTENDED_KEY_USAGE = Buffer.from('551d25', 'hex');
export const SUBJECT_ALT_NAME = Buffer.from('551d11', 'hex');
const ORGANIZATION = Buffer.from('55040a', 'hex');
const COMMON_NAME = Buffer.from('550403', 'hex');
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
  'cert sign': 0x04,
};

/** An element of DER. */
export function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(
    content.length.toString(16).padStart(content.length > 0xffff ? 6 : content.length > 0xff ? 4 : 2, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

/** The bytes between the lines of a PEM block. */
export const bytesOfPem = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** YYMMDDhhmmssZ, or YYYY… from 2050 on. */
function validityTime(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return text < '2050' ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** A distinguished name's content: organisations, then the common name, as Go writes them. */
export function distinguishedName({ organizations = [], name }: { organizations?: string[]; name: string }): Buffer {
  const part = (oid: Buffer, text: string) =>
    der(
      0x31,
      der(
        SEQUENCE,
        der(OBJECT_ID, oid),
        der(/^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text) ? 0x13 : 0x0c, Buffer.from(text)),
      ),
    );
  return Buffer.concat([...organizations.map((text) => part(ORGANIZATION, text)), part(COMMON_NAME, name)]);
}

/** The content of a subjectAltName extension. */
export const alternativeNames = (names: { dns: string[]; ips: string[] }): Buffer =>
  der(
    SEQUENCE,
    ...names.dns.map((name) => der(0x82, Buffer.from(name))),
    ...names.ips.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))),
  );

function extensions(usages: string[], names: Uint8Array | undefined, authority: boolean): Buffer {
  const extension = (oid: Buffer, critical: boolean, value: Buffer) =>
    der(SEQUENCE, der(OBJECT_ID, oid), ...(critical ? [BOOLEAN_TRUE] : []), der(OCTETS, value));
  const bits = usages.reduce((sum, usage) => sum | (KEY_BITS[usage] ?? 0), 0);
  const extended = usages.flatMap((usage) => (USAGES[usage] ? [der(OBJECT_ID, USAGES[usage])] : []));
  const unused = bits & 0x04 ? 2 : bits & 0x10 ? 4 : bits & 0x20 ? 5 : 7;
  const list = [
    ...(bits ? [extension(KEY_USAGE, true, der(0x03, Buffer.from([unused, bits])))] : []),
    ...(extended.length > 0 ? [extension(EXTENDED_KEY_USAGE, false, der(SEQUENCE, ...extended))] : []),
    extension(BASIC_CONSTRAINTS, true, authority ? der(SEQUENCE, BOOLEAN_TRUE) : der(SEQUENCE)),
    ...(names ? [extension(SUBJECT_ALT_NAME, false, Buffer.from(names))] : []),
  ];
  return der(0xa3, der(SEQUENCE, ...list));
}

/** The content of a certificate's subject. */
export function subjectOf(certificate: string): Uint8Array {
  const parts = readDer(new X509Certificate(certificate).raw)[0]!.children[0]!.children;
  // An explicit version shifts what follows: version, serial, algorithm, issuer, validity, subject.
  return parts[parts[0]!.tag === 0xa0 ? 5 : 4]!.content;
}

export interface CertificateFields {
  /** Content of a distinguished name. */
  subject: Uint8Array;
  issuer: Uint8Array;
  /** SubjectPublicKeyInfo, whole. */
  publicKey: Uint8Array;
  /** Hexadecimal; its first digit is below 8. */
  serial: string;
  /** ms since the epoch. */
  notBefore: number;
  notAfter: number;
  usages: string[];
  names?: Uint8Array;
  authority?: boolean;
}

/** A certificate (PEM) with these fields, signed with an RSA key. */
export function issueCertificate(fields: CertificateFields, key: KeyLike): string {
  const algorithm = der(SEQUENCE, der(OBJECT_ID, SHA256_WITH_RSA), NULL);
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from(fields.serial, 'hex')),
    algorithm,
    der(SEQUENCE, fields.issuer),
    der(SEQUENCE, validityTime(fields.notBefore), validityTime(fields.notAfter)),
    der(SEQUENCE, fields.subject),
    fields.publicKey,
    extensions(fields.usages, fields.names, fields.authority ?? false),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(key);
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
