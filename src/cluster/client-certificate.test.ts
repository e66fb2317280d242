import { describe, expect, it } from 'vitest';
import { issue } from '../node/pki/issue.ts';
import { MemoryState } from '../store/state.ts';
import { authenticate } from './authenticate.ts';
import { credentialOf } from './client-certificate.ts';

const NOW = Date.UTC(2026, 0, 1);
const admin = { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins', 'more'], at: NOW };

/** Who comes in with a certificate; `kept`: what the cluster has of its administrator. */
function userOf(pem: string, now = NOW, kept?: unknown) {
  const state = new MemoryState();
  if (kept) state.section('cluster').set('administrator', kept);
  const api = () => Promise.reject(new Error('no token was given'));
  return authenticate({ state, clock: { now: () => now }, api }, { clientCertificateData: base64(pem) });
}
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('who a client certificate says that it is', () => {
  it('its common name, in the groups that its organizations are, with its fingerprint', async () => {
    expect(await userOf(issue({ ...admin, authority: 'ca', client: true }))).toEqual({
      username: 'kubernetes-admin',
      groups: ['kubeadm:cluster-admins', 'more', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
    });
  });

  it.each([
    ['another authority signed it', issue({ ...admin, authority: 'front-proxy-ca', client: true }), NOW],
    ['it is for servers', issue({ ...admin, authority: 'ca', server: true }), NOW],
    ['it is over', issue({ ...admin, authority: 'ca', client: true, seconds: 60 }), NOW + 61_000],
    ['it is not yet good', issue({ ...admin, authority: 'ca', client: true }), NOW - 3_600_000],
    ['it is none', 'nonsense', NOW],
  ])('nobody when %s', async (_, pem, now) => {
    expect(await userOf(pem, now)).toBeUndefined();
  });

  it('what the cluster kept of its administrator is believed for that certificate, in its time', async () => {
    const pem = issue({ ...admin, authority: 'ca', client: true });
    const credential = { ...credentialOf(pem)!, user: { username: 'kept', groups: [] } };
    const kept = { certificate: base64(pem), credential };
    expect(await userOf(pem, NOW, kept)).toEqual(credential.user);
    expect(await userOf(pem, credential.to + 1, kept)).toBeUndefined();
    expect(await userOf(pem, NOW, { certificate: base64(pem) })).toMatchObject({ username: 'kubernetes-admin' });
    const other = issue({ ...admin, authority: 'ca', client: true, commonName: 'jane' });
    expect(await userOf(other, NOW, kept)).toMatchObject({ username: 'jane' });
  });
});
