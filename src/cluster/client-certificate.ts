import { createHash, X509Certificate } from 'node:crypto';
import type { UserInfo } from '../api/request.ts';
import { readAsset } from '../base/assets.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * Who a client's certificate (PEM) says that it is; undefined when the cluster's authority did not sign it for clients, or its time
 * is over. `now`: ms. Source: apiserver/pkg/authentication/request/x509.
 */
export function certificateUser(pem: Uint8Array, now: number): UserInfo | undefined {
  const certificate = readCertificate(pem);
  if (!certificate?.keyUsage?.includes(CLIENT_AUTH)) return undefined;
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) return undefined;
  if (!certificate.verify(new X509Certificate(readAsset('fixtures/pki/ca.crt')).publicKey)) return undefined;
  const names = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>;
  const [username] = [names.CN ?? []].flat();
  if (!username) return undefined;
  return {
    username,
    groups: [...[names.O ?? []].flat(), 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/credential-id': [
        `X509SHA256=${createHash('sha256').update(certificate.raw).digest('hex')}`,
      ],
    },
  };
}

function readCertificate(pem: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
