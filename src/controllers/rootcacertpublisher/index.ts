import { readAsset } from '../../base/assets.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { ConfigMap, Namespace } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { sameJson } from '../shared/objects.ts';

const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const ANNOTATIONS = {
  [DESCRIPTION]:
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** Every namespace has the cluster's certificate authority in a config map. */
export const rootCACertPublisher: Actor = controller({
  name: 'root-ca-cert-publisher',
  watches: [
    { resource: 'namespaces', keys: ({ object }) => [object.metadata.name!] },
    {
      resource: 'configmaps',
      keys: ({ object }) => (object.metadata.name === NAME ? [object.metadata.namespace!] : []),
    },
  ],
  reconcile(key, { client }) {
    const namespace: Namespace | undefined = client.get('namespaces', '', key);
    if (namespace?.status?.phase !== 'Active') return;
    const current = client.get('configmaps', key, NAME);
    const data = { [KEY]: authority(key, client) };
    if (current) {
      const annotations = current.metadata.annotations ?? {};
      if (sameJson(current.data, data) && annotations[DESCRIPTION]) return;
      const metadata = { ...current.metadata, annotations: { ...annotations, ...ANNOTATIONS } };
      client.update('configmaps', { ...current, metadata, data });
      return;
    }
    const metadata = { name: NAME, namespace: key, annotations: ANNOTATIONS };
    client.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } as ConfigMap);
  },
});

/** The authority that the cluster began with: what kube-system was given. */
function authority(namespace: string, client: Parameters<Actor['reconcile']>[1]['client']): string {
  const first = namespace === 'kube-system' ? undefined : client.get('configmaps', 'kube-system', NAME);
  return first?.data?.[KEY] ?? readAsset('fixtures/pki/ca.crt');
}
