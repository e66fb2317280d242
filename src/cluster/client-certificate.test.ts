import { describe, expect, it } from 'vitest';
import { issue } from '../node/pki/issue.ts';
import { certificateUser } from './client-certificate.ts';

const NOW = Date.UTC(2026, 0, 1);
const admin = { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins', 'more'], at: NOW };
const userOf = (pem: string, now = NOW) => certificateUser(Buffer.from(pem), now);

describe('who a client certificate says that it is', () => {
  it('its common name, in the groups that its organizations are, with its fingerprint', () => {
    expect(userOf(issue({ ...admin, authority: 'ca', client: true }))).toEqual({
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
  ])('nobody when %s', (_, pem, now) => {
    expect(userOf(pem, now)).toBeUndefined();
  });
});
