import { type KeyObject, X509Certificate } from 'node:crypto';
import { readDer, readOid } from '../../../base/der.ts';
import { fail, ok, type ToolContext, type ToolResult } from '../tool.ts';
import { readInput, type Words, wordsOf } from './words.ts';

/** A distinguished name as openssl shows it; `Nov 21 06:00:16 2026 GMT` is what node says too. */
export const nameText = (text: string): string =>
  text
    .split('\n')
    .map((part) => part.replace('=', ' = '))
    .join(', ');

const colons = (hex: string): string => (hex.match(/../g) ?? []).join(':');

/** The modulus of an RSA key. */
export const modulusOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');

/** Blocks of hexadecimal, so many bytes a line. */
export function hexLines(bytes: Buffer, indent: number, perLine: number): string[] {
  const pairs = bytes.toString('hex').match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += perLine) {
    const more = at + perLine < pairs.length;
    lines.push(`${' '.repeat(indent)}${pairs.slice(at, at + perLine).join(':')}${more ? ':' : ''}`);
  }
  return lines;
}

const USAGES: [bit: number, text: string][] = [
  [0x80, 'Digital Signature'],
  [0x40, 'Non Repudiation'],
  [0x20, 'Key Encipherment'],
  [0x10, 'Data Encipherment'],
  [0x08, 'Key Agreement'],
  [0x04, 'Certificate Sign'],
  [0x02, 'CRL Sign'],
];
const PURPOSES: Record<string, string> = {
  '1.3.6.1.5.5.7.3.1': 'TLS Web Server Authentication',
  '1.3.6.1.5.5.7.3.2': 'TLS Web Client Authentication',
};

const alternativeNames = (certificate: X509Certificate): string | undefined => certificate.subjectAltName ?? undefined;

/** The extensions as `-text` lists them: a title and a line each. */
function extensions(certificate: X509Certificate): [title: string, text: string][] {
  const fields = readDer(certificate.raw)[0]!.children[0]!.children;
  const list = fields.find(({ tag }) => tag === 0xa3)?.children[0]?.children ?? [];
  return list.flatMap(({ children }): [string, string][] => {
    const oid = readOid(children[0]!.content);
    const critical = children.length > 2 ? ' critical' : '';
    const value = readDer(children.at(-1)!.content)[0]!;
    switch (oid) {
      case '2.5.29.15': {
        const bits = value.content[1] ?? 0;
        const texts = USAGES.filter(([bit]) => bits & bit).map(([, text]) => text);
        return [[`X509v3 Key Usage:${critical}`, texts.join(', ')]];
      }
      case '2.5.29.37':
        return [
          [
            `X509v3 Extended Key Usage:${critical}`,
            value.children.map((one) => PURPOSES[readOid(one.content)] ?? readOid(one.content)).join(', '),
          ],
        ];
      case '2.5.29.19':
        return [[`X509v3 Basic Constraints:${critical}`, `CA:${value.children.length > 0 ? 'TRUE' : 'FALSE'}`]];
      case '2.5.29.17':
        return [[`X509v3 Subject Alternative Name:${critical}`, alternativeNames(certificate) ?? '']];
      default:
        return [];
    }
  });
}

/** How `-text` shows an RSA key. */
export function keyLines(key: KeyObject): string[] {
  const modulus = Buffer.concat([Buffer.from([0]), modulusOf(key)]);
  return [
    '        Subject Public Key Info:',
    '            Public Key Algorithm: rsaEncryption',
    `                Public-Key: (${(modulus.length - 1) * 8} bit)`,
    '                Modulus:',
    ...hexLines(modulus, 20, 15),
    '                Exponent: 65537 (0x10001)',
  ];
}

