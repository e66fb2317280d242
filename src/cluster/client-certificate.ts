import { createHash, X509Certificate } from 'node:crypto';
import type { UserInfo } from '../api/request.ts';
import { readAsset } from '../base/assets.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** What a certificate says, whatever the time is. */
interface Credential {
  user: UserInfo;
  /** Between which times it is good, ms. */
  from: number;
  to: number;
}

const known = new Map<string, Credential | undefined>();

/**
 * Who a client's certificate (PEM) says that it is; undefined when the cluster's authority did not sign it for clients, or its time
 * is over. `now`: ms. Source: apiserver/pkg/authentication/request/x509.
 */
export function certificateUser(pem: Uint8Array, now: number): UserInfo | undefined {
  const text = Buffer.from(pem).toString('latin1');
  // Each request of a long process brings the same one, and verifying costs milliseconds.
  if (!known.has(text)) known.set(text, verified(pem));
  const credential = known.get(text);
  return credential && now >= credential.from && now <= credential.to ? credential.user : undefined;
}

function verified(pem: Uint8Array): Credential | undefined {
  const certificate = readCertificate(pem);
  if (!certificate?.keyUsage?.includes(CLIENT_AUTH)) return undefined;
  if (!certificate.verify(new X509Certificate(readAsset('fixtures/pki/ca.crt')).publicKey)) return undefined;
  const names = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>;
  const [username] = [names.CN ?? []].flat();
  if (!username) return undefined;
  const digest = createHash('sha256').update(certificate.raw).digest('hex');
  return {
    user: {
      username,
      groups: [...[names.O ?? []].flat(), 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    },
    from: Date.parse(certificate.validFrom),
    to: Date.parse(certificate.validTo),
  };
}

function readCertificate(pem: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
