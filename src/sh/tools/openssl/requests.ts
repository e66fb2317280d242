import { createPrivateKey, createPublicKey, createSign, X509Certificate } from 'node:crypto';
import { readDer, readOid } from '../../../base/der.ts';
import { fnv1a32 } from '../../../base/hash.ts';
import {
  alternativeNames,
  bytesOfPem,
  der,
  issueCertificate,
  OBJECT_ID,
  OCTETS,
  SEQUENCE,
  SUBJECT_ALT_NAME,
  subjectOf,
} from '../../../base/x509.ts';
import { fail, ok, type ToolContext, type ToolResult } from '../tool.ts';
import { keyLines } from './certificates.ts';
import { newKey } from './keys.ts';
import { readInput, type Words, written } from './words.ts';

const DAY = 86_400_000;
const SHA256_WITH_RSA = Buffer.from('2a864886f70d01010b', 'hex');
const EXTENSION_REQUEST = Buffer.from('2a864886f70d01090e', 'hex');
/** Parts of a name, by their short names: the identifiers, encoded. */
const ATTRIBUTES: Record<string, string> = {
  C: '550406',
  ST: '550408',
  L: '550407',
  O: '55040a',
  OU: '55040b',
  CN: '550403',
  emailAddress: '2a864886f70d010901',
};

class OpensslError extends Error {}

/** The content of a distinguished name out of `/CN=mara/O=dev`. */
function nameOf(subject: string): Buffer {
  if (!subject.startsWith('/'))
    throw new OpensslError(
      `name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${subject}'\nproblems making Certificate Request`,
    );
  const parts = subject
    .slice(1)
    .split(/(?<!\\)\//)
    .filter(Boolean);
  return Buffer.concat(
    parts.map((part) => {
      const [type = '', ...value] = part.replaceAll('\\/', '/').split('=');
      const oid = ATTRIBUTES[type.trim()];
      if (!oid) throw new OpensslError(`req: Skipping unknown subject name attribute "${type}"`);
      const text = der(type === 'C' ? 0x13 : 0x0c, Buffer.from(value.join('=')));
      return der(0x31, der(SEQUENCE, der(OBJECT_ID, Buffer.from(oid, 'hex')), text));
    }),
  );
}

/** The content of a subjectAltName out of `subjectAltName=DNS:a,IP:1.2.3.4`. */
function alternatives(extensions: string[]): Buffer | undefined {
  const text = extensions.find((one) => one.startsWith('subjectAltName'))?.split('=')[1];
  if (text === undefined) return undefined;
  const of = (kind: string) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one.startsWith(`${kind}:`))
      .map((one) => one.slice(kind.length + 1));
  return alternativeNames({ dns: of('DNS'), ips: of('IP') });
}

const pem = (title: string, data: Buffer): string =>
  `-----BEGIN ${title}-----\n${data
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END ${title}-----\n`;

const publicKeyOf = (key: string): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

function requestFor(name: Buffer, key: string, names: Buffer | undefined): string {
  const extension = names && der(SEQUENCE, der(OBJECT_ID, SUBJECT_ALT_NAME), der(OCTETS, names));
  const attributes = extension
    ? der(SEQUENCE, der(OBJECT_ID, EXTENSION_REQUEST), der(0x31, der(SEQUENCE, extension)))
    : Buffer.alloc(0);
  const info = der(SEQUENCE, der(0x02, Buffer.from([0])), der(SEQUENCE, name), publicKeyOf(key), der(0xa0, attributes));
  const signature = createSign('sha256').update(info).sign(createPrivateKey(key));
  const algorithm = der(SEQUENCE, der(OBJECT_ID, SHA256_WITH_RSA), Buffer.from([0x05, 0x00]));
  return pem('CERTIFICATE REQUEST', der(SEQUENCE, info, algorithm, der(0x03, Buffer.from([0]), signature)));
}

/** `CN = mara, O = dev` of an encoded name. */
function shownName(content: Uint8Array): string {
  const types = Object.entries(ATTRIBUTES);
  return readDer(content)
    .flatMap(({ children }) => children)
    .map(({ children: [oid, value] }) => {
      const hex = Buffer.from(oid!.content).toString('hex');
      const type = types.find(([, known]) => known === hex)?.[0] ?? readOid(oid!.content);
      return `${type} = ${Buffer.from(value!.content).toString()}`;
    })
    .join(', ');
}

