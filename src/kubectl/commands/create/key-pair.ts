import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { CommandError } from '../../errors.ts';

/** Go's tls.X509KeyPair: refuses what is no certificate, no key, or not the same pair, in its words. */
export function checkKeyPair(cert: string, key: string): void {
  if (!/-----BEGIN [^-]+-----/.test(cert))
    throw new CommandError('tls: failed to find any PEM data in certificate input');
  if (!/-----BEGIN CERTIFICATE-----/.test(cert)) {
    throw new CommandError(
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [' +
        [...cert.matchAll(/-----BEGIN ([^-]+)-----/g)].map((m) => m[1]).join(' ') +
        ']',
    );
  }
  if (!/-----BEGIN [^-]+-----/.test(key)) throw new CommandError('tls: failed to find any PEM data in key input');
  if (!/-----BEGIN .*PRIVATE KEY-----/.test(key)) {
    throw new CommandError(
      /-----BEGIN CERTIFICATE-----/.test(key)
        ? 'tls: found a certificate rather than a key in the PEM for the private key'
        : 'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [' +
            [...key.matchAll(/-----BEGIN ([^-]+)-----/g)].map((m) => m[1]).join(' ') +
            ']',
    );
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    throw new CommandError('x509: malformed certificate');
  }
  let own: ReturnType<typeof createPrivateKey>;
  try {
    own = createPrivateKey(key);
  } catch {
    throw new CommandError('tls: failed to parse private key');
  }
  const type = (k: { asymmetricKeyType?: string }) => k.asymmetricKeyType;
  if (type(certificate.publicKey) !== type(own))
    throw new CommandError('tls: private key type does not match public key type');
  const der = (k: ReturnType<typeof createPublicKey>) => k.export({ type: 'spki', format: 'der' });
  if (!der(certificate.publicKey).equals(der(createPublicKey(own))))
    throw new CommandError('tls: private key does not match public key');
}
