import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

const blockTypes = (pem: string): string[] =>
  [...pem.matchAll(/-----BEGIN ([^-\n]+)-----\r?\n[\s\S]*?-----END \1-----/g)].map(([, type]) => type!);
const isKey = (type: string | undefined): boolean => type === 'PRIVATE KEY' || (type ?? '').endsWith(' PRIVATE KEY');

function certificateProblem(types: string[]): string | undefined {
  if (types.includes('CERTIFICATE')) return undefined;
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (types.length === 1 && types[0]!.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function keyProblem(types: string[]): string | undefined {
  if (types.some(isKey)) return undefined;
  if (types.length === 0) return 'tls: failed to find any PEM data in key input';
  if (types.length === 1 && types[0] === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** What Go's tls.X509KeyPair says of PEM texts that are no certificate, no key, or not of the same pair; undefined when they are. */
export function keyPairProblem(cert: string, key: string): string | undefined {
  const wrong = certificateProblem(blockTypes(cert)) ?? keyProblem(blockTypes(key));
  if (wrong) return wrong;
  const certificate = attempt(() => new X509Certificate(cert));
  if (!certificate) return 'x509: malformed certificate';
  const own = attempt(() => createPrivateKey(key));
  if (!own) return 'tls: failed to parse private key';
  if (certificate.publicKey.asymmetricKeyType !== own.asymmetricKeyType)
    return 'tls: private key type does not match public key type';
  const der = (one: KeyObject) => one.export({ type: 'spki', format: 'der' });
  const same = der(certificate.publicKey).equals(der(createPublicKey(own)));
  return same ? undefined : 'tls: private key does not match public key';
}
