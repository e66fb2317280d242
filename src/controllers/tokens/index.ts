import { issueToken } from '../../api/authentication/tokens.ts';
import type { Actor } from '../../runtime/actor.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
/** Tokens in secrets do not expire; a century will do, s. */
const FOR_GOOD = 100 * 365 * 86_400;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Fills the secrets that ask for a service account's token, and removes them with the account. */
export const tokensController: Actor = controller({
  name: 'tokens-controller',
  watches: [
    { resource: 'secrets', keys: ({ type, object }) => (type === 'DELETED' ? [] : [keyOf(object)]) },
    {
      resource: 'serviceaccounts',
      keys: ({ object: { metadata } }, { client }) =>
        client
          .list('secrets', metadata.namespace)
          .filter((secret) => secret.type === TYPE && secret.metadata.annotations?.[ACCOUNT] === metadata.name)
          .map(keyOf),
    },
  ],
  reconcile(key, world) {
    const { client } = world;
    const secret = client.get('secrets', ...splitKey(key));
    if (secret?.type !== TYPE || secret.metadata.deletionTimestamp) return;
    const { namespace = '', name = '', uid = '', annotations } = secret.metadata;
    const account = client.get('serviceaccounts', namespace, annotations?.[ACCOUNT] ?? '');
    if (!account || (annotations?.[ACCOUNT_UID] && annotations[ACCOUNT_UID] !== account.metadata.uid)) {
      client.delete('secrets', namespace, name, { preconditions: { uid } });
      return;
    }
    if (secret.data?.token && annotations?.[ACCOUNT_UID]) return;
    const authority = client.get('configmaps', namespace, 'kube-root-ca.crt')?.data?.['ca.crt'] ?? '';
    const token = issueToken(world, account, FOR_GOOD, undefined, { kind: 'secret', name, uid });
    client.update('secrets', {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...annotations, [ACCOUNT_UID]: account.metadata.uid! } },
      data: { ...secret.data, 'ca.crt': base64(authority), namespace: base64(namespace), token: base64(token) },
    });
  },
});
