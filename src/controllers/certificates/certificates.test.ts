import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { readAsset } from '../../base/assets.ts';
import { Random } from '../../base/random.ts';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import { csrCleaner } from './cleaner.ts';
import { csrApprovingController, csrSigningController } from './index.ts';
import { readRequest, signRequest } from './sign.ts';

const RESOURCE = 'certificatesigningrequests.certificates.k8s.io';
const CSR = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'a' } };

const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIICkzCCAXsCAQAwHTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MIIBIjAN
BgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyk9/pHOgh4NkmJPy9I6BpzDrD1kh
DUNPXgGTSp3jEMmoHGml5q90RGaVki1SKtRpALD1x7Fh4+bj6zH/gwHles4VwtFW
pHd5CqGjbZCU7NOsK3jScSVQhmspgfoAP/xwofqOwrtxEfxw5JYhyCoQS5MJ4SLz
FBCu8zoGUmZL9gg7yAA1wma0+h4GMd2o/lLwD5wgrMRNTPkv2E5tUkrGVZsrwYi3
nfWyubKHSxfq++eUAbob2P5oHqLXahmo6v4h4y+78ssOZ/dRS9bTf9eF9U0iCNhC
y64tAn7fUcblJWnqAFu6jYRZ6+3renPG7S9VbXvWtdeOoINzzQznv4wAKQIDAQAB
oDEwLwYJKoZIhvcNAQkOMSIwIDAeBgNVHREEFzAVgg1hLmV4YW1wbGUuY29thwQK
AAABMA0GCSqGSIb3DQEBCwUAA4IBAQA42P5Vb86vkaTPAJgAszeGFAcMFT7fEvXB
uNo+fl5MJFjHHNlPfzaFQarTclyBLizu5Q1/iqCYXVFIqrpCGDXbVxupK3+/3NhS
xfao2+QhGsJkti/3gsjaKmwfj6eKtov26YiJ/ZFsSiyinysF2knP74SU+f4derex
u9aG7FdfI/LRtdWlVKcWcYkqiqARrjxywlgmYgMI3TVyJCOBmtmEforyilRxWabV
icg3vpiwMphUbhGNPvuGRcBPYRgQMivxEWrw4vpwhFAAS2IRZOP3NVckBQIHw+TL
9Q6+xbcBcyBaQSYkI1fY/oHXrZvMy6MR8Z326q0DRhUoZKbnNlce
-----END CERTIFICATE REQUEST-----`;

test('a signed request is a certificate of the authority', () => {
  const now = Date.UTC(2026, 10, 21);
  const usages = ['digital signature', 'key encipherment', 'client auth'];
  const certificate = new X509Certificate(signRequest(REQUEST, usages, now, 86_400, new Random(1)));
  const authority = new X509Certificate(readAsset('fixtures/pki/ca.crt'));
  expect(certificate.subject).toBe('O=dev\nCN=jane');
  expect(certificate.issuer).toBe(authority.subject);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect([certificate.validFrom, certificate.validTo]).toEqual([
    'Nov 21 00:00:00 2026 GMT',
    'Nov 22 00:00:00 2026 GMT',
  ]);
  expect(certificate.subjectAltName).toBe('DNS:a.example.com, IP Address:10.0.0.1');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

test('what a request asks for can be read', () => {
  expect(readRequest(REQUEST)).toEqual({
    name: 'jane',
    organizations: ['dev'],
    names: { dns: 1, ips: 1, emails: 0, uris: 0 },
  });
});

test.each([
  ['kubernetes.io/kube-apiserver-client', ['server auth'], 'invalid usage for client certificate: server auth'],
  ['kubernetes.io/kube-apiserver-client-kubelet', ['client auth'], 'subject organization is not system:nodes'],
  ['kubernetes.io/kubelet-serving', ['server auth'], 'subject organization is not system:nodes'],
])('%s signs nothing for %j', async (signerName, usages, message) => {
  const world = await TestWorld.with([csrSigningController]);
  const request = Buffer.from(REQUEST).toString('base64');
  world.create({ ...CSR, spec: { request, signerName, usages } });
  const at = '2026-11-21T04:00:00Z';
  const approved = { type: 'Approved', status: 'True', reason: 'x', lastUpdateTime: at, lastTransitionTime: at };
  world.client.patch(RESOURCE, '', 'a', { status: { conditions: [approved] } }, 'approval');
  await world.run(1000);
  const { status } = world.client.get(RESOURCE, '', 'a') as unknown as { status: { conditions: object[] } };
  expect(status.conditions[1]).toMatchObject({ type: 'Failed', reason: 'SignerValidationFailure', message });
});

// Of system:node:q in system:nodes.
const NODE_REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHpMIGRAgEAMC8xFTATBgNVBAoMDHN5c3RlbTpub2RlczEWMBQGA1UEAwwNc3lz
dGVtOm5vZGU6cTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH4vmAliBj7I7TaF
odcahaE8E7iZr7jraOcaqEwxqx3kL/d0mKK+g7Xzy5bqaD61WYTsLmYLtBvetTKt
kOdkOSKgADAKBggqhkjOPQQDAgNHADBEAiAU7GCA1gtZykaovGd83g2QfMorPKt8
eg2xYnMZRVAJjwIgaFwCvZrUmBjc0vHvBRZFMF0oa10OgleoAPhVcYsSYGs=
-----END CERTIFICATE REQUEST-----`;

