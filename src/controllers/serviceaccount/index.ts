import type { Actor } from '../../runtime/actor.ts';
import type { Namespace, ServiceAccount } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';

const ACCOUNT = 'default';

/** Every namespace has a service account named `default`. */
export const serviceAccountController: Actor = controller({
  name: 'service-account-controller',
  watches: [
    { resource: 'namespaces', keys: ({ object }) => [object.metadata.name!] },
    {
      resource: 'serviceaccounts',
      keys: ({ type, object }) =>
        type === 'DELETED' && object.metadata.name === ACCOUNT ? [object.metadata.namespace!] : [],
    },
  ],
  reconcile(key, { client }) {
    const namespace: Namespace | undefined = client.get('namespaces', '', key);
    if (namespace?.status?.phase !== 'Active' || client.get('serviceaccounts', key, ACCOUNT)) return;
    const metadata = { name: ACCOUNT, namespace: key };
    client.create('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata } as ServiceAccount);
  },
});
