import { type DerElement, readDer, readName, readOid } from './der.ts';

/** What a PKCS#10 certificate request asks for. */
export interface CertificateRequest {
  /** Attribute values by OID, in order: `2.5.4.3` is the common name, `2.5.4.10` the organization. */
  subject: Record<string, string[]>;
  dnsNames: string[];
  emails: string[];
  uris: string[];
  ips: string[];
  /** The SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
}

const SUBJECT_ALT_NAME = '2.5.29.17';
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  return groups
    .join(':')
    .replace(/\b(?:0:){2,}0\b|^0:0:|:0:0$/, (zeros) => (zeros ? '::' : ''))
    .replace(/:{3,}/, '::');
}

function find(element: DerElement, oid: string): DerElement | undefined {
  const holds = (e: DerElement) => e.children[0]?.tag === 0x06 && readOid(e.children[0].content) === oid;
  if (holds(element)) return element;
  for (const child of element.children) {
    const found = find(child, oid);
    if (found) return found;
  }
  return undefined;
}

/** Parses a PEM certificate request; throws `PEM block type must be CERTIFICATE REQUEST` or what DER says. Source: RFC 2986. */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const block = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(pem);
  if (!block) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [request] = readDer(Buffer.from(block[1] ?? '', 'base64'));
  const [, name, key, attributes] = request?.children[0]?.children ?? [];
  if (!name || !key) throw new Error("asn1: structure error: tags don't match");
  const result: CertificateRequest = {
    subject: readName(name.children),
    dnsNames: [],
    emails: [],
    uris: [],
    ips: [],
    publicKey: key.content,
  };
  const extension = attributes && find(attributes, SUBJECT_ALT_NAME);
  const names = extension
    ? (readDer(extension.children.at(-1)?.content ?? new Uint8Array())[0]?.children ??
      readDer(extension.children.at(-1)!.content))
    : [];
  for (const { tag, content } of names) {
    if (tag === 0x81) result.emails.push(text(content));
    else if (tag === 0x82) result.dnsNames.push(text(content));
    else if (tag === 0x86) result.uris.push(text(content));
    else if (tag === 0x87) result.ips.push(ipText(content));
  }
  return result;
}