test.each([
  [
    'one who may do all',
    'root',
    ['system:masters'],
    'Auto approving kubelet client certificate after SubjectAccessReview.',
  ],
  [
    'the node',
    'system:node:q',
    ['system:nodes'],
    'Auto approving self kubelet client certificate after SubjectAccessReview.',
  ],
  [
    'a bootstrapping kubelet',
    'system:bootstrap:a',
    ['system:bootstrappers'],
    'Auto approving kubelet client certificate after SubjectAccessReview.',
  ],
  ['anybody else', 'bob', ['dev'], undefined],
])("a kubelet's request by %s", async (_, username, groups, message) => {
  const world = await TestWorld.with([csrApprovingController]);
  const usages = ['digital signature', 'client auth'];
  const request = Buffer.from(NODE_REQUEST).toString('base64');
  const signerName = 'kubernetes.io/kube-apiserver-client-kubelet';
  const made = world.create({ ...CSR, spec: { request, signerName, usages } });
  const asked = { ...made, spec: { ...(made as unknown as { spec: object }).spec, username, groups } };
  world.store.write(RESOURCE, asked);
  await world.run(1000);
  const { status } = world.client.get(RESOURCE, '', 'a') as unknown as {
    status: { conditions?: { message: string }[] };
  };
  expect(status.conditions?.[0]?.message).toBe(message);
});

test.each([
  ['unanswered', undefined, 24],
  ['denied', 'Denied', 1],
  ['approved, but never signed', 'Approved', undefined],
])('a request that is %s is kept for hours: %s %s', async (_, type, hours) => {
  const world = await TestWorld.with([csrCleaner]);
  const request = Buffer.from(REQUEST).toString('base64');
  world.create({ ...CSR, spec: { request, signerName: 'example.com/x', usages: ['client auth'] } });
  const at = '2026-11-21T04:00:00Z';
  const conditions = [{ type, status: 'True', reason: 'x', lastUpdateTime: at, lastTransitionTime: at }];
  if (type) world.client.patch(RESOURCE, '', 'a', { status: { conditions } }, 'approval');
  const isThere = () => world.client.get(RESOURCE, '', 'a') !== undefined;
  await world.run((hours ?? 100) * 3_600_000);
  expect(isThere()).toBe(true);
  await world.run(3_600_000);
  expect(isThere()).toBe(hours === undefined);
});
