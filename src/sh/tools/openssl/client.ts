import { X509Certificate } from 'node:crypto';
import { lookUp } from '../../resolver.ts';
import { fail, type ToolContext, type ToolResult } from '../tool.ts';
import { nameText } from './certificates.ts';
import type { Words } from './words.ts';

const PID = '4097A1D3E57F0000';

/** What OpenSSL says of a connection that does not come about, and its errno. */
const FAILURES: Record<string, [words: string, errno: number, code: string]> = {
  refused: ['Connection refused', 111, '8000006F'],
  timeout: ['Connection timed out', 110, '8000006E'],
  'no-route': ['No route to host', 113, '80000071'],
};

function notConnected(failure: string): ToolResult {
  const [words, errno, code] = FAILURES[failure] ?? FAILURES.refused!;
  return fail(
    [
      `${PID}:error:${code}:system library:BIO_connect:${words}:../crypto/bio/bio_sock2.c:125:calling connect()`,
      `${PID}:error:10000067:BIO routines:BIO_connect:connect error:../crypto/bio/bio_sock2.c:127:`,
      `connect:errno=${errno}\n`,
    ].join('\n'),
  );
}

const SUMMARY = ['---', 'no peer certificate available', '---', 'No client certificate CA names sent', '---'];

/** The session, as it is told after the certificates. */
const session = (protocol: string, cipher: string, bits: number | undefined, verified: string): string[] => [
  `New, ${protocol}, Cipher is ${cipher}`,
  ...(bits === undefined ? [] : [`Server public key is ${bits} bit`]),
  `Secure Renegotiation IS ${protocol === 'TLSv1.2' ? '' : 'NOT '}supported`,
  'Compression: NONE',
  'Expansion: NONE',
  'No ALPN negotiated',
  'Early data was not sent',
  `Verify return code: ${verified}`,
  '---',
  '',
];

/** Something answers, and does not speak TLS, or not this one. */
function noHandshake(error: string): ToolResult {
  const lines = [
    'CONNECTED(00000003)',
    ...SUMMARY,
    'SSL handshake has read 7 bytes and written 293 bytes',
    'Verification: OK',
    '---',
    ...session('(NONE)', '(NONE)', undefined, '0 (ok)'),
  ];
  return { stdout: lines.join('\n'), stderr: `${PID}:error:${error}\n`, code: 1 };
}

const OLD = ['-tls1', '-tls1_1', '-ssl3'];

/** Who signed a certificate, of the authorities that are trusted. */
function authorityFor(context: ToolContext, words: Words, certificate: X509Certificate): X509Certificate | undefined {
  const file = words.value('-CAfile');
  if (file === undefined) return undefined;
  const { files } = context.machine;
  if (!files.stat(context.path(file))) return undefined;
  const blocks = files.read(context.path(file)).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  return blocks?.map((pem) => new X509Certificate(pem)).find((one) => certificate.verify(one.publicKey));
}

function told(certificate: X509Certificate, authority: X509Certificate | undefined, protocol: string): ToolResult {
  const [subject, issuer] = [nameText(certificate.subject), nameText(certificate.issuer)];
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 2048;
  const [number, why] = authority ? [0, 'ok'] : [21, 'unable to verify the first certificate'];
  const depth = `depth=0 ${subject}`;
  const stderr = authority
    ? [`depth=1 ${nameText(authority.subject)}`, 'verify return:1', depth, 'verify return:1', 'DONE', '']
    : [
        depth,
        'verify error:num=20:unable to get local issuer certificate',
        'verify return:1',
        depth,
        `verify error:num=${number}:${why}`,
        'verify return:1',
        depth,
        'verify return:1',
        'DONE',
        '',
      ];
  const cipher = protocol === 'TLSv1.2' ? 'ECDHE-RSA-AES128-GCM-SHA256' : 'TLS_AES_128_GCM_SHA256';
  const lines = [
    'CONNECTED(00000003)',
    '---',
    'Certificate chain',
    ` 0 s:${subject}`,
    `   i:${issuer}`,
    `   a:PKEY: rsaEncryption, ${bits} (bit); sigalg: RSA-SHA256`,
    `   v:NotBefore: ${certificate.validFrom}; NotAfter: ${certificate.validTo}`,
    '---',
    'Server certificate',
    certificate.toString().trimEnd(),
    `subject=${subject}`,
    `issuer=${issuer}`,
    '---',
    'Acceptable client certificate CA names',
    issuer,
    'Peer signing digest: SHA256',
    'Peer signature type: RSA-PSS',
    'Server Temp Key: X25519, 253 bits',
    '---',
    'SSL handshake has read 1495 bytes and written 405 bytes',
    authority ? 'Verification: OK' : `Verification error: ${why}`,
    '---',
    ...session(protocol, cipher, bits, `${number} (${why})`),
  ];
  return { stdout: lines.join('\n'), stderr: stderr.join('\n'), code: 0 };
}

/** `openssl s_client -connect HOST:PORT [-CAfile FILE] [-tls1_2]`: the handshake, and what was sent is at its end. */
export function connect(context: ToolContext, words: Words): ToolResult {
  const target = words.value('-connect') ?? words.all.find((word) => /^[^-].*:\d+$/.test(word)) ?? 'localhost:4433';
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? [];
  if (port === '') return fail('s_client: -connect argument or target parameter malformed or ambiguous\n');
  const found = lookUp(context.machine, host);
  if ('failure' in found)
    return fail(
      `${PID}:error:10080002:BIO routines:BIO_lookup_ex:system lib:../crypto/bio/bio_addr.c:738:Name or service not known\nconnect:errno=22\n`,
    );
  const { network } = context.machine;
  const address = found.addresses[0]!;
  const opened = network.connect(address, Number(port));
  if (opened !== 'open') return notConnected(opened);
  void context.stdin;
  const headers = { host: target };
  const reply = network.http({ method: 'GET', host: address, port: Number(port), path: '/', headers, tls: true });
  if ('failure' in reply || !reply.tls)
    return noHandshake('0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:354:');
  if (words.all.some((word) => OLD.includes(word)))
    return noHandshake(
      '0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../ssl/record/rec_layer_s3.c:1584:SSL alert number 70',
    );
  if (reply.certificate === undefined)
    return fail(
      `kubemu does not know the certificate of ${target}: that of the API server, of kubelets and of etcd it does\n`,
    );
  const certificate = new X509Certificate(reply.certificate);
  return told(certificate, authorityFor(context, words, certificate), words.has('-tls1_2') ? 'TLSv1.2' : 'TLSv1.3');
}
