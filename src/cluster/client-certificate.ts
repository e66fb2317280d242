import { createHash, X509Certificate } from 'node:crypto';
import { readAsset } from '../base/assets.ts';
import { readDer, readName } from '../base/der.ts';
import { subjectOf } from '../base/x509.ts';
import type { Credential } from './authenticate.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';

const known = new Map<string, Credential | undefined>();

/**
 * What a client's certificate (PEM) says of who it is; undefined when the cluster's authority did not sign it for clients.
 * Source: apiserver/pkg/authentication/request/x509.
 */
export function credentialOf(pem: string): Credential | undefined {
  // Each request of a long process brings the same one, and verifying costs milliseconds.
  if (!known.has(pem)) known.set(pem, verified(pem));
  return known.get(pem);
}

function verified(pem: string): Credential | undefined {
  const certificate = readCertificate(pem);
  if (!certificate?.keyUsage?.includes(CLIENT_AUTH)) return undefined;
  if (!certificate.verify(new X509Certificate(readAsset('fixtures/pki/ca.crt')).publicKey)) return undefined;
  const names = readName(readDer(subjectOf(pem)));
  const username = names[COMMON_NAME]?.at(-1);
  if (!username) return undefined;
  const digest = createHash('sha256').update(certificate.raw).digest('hex');
  return {
    user: {
      username,
      groups: [...(names[ORGANIZATION] ?? []), 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    },
    from: Date.parse(certificate.validFrom),
    to: Date.parse(certificate.validTo),
  };
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
