import { issueToken } from '../../api/authentication/tokens.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { Client } from '../../runtime/client.ts';
import type { Secret } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
/** Tokens in secrets do not expire; a century will do, s. */
const FOR_GOOD = 100 * 365 * 86_400;

/** Marks what is told of secrets that are gone. */
const GONE = 'gone:';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A secret that is gone is no more among those of its account (removeSecretReference). */
function forget(key: string, client: Client): void {
  const [namespace = '', secret, name = ''] = key.split('/');
  const account = client.get('serviceaccounts', namespace, name);
  if (!account?.secrets?.some((one) => one.name === secret)) return;
  const left = account.secrets.filter((one) => one.name !== secret);
  client.update('serviceaccounts', { ...account, secrets: left.length > 0 ? left : undefined });
}

/** Fills the secrets that ask for a service account's token, and removes them with the account. */
export const tokensController: Actor = controller({
  name: 'tokens-controller',
  watches: [
    {
      resource: 'secrets',
      keys({ type, object }) {
        const account = object.metadata.annotations?.[ACCOUNT];
        if (type !== 'DELETED') return [keyOf(object)];
        return (object as Secret).type === TYPE && account ? [`${GONE}${keyOf(object)}/${account}`] : [];
      },
    },
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
    if (key.startsWith(GONE)) return forget(key.slice(GONE.length), client);
    const secret = client.get('secrets', ...splitKey(key));
    if (secret?.type !== TYPE || secret.metadata.deletionTimestamp) return;
    const { namespace = '', name = '', uid = '', annotations } = secret.metadata;
    const account = client.get('serviceaccounts', namespace, annotations?.[ACCOUNT] ?? '');
    if (!account || (annotations?.[ACCOUNT_UID] && annotations[ACCOUNT_UID] !== account.metadata.uid)) {
      client.delete('secrets', namespace, name, { preconditions: { uid } });
      return;
    }
    const authority = client.get('configmaps', namespace, 'kube-root-ca.crt')?.data?.['ca.crt'] ?? '';
    const { token: known, 'ca.crt': given } = secret.data ?? {};
    if (known && annotations?.[ACCOUNT_UID] && secret.data?.namespace && given === base64(authority)) return;
    const make = () => base64(issueToken(world, account, FOR_GOOD, undefined, { kind: 'secret', name, uid }));
    client.update('secrets', {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...annotations, [ACCOUNT_UID]: account.metadata.uid! } },
      data: {
        ...secret.data,
        'ca.crt': base64(authority),
        namespace: secret.data?.namespace || base64(namespace),
        token: known || make(),
      },
    });
  },
});
