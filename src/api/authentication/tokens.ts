import { createHmac } from 'node:crypto';
import type { ServiceAccount } from '../../types/objects.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export const DEFAULT_AUDIENCES = [ISSUER];

/** What a service account's token is bound to. */
export interface BoundObject {
  kind: 'pod' | 'secret' | 'node';
  name: string;
  uid: string;
}

interface Claims {
  aud: string[];
  exp: number;
  iat: number;
  iss: string;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    node?: { name: string; uid: string };
    pod?: { name: string; uid: string };
    secret?: { name: string; uid: string };
    serviceaccount: { name: string; uid: string };
  };
  nbf: number;
  sub: string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What signing needs of a cluster. */
type Signer = Pick<ApiWorld, 'state' | 'random' | 'now'>;

/** The cluster's own key, made when first needed. */
function keyOf({ state, random }: Signer): string {
  const section = state.section<string>('keys');
  let key = section.get('service-account');
  if (!key) {
    key = random.hex(64);
    section.set('service-account', key);
  }
  return key;
}

/** As long as an RSA signature of 2048 bits, so that tokens look as real ones do. */
function sign(world: Signer, text: string): string {
  const key = keyOf(world);
  const parts = Array.from({ length: 8 }, (_, index) => createHmac('sha256', key).update(`${index}.${text}`).digest());
  return Buffer.concat(parts).toString('base64url');
}

/** A token for a service account, valid for `seconds`. */
export function issueToken(
  world: Signer,
  account: ServiceAccount,
  seconds: number,
  audiences: string[] = DEFAULT_AUDIENCES,
  bound?: BoundObject,
): string {
  const { namespace = '', name = '', uid = '' } = account.metadata;
  const now = Math.floor(world.now() / 1000);
  const claims: Claims = {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: ISSUER,
    jti: world.random.uuid(),
    'kubernetes.io': {
      namespace,
      ...(bound && { [bound.kind]: { name: bound.name, uid: bound.uid } }),
      serviceaccount: { name, uid },
    },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const kid = createHmac('sha256', keyOf(world)).update('kid').digest('base64url');
  const text = `${encode({ alg: 'RS256', kid })}.${encode(claims)}`;
  return `${text}.${sign(world, text)}`;
}

/** Who a service account's token speaks for; undefined when it is none of ours, has expired, or its account is gone. */
export function verifyToken(world: ApiWorld, token: string): UserInfo | undefined {
  const [header, body, signature] = token.split('.');
  if (!header || !body || signature !== sign(world, `${header}.${body}`)) return undefined;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
  if (claims.exp * 1000 < world.now()) return undefined;
  const { namespace, serviceaccount, pod } = claims['kubernetes.io'];
  const account = world.store.get('serviceaccounts', namespace, serviceaccount.name);
  if (account?.metadata.uid !== serviceaccount.uid) return undefined;
  if (pod && world.store.get('pods', namespace, pod.name)?.metadata.uid !== pod.uid) return undefined;
  return {
    username: claims.sub,
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] },
  };
}

/** The groups that every service account of a namespace is in. */
export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  'system:authenticated',
];
