import { X509Certificate } from 'node:crypto';
import { readDer, readOid } from '../../base/der.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';

const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
const fail = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr, code });

/** `Nov 21 06:00:16 2026 GMT` is what node says too. */
const name = (text: string): string =>
  text
    .split('\n')
    .map((part) => part.replace('=', ' = '))
    .join(', ');

const colons = (hex: string): string => (hex.match(/../g) ?? []).join(':');

/** Blocks of hexadecimal, so many bytes a line. */
function hexLines(bytes: Buffer, indent: number, perLine: number): string[] {
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

function asText(certificate: X509Certificate): string {
  const serial = BigInt(`0x${certificate.serialNumber}`);
  const small = certificate.serialNumber.length <= 16;
  const jwk = certificate.publicKey.export({ format: 'jwk' });
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(jwk.n ?? '', 'base64url')]);
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
    `        Issuer: ${name(certificate.issuer)}`,
    '        Validity',
    `            Not Before: ${certificate.validFrom}`,
    `            Not After : ${certificate.validTo}`,
    `        Subject: ${name(certificate.subject)}`,
    '        Subject Public Key Info:',
    '            Public Key Algorithm: rsaEncryption',
    `                Public-Key: (${(modulus.length - 1) * 8} bit)`,
    '                Modulus:',
    ...hexLines(modulus, 20, 15),
    '                Exponent: 65537 (0x10001)',
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
  '-subject': (c) => `subject=${name(c.subject)}\n`,
  '-issuer': (c) => `issuer=${name(c.issuer)}\n`,
  '-startdate': (c) => `notBefore=${c.validFrom}\n`,
  '-enddate': (c) => `notAfter=${c.validTo}\n`,
  '-dates': (c) => `notBefore=${c.validFrom}\nnotAfter=${c.validTo}\n`,
  '-serial': (c) => `serial=${c.serialNumber}\n`,
  '-fingerprint': (c) => `sha1 Fingerprint=${c.fingerprint}\n`,
  '-pubkey': (c) => String(c.publicKey.export({ type: 'spki', format: 'pem' })),
};

function x509(host: NodeHost, context: CommandContext, words: string[]): CommandResult {
  const at = words.indexOf('-in');
  const path = at >= 0 ? words[at + 1] : undefined;
  let text: string;
  if (path === undefined) text = context.stdin;
  else {
    const file = path.startsWith('/') ? path : `${context.cwd}/${path}`;
    if (!host.files.stat(file))
      return fail(
        `Could not open file or uri for loading certificate from ${path}\n40A7B6F5FF7F0000:error:80000002:system library:file_open:No such file or directory:../providers/implementations/storemgmt/file_store.c:267:calling stat(${path})\n40A7B6F5FF7F0000:error:16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:../crypto/store/store_register.c:237:scheme=file\nUnable to load certificate\n`,
      );
    text = host.files.read(file);
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    return fail(`Could not find certificate from ${path ?? '<stdin>'}\nUnable to load certificate\n`);
  }
  const end = words.indexOf('-checkend');
  if (end >= 0) {
    const expires = Date.parse(certificate.validTo) <= host.now() + Number(words[end + 1]) * 1000;
    return { stdout: `Certificate will ${expires ? '' : 'not '}expire\n`, stderr: '', code: expires ? 1 : 0 };
  }
  const extension = words.indexOf('-ext');
  const chosen =
    extension >= 0
      ? extensions(certificate)
          .filter(([title]) => words[extension + 1] !== 'subjectAltName' || title.includes('Subject Alternative Name'))
          .map(([title, value]) => `${title} \n    ${value}\n`)
          .join('')
      : '';
  const printed = words.flatMap((word) => PRINTS[word]?.(certificate) ?? []).join('') + chosen;
  return ok(words.includes('-noout') ? printed : `${printed}${certificate.toString()}`);
}

/** openssl: what it tells of certificates. */
export function openssl(host: NodeHost, context: CommandContext): CommandResult {
  const [command, ...words] = context.argv.slice(1);
  if (command === 'version') return ok('OpenSSL 3.0.13 30 Jan 2024 (Library: OpenSSL 3.0.13 30 Jan 2024)\n');
  if (command === 'x509') return x509(host, context, words);
  if (command === 'verify') {
    const file = words.at(-1)!;
    const authority = words[words.indexOf('-CAfile') + 1]!;
    const read = (path: string) => new X509Certificate(host.files.read(path));
    if (!host.files.stat(file) || !host.files.stat(authority))
      return fail(`Could not open file or uri for loading certificate from ${file}\n`, 2);
    return read(file).verify(read(authority).publicKey)
      ? ok(`${file}: OK\n`)
      : {
          stdout: '',
          stderr: `error 20 at 0 depth lookup: unable to get local issuer certificate\nerror ${file}: verification failed\n`,
          code: 2,
        };
  }
  return fail(`kubemu's openssl knows x509, verify and version, not ${JSON.stringify(command ?? '')}\n`);
}
