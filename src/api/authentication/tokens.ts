import { createHmac } from 'node:crypto';
import { goQuoteList } from '../../base/go-quote.ts';
import type { ServiceAccount } from '../../types/objects.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';

/** Who issues service accounts' tokens. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export const DEFAULT_AUDIENCES = [ISSUER];

/** What a service account's token is bound to. */
export interface BoundObject {
  kind: 'pod' | 'secret';
  name: string;
  uid: string;
}

/** Where a token's pod runs; without a uid if that node is not there. */
export interface BoundNode {
  name: string;
  uid?: string;
}

interface Claims {
  aud: string[];
  exp: number;
  iat: number;
  iss: string;
  jti: string;
  'kubernetes.io': {
    namespace: string;
    node?: BoundNode;
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
export function keyOf({ state, random }: Signer): string {
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

/** A token for a service account, valid for `seconds`; for a pod on `node`, it names that, too. */
export function issueToken(
  world: Signer,
  account: ServiceAccount,
  seconds: number,
  audiences: string[] = DEFAULT_AUDIENCES,
  bound?: BoundObject,
  node?: BoundNode,
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
      ...(node && { node }),
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

/** Who a token speaks for, and to whom; or why it speaks for nobody. */
export type TokenVerdict = { user: UserInfo; audiences: string[]; error?: undefined } | { error: string };

const INVALIDATED = 'service account token has been invalidated';

/** What became of the objects that a token's claims name; undefined when all are what they were (serviceaccount/claims.go). */
function claimProblem({ store, now }: ApiWorld, { exp, nbf, 'kubernetes.io': claims }: Claims): string | undefined {
  if (exp * 1000 < now()) return 'service account token has expired';
  if (nbf * 1000 > now()) return 'service account token is not valid yet';
  const { namespace, serviceaccount, secret, pod, node } = claims;
  const account = store.get('serviceaccounts', namespace, serviceaccount.name);
  if (!account) return `serviceaccounts ${JSON.stringify(serviceaccount.name)} not found`;
  if (account.metadata.uid !== serviceaccount.uid)
    return `service account UID (${account.metadata.uid}) does not match claim (${serviceaccount.uid})`;
  for (const [kind, plural, bound] of [
    ['secret', 'secrets', secret],
    ['pod', 'pods', pod],
  ] as const) {
    if (!bound) continue;
    const object = store.get(plural, namespace, bound.name);
    if (!object) return INVALIDATED;
    if (object.metadata.uid !== bound.uid)
      return `${kind === 'pod' ? 'pod' : 'secret'} UID (${object.metadata.uid}) does not match service account ${kind} ref claim (${bound.uid})`;
  }
  // A pod's node may go; a token that is bound to the node itself goes with it.
  if (node && !pod && store.get('nodes', '', node.name)?.metadata.uid !== node.uid) return INVALIDATED;
  return undefined;
}

/** Looks at a service account's token, for use with one of `audiences`. */
export function checkToken(world: ApiWorld, token: string, audiences: string[] = DEFAULT_AUDIENCES): TokenVerdict {
  const claims = readClaims(token);
  if (claims?.iss !== ISSUER) return { error: 'invalid bearer token' };
  const refused = (why: string) => ({ error: `[invalid bearer token, ${why}]` });
  const signed = token.slice(0, token.lastIndexOf('.'));
  if (token.slice(signed.length + 1) !== sign(world, signed))
    return refused('go-jose/go-jose: error in cryptographic primitive');
  const common = claims.aud.filter((one) => audiences.includes(one));
  if (common.length === 0)
    return refused(
      `token audiences ${goQuoteList(claims.aud)} is invalid for the target audiences ${goQuoteList(audiences)}`,
    );
  const problem = claimProblem(world, claims);
  if (problem) return refused(problem);
  const { namespace, serviceaccount, pod, node } = claims['kubernetes.io'];
  const extra = {
    'credential-id': `JTI=${claims.jti}`,
    'node-name': node?.name,
    'node-uid': node?.uid,
    'pod-name': pod?.name,
    'pod-uid': pod?.uid,
  };
  const user = {
    username: claims.sub,
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra: Object.fromEntries(
      Object.entries(extra).flatMap(([key, value]) =>
        value ? [[`authentication.kubernetes.io/${key}`, [value]]] : [],
      ),
    ),
  };
  return { user, audiences: common };
}

/** The claims of what looks like a token; undefined for anything else. */
function readClaims(token: string): Claims | undefined {
  const [, body, signature] = token.split('.');
  if (!body || !signature) return undefined;
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
  } catch {
    return undefined;
  }
}

/** Who a service account's token speaks for to the API server itself; undefined for nobody. */
export function verifyToken(world: ApiWorld, token: string): UserInfo | undefined {
  const verdict = checkToken(world, token);
  return verdict.error === undefined ? verdict.user : undefined;
}

/** The groups that every service account of a namespace is in. */
export const serviceAccountGroups = (namespace: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  'system:authenticated',
];