interface Request {
  name: Uint8Array;
  publicKey: Buffer;
}

function readRequest(text: string): Request {
  const [, name, key] = readDer(bytesOfPem(text))[0]!.children[0]!.children;
  return { name: name!.content, publicKey: der(SEQUENCE, key!.content) };
}

function requestText({ name, publicKey }: Request): string {
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
  const head = ['Certificate Request:', '    Data:', '        Version: 1 (0x0)', `        Subject: ${shownName(name)}`];
  return `${[...head, ...keyLines(key), '        Attributes:', '            (none)'].join('\n')}\n`;
}

const HEX = (text: string) => fnv1a32(text).toString(16).padStart(8, '0');
const serialOf = (text: string): string => `4${HEX(text).slice(1)}${[1, 2, 3, 4].map((n) => HEX(text + n)).join('')}`;

const days = (words: Words): number => Number(words.value('-days') ?? 30) * DAY;

function showRequest(context: ToolContext, words: Words): ToolResult {
  const { text, failure } = readInput(context, words.value('-in'), 'certificate request');
  if (failure) return failure;
  const request = readRequest(text);
  const shown = [
    ...(words.has('-text') ? [requestText(request)] : []),
    ...(words.has('-subject') ? [`subject=${shownName(request.name)}\n`] : []),
    ...(words.has('-noout') ? [] : [text]),
  ].join('');
  const verified = words.has('-verify') ? 'Certificate request self-signature verify OK\n' : '';
  return { ...ok(shown), stderr: verified };
}

/** `openssl req`: makes a request, or with -x509 a certificate that signs itself; shows one with -in. */
export function req(context: ToolContext, words: Words): ToolResult {
  if (words.has('-in')) return showRequest(context, words);
  const subject = words.value('-subj');
  if (subject === undefined) return fail("kubemu's openssl asks no questions: give it -subj /CN=name\n");
  const keyFile = words.value('-key');
  const given = keyFile === undefined ? undefined : readInput(context, keyFile, 'private key');
  if (given?.failure) return given.failure;
  const key = given?.text ?? newKey(context, words.value('-keyout') ?? 'privkey.pem');
  try {
    const name = nameOf(subject);
    const names = alternatives(words.values('-addext'));
    if (!given) written(context, words.value('-keyout') ?? 'privkey.pem', key, 0o600);
    const now = context.machine.now();
    const body = words.has('-x509')
      ? issueCertificate(
          {
            subject: name,
            issuer: name,
            publicKey: publicKeyOf(key),
            serial: serialOf(`${subject}${now}`),
            notBefore: now,
            notAfter: now + days(words),
            usages: [],
            authority: true,
            ...(names && { names }),
          },
          key,
        )
      : requestFor(name, key, names);
    return { ...ok(written(context, words.value('-out'), body)), stderr: given ? '' : `${DOTS}-----\n` };
  } catch (error) {
    if (!(error instanceof OpensslError)) throw error;
    return fail(`${error.message}\n`);
  }
}

const DOTS =
  '..+...+.....+.......+++++++++++++++++++++++++++++++++++++++*......+....+..+++++++++++++++++++++++++++++++++++++++*\n';

/** `openssl x509 -req`: an authority signs a request. */
export function signRequest(context: ToolContext, words: Words): ToolResult {
  const request = readInput(context, words.value('-in'), 'certificate request');
  const authority = readInput(context, words.value('-CA'), 'CA certificate');
  const key = readInput(context, words.value('-CAkey') ?? words.value('-signkey'), 'CA private key');
  const failure = request.failure ?? authority.failure ?? key.failure;
  if (failure) return failure;
  const { name, publicKey } = readRequest(request.text);
  const now = context.machine.now();
  const own = words.has('-CA') ? new X509Certificate(authority.text) : undefined;
  if (own && !own.checkPrivateKey(createPrivateKey(key.text)))
    return fail('CA certificate and CA private key do not match\n');
  const body = issueCertificate(
    {
      subject: name,
      issuer: own ? subjectOf(authority.text) : name,
      publicKey,
      serial: serialOf(`${request.text}${now}`),
      notBefore: now,
      notAfter: now + days(words),
      usages: [],
    },
    key.text,
  );
  const stdout = written(context, words.value('-out'), body);
  return { ...ok(stdout), stderr: `Certificate request self-signature ok\nsubject=${shownName(name)}\n` };
}
