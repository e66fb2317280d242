import { expect, it } from 'vitest';
import { testServer } from '../testing/server.ts';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const STORAGE_CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
/** CN=eve, O=system:masters; its key is thrown away. */
const REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIak1JR0pBZ0VBTUNjeEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVF3d0NnWURWUVFEREFObApkbVV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVJJOW9OWHM0cEt6TndOSHpqRkRtb0RSMEhPCnEzN3JQOGlVQmhqblJnVmttazdxYzNjeUdkL0pYZUF5MmJYODlMTXE2R2VxM1djakZJVHBtNDRBK0dzOW9BQXcKQ2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQVBxa0FSQWQvb1hOa21pUDdxTGFybTF1NDExZDNQZHkxMjl0UFJmZgp2VDN1QWlFQXcrd1FKanFDSXh0Q1RkeEFtVWtWSHlYZjJzZG1VbE1DQjZHaE9qTXF6ZWc9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';
const PATCH = { 'content-type': 'application/merge-patch+json' };
const resized = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

it('claims grow when they are bound and their class allows it', async () => {
  const { send, failure } = await testServer();
  await send('POST', STORAGE_CLASSES, { metadata: { name: 'a' }, provisioner: 'p' });
  await send('POST', STORAGE_CLASSES, { metadata: { name: 'b' }, provisioner: 'p', allowVolumeExpansion: true });
  for (const name of ['a', 'b']) {
    const spec = { storageClassName: name, accessModes: ['ReadWriteOnce'], ...resized('1Gi').spec };
    await send('POST', CLAIMS, { metadata: { name }, spec });
    await send('PATCH', `${CLAIMS}/${name}/status`, { status: { phase: 'Bound' } }, PATCH);
  }
  expect(await failure('PATCH', `${CLAIMS}/a`, resized('2Gi'), PATCH)).toBe(
    'persistentvolumeclaims "a" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
  expect(await failure('PATCH', `${CLAIMS}/b`, resized('2Gi'), PATCH)).toBe('');
});

it('a certificate is approved by those who may, and makes nobody a master', async () => {
  const { send, failure, put } = await testServer();
  const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
  const spec = { request: REQUEST, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
  expect(await failure('POST', requests, { metadata: { name: 'm' }, spec })).toBe(
    'certificatesigningrequests.certificates.k8s.io "m" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  );
  await send('POST', requests, { metadata: { name: 'x' }, spec: { ...spec, signerName: 'example.com/a' } });
  const rules = [
    { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['*'] },
  ];
  put('clusterroles.rbac.authorization.k8s.io', 'ClusterRole', { name: 'r' }, { rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
  const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'alice' }];
  put('clusterrolebindings.rbac.authorization.k8s.io', 'ClusterRoleBinding', { name: 'r' }, { roleRef, subjects });
  const approval = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'r' }] } };
  const alice = { username: 'alice', groups: ['system:authenticated'] };
  expect(await failure('PATCH', `${requests}/x/approval`, approval, PATCH, alice)).toBe(
    'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to approve requests with signerName "example.com/a"',
  );
  expect(await failure('PATCH', `${requests}/x/approval`, approval, PATCH)).toBe('');
});
