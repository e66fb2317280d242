import { expect, test } from 'vitest';
import { sortKeys } from '../../src/api/machinery/body.ts';
import type { KubeObject } from '../../src/types/objects.ts';
import { recordedCluster } from './cluster.ts';
import { mask, recording } from './recordings.ts';

/** What belongs to one cluster alone: its certificates, its machines, its API server's identity, who got which piece of the pod network. */
const machineOwn = (text: string): string =>
  mask(text)
    .replace(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----(\\n)?/g, '<certificate>')
    .replace(/"(machineID|systemUUID|bootID)":"[^"]*"/g, '"$1":"ID"')
    // Four kubelets on one machine.
    .replace(/"Port":1025[0-3]/g, '"Port":KUBELET')
    .replace(/"since":"[0-9-]+"/g, '"since":"DATE"')
    .replace(/apiserver-[a-z0-9]{26}(_UID)?/g, 'apiserver-ID')
    .replace(/"kubernetes.io\/hostname":"(vm|k8s-master)"/g, '"kubernetes.io/hostname":"MASTER"')
    .replace(/10\.244\.[0-9]+\.0\/24/g, 'POD-CIDR');

/** As the recorder wrote objects: without what the server alone sets, keys sorted. */
function written({ metadata, ...rest }: KubeObject): string {
  const {
    uid: _,
    resourceVersion: __,
    creationTimestamp: ___,
    managedFields: ____,
    generation: _____,
    ...own
  } = metadata;
  return machineOwn(JSON.stringify(sortKeys({ ...rest, metadata: own })));
}

test('a new cluster holds what a real one holds', async () => {
  const { cluster } = await recordedCluster();
  const recorded = recording<KubeObject>('bootstrap');
  const kinds = new Set(recorded.map(({ kind }) => kind));
  const objects = cluster.store
    .resources()
    .flatMap((resource) => cluster.store.list(resource))
    .filter(({ kind }) => kinds.has(kind));
  expect(objects.map(written).sort()).toEqual(recorded.map(written).sort());
});

const APF = 'api-priority-and-fairness-config';

test.each([
  ['namespaces', '', 'default', ['kube-apiserver Update']],
  ['clusterroles.rbac.authorization.k8s.io', '', 'system:node', ['kube-apiserver Update']],
  [
    'clusterroles.rbac.authorization.k8s.io',
    '',
    'view',
    ['clusterrole-aggregation-controller Apply', 'kube-apiserver Update'],
  ],
  [
    'flowschemas.flowcontrol.apiserver.k8s.io',
    '',
    'probes',
    [`${APF}-consumer-v1 Apply status`, `${APF}-producer-v1 Update`],
  ],
  ['configmaps', 'kube-system', 'kube-root-ca.crt', ['kube-controller-manager Update']],
  ['serviceaccounts', 'default', 'default', []],
])('who wrote %s %s/%s', async (resource, namespace, name, managers) => {
  const { cluster } = await recordedCluster();
  const { metadata } = cluster.store.get(resource, namespace, name)!;
  const told = (metadata.managedFields ?? []).map(({ manager, operation, subresource }) =>
    [manager, operation, subresource].filter(Boolean).join(' '),
  );
  expect(told).toEqual(managers);
});
