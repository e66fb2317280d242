import { createHmac } from 'node:crypto';
import { parseTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Secret } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';

const TYPE = 'bootstrap.kubernetes.io/token';
const NAMESPACE = 'kube-system';
/** The map that whoever joins reads before it trusts anybody. */
const INFO: [namespace: string, name: string] = ['kube-public', 'cluster-info'];
const SIGNATURE = 'jws-kubeconfig-';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** A JSON web signature without its content (computeDetachedSignature of cluster-bootstrap). */
function detachedSignature(content: string, id: string, secret: string): string {
  const header = base64url(`{"alg":"HS256","kid":${JSON.stringify(id)}}`);
  const signature = createHmac('sha256', secret)
    .update(`${header}.${base64url(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}

const fieldOf = ({ data }: Secret, name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString();

/** When a token ends, ms; Infinity for one that does not. */
function expiry(secret: Secret): number {
  const text = fieldOf(secret, 'expiration');
  if (!text) return Number.POSITIVE_INFINITY;
  const time = parseTime(text);
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

const tokensIn = ({ client }: ActorWorld): Secret[] =>
  client.list('secrets', NAMESPACE).filter(({ type }) => type === TYPE);

/** Signs the cluster's description with every token that may vouch for it (pkg/controller/bootstrap, bootstrapsigner). */
export const bootstrapSigner: Actor = controller({
  name: 'bootstrap-signer',
  watches: [
    {
      resource: 'configmaps',
      keys: ({ object: { metadata } }) =>
        keyOf({ apiVersion: '', kind: '', metadata }) === INFO.join('/') ? ['info'] : [],
    },
    { resource: 'secrets', keys: ({ object }) => ((object as Secret).type === TYPE ? ['info'] : []) },
  ],
  reconcile(_, world) {
    const info = world.client.get('configmaps', ...INFO);
    const content = info?.data?.kubeconfig;
    if (!info || content === undefined) return;
    const kept = Object.entries(info.data!).filter(([key]) => !key.startsWith(SIGNATURE));
    const signed = tokensIn(world)
      .filter((secret) => fieldOf(secret, 'usage-bootstrap-signing') === 'true' && expiry(secret) > world.now())
      .map((secret) => [fieldOf(secret, 'token-id'), fieldOf(secret, 'token-secret')] as const)
      .map(([id, secret]) => [SIGNATURE + id, detachedSignature(content, id, secret)] as const);
    const data = Object.fromEntries([...kept, ...signed]);
    if (!sameJson(data, info.data)) world.client.update('configmaps', { ...info, data });
  },
});

/** Removes bootstrap tokens that have expired (tokencleaner). */
export const tokenCleaner: Actor = controller({
  name: 'token-cleaner',
  watches: [
    {
      resource: 'secrets',
      keys: ({ type, object }) => (type !== 'DELETED' && (object as Secret).type === TYPE ? [keyOf(object)] : []),
    },
  ],
  reconcile(key, { client, now, wake }) {
    const secret = client.get('secrets', ...splitKey(key));
    if (secret?.type !== TYPE || secret.metadata.namespace !== NAMESPACE) return;
    const end = expiry(secret);
    if (end === Number.POSITIVE_INFINITY) return;
    if (end > now()) return wake(key, end);
    const { name = '', uid } = secret.metadata;
    client.delete('secrets', NAMESPACE, name, { preconditions: { uid } });
  },
  settles: () => false,
});