function asText(certificate: X509Certificate): string {
  const serial = BigInt(`0x${certificate.serialNumber}`);
  const small = certificate.serialNumber.length <= 16;
  const signature = Buffer.from(readDer(certificate.raw)[0]!.children.at(-1)!.content.subarray(1));
  const own = extensions(certificate);
  const lines = [
    'Certificate:',
    '    Data:',
    '        Version: 3 (0x2)',
    ...(small
      ? [`        Serial Number: ${serial} (0x${certificate.serialNumber.toLowerCase().replace(/^0+/, '')})`]
      : ['        Serial Number:', `            ${colons(certificate.serialNumber.toLowerCase())}`]),
    '        Signature Algorithm: sha256WithRSAEncryption',
    `        Issuer: ${nameText(certificate.issuer)}`,
    '        Validity',
    `            Not Before: ${certificate.validFrom}`,
    `            Not After : ${certificate.validTo}`,
    `        Subject: ${nameText(certificate.subject)}`,
    ...keyLines(certificate.publicKey),
    ...(own.length > 0 ? ['        X509v3 extensions:'] : []),
    ...own.flatMap(([title, text]) => [`            ${title}`, `                ${text}`]),
    '    Signature Algorithm: sha256WithRSAEncryption',
    '    Signature Value:',
    ...hexLines(signature, 8, 18),
  ];
  return `${lines.join('\n')}\n`;
}

/** What `openssl x509` prints for an option. */
const PRINTS: Record<string, (certificate: X509Certificate) => string> = {
  '-text': asText,
  '-subject': (c) => `subject=${nameText(c.subject)}\n`,
  '-issuer': (c) => `issuer=${nameText(c.issuer)}\n`,
  '-startdate': (c) => `notBefore=${c.validFrom}\n`,
  '-enddate': (c) => `notAfter=${c.validTo}\n`,
  '-dates': (c) => `notBefore=${c.validFrom}\nnotAfter=${c.validTo}\n`,
  '-serial': (c) => `serial=${c.serialNumber}\n`,
  '-fingerprint': (c) => `sha1 Fingerprint=${c.fingerprint}\n`,
  '-modulus': (c) => `Modulus=${modulusOf(c.publicKey).toString('hex').toUpperCase()}\n`,
  '-pubkey': (c) => String(c.publicKey.export({ type: 'spki', format: 'pem' })),
};

/** `openssl x509`: shows a certificate. */
export function showCertificate(context: ToolContext, words: Words): ToolResult {
  const { text, failure } = readInput(context, words.value('-in'), 'certificate');
  if (failure) return failure;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    const from = words.value('-in') ?? '<stdin>';
    return fail(`Could not find certificate from ${from}\nUnable to load certificate\n`);
  }
  const end = words.value('-checkend');
  if (end !== undefined) {
    const expires = Date.parse(certificate.validTo) <= context.machine.now() + Number(end) * 1000;
    return { ...ok(`Certificate will ${expires ? '' : 'not '}expire\n`), code: expires ? 1 : 0 };
  }
  const extension = words.value('-ext');
  const chosen =
    extension === undefined
      ? ''
      : extensions(certificate)
          .filter(([title]) => extension !== 'subjectAltName' || title.includes('Subject Alternative Name'))
          .map(([title, value]) => `${title} \n    ${value}\n`)
          .join('');
  const printed = words.all.flatMap((word) => PRINTS[word]?.(certificate) ?? []).join('') + chosen;
  return ok(words.has('-noout') ? printed : `${printed}${certificate.toString()}`);
}

/** `openssl verify -CAfile ca.crt file` */
export function verify(context: ToolContext, args: string[]): ToolResult {
  const file = args.at(-1) ?? '';
  const authority = wordsOf(args).value('-CAfile') ?? '';
  const [own, theirs] = [file, authority].map((path) => readInput(context, path, 'certificate'));
  const failure = own!.failure ?? theirs!.failure;
  if (failure) return { ...failure, code: 2 };
  if (new X509Certificate(own!.text).verify(new X509Certificate(theirs!.text).publicKey)) return ok(`${file}: OK\n`);
  const why = 'error 20 at 0 depth lookup: unable to get local issuer certificate';
  return fail(`${why}\nerror ${file}: verification failed\n`, 2);
}
