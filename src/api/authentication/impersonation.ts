import { isDns1123Label, isDns1123Subdomain } from '../../base/names.ts';
import { resourceText } from '../authorization/attributes.ts';
import { authorize } from '../authorization/index.ts';
import { forbidden } from '../errors.ts';
import { unescapePart } from '../machinery/routing.ts';
import { type ApiRequest, PlainFailure, type UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { serviceAccountGroups } from './tokens.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** The namespace and name of a service account that a user is (serviceaccount.SplitUsername). */
function accountOf(username: string): { namespace: string; name: string } | undefined {
  const [, namespace = '', name = ''] = SERVICE_ACCOUNT.exec(username) ?? [];
  if (isDns1123Label(namespace).length > 0 || isDns1123Subdomain(name).length > 0) return undefined;
  return { namespace, name };
}

const EXTRA = 'impersonate-extra-';
const AUTHENTICATION = 'authentication.k8s.io';

/** The extra fields that the headers name, by their unescaped keys. */
function extraOf(headers: Record<string, string>): Record<string, string[]> {
  const named = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA));
  return Object.fromEntries(
    named.map(([name, value]) => [unescapePart(name.slice(EXTRA.length)), value.split(',').map((one) => one.trim())]),
  );
}

/**
 * Who a request acts as: its user, or whom its Impersonate headers name, if the user may do that. Several groups stand in one
 * header with commas between. Throws ApiError.
 */
export function actingUser(world: ApiWorld, request: ApiRequest): UserInfo {
  const { user, headers } = request;
  const username = headers['impersonate-user'];
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter(Boolean);
  const uid = headers['impersonate-uid'];
  const extra = extraOf(headers);
  if (!username) {
    const requested = [
      ...groups.map((group) => `{Group  ${group}    }`),
      ...Object.entries(extra).flatMap(([key, values]) =>
        values.map((value) => `{UserExtra  ${value}  ${AUTHENTICATION}/v1  ${key}}`),
      ),
      ...(uid ? [`{UID  ${uid}  ${AUTHENTICATION}/v1  }`] : []),
    ];
    if (requested.length === 0) return user;
    const uri = request.query.size > 0 ? `${request.path}?${request.query}` : request.path;
    const message = `requested [${requested.join(' ')}] without impersonating a user`;
    throw new PlainFailure(500, `Internal Server Error: ${JSON.stringify(uri)}: ${message}\n`);
  }
  const account = accountOf(username);
  const check = (group: string, plural: string, namespace: string, name: string, subresource = '') => {
    const resource = resourceText(plural, subresource);
    const denied = authorize(world, user, { verb: 'impersonate', group, resource, namespace, name });
    if (denied) throw forbidden({ group, plural }, name, denied);
  };
  if (account) check('', 'serviceaccounts', account.namespace, account.name);
  else check('', 'users', '', username);
  for (const group of groups) check('', 'groups', '', group);
  for (const [key, values] of Object.entries(extra))
    for (const value of values) check(AUTHENTICATION, 'userextras', '', value, key);
  if (uid) check(AUTHENTICATION, 'uids', '', uid);
  const own = groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups;
  return {
    username,
    ...(uid && { uid }),
    groups: withMarker(username, own),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** Everybody is in a group of those who are known or of those who are not; who names one of them is not given the other. */
function withMarker(username: string, groups: string[]): string[] {
  const [known, unknown] = ['system:authenticated', 'system:unauthenticated'];
  if (username === 'system:anonymous') return groups.includes(unknown!) ? groups : [...groups, unknown!];
  return groups.includes(known!) || groups.includes(unknown!) ? groups : [...groups, known!];
}
