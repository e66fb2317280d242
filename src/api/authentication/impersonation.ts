import { authorize } from '../authorization/index.ts';
import { forbidden, internalError } from '../errors.ts';
import { unescapePart } from '../machinery/routing.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { serviceAccountGroups } from './tokens.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
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
export function actingUser(world: ApiWorld, user: UserInfo, headers: Record<string, string>): UserInfo {
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
    if (requested.length > 0) throw internalError(`requested [${requested.join(' ')}] without impersonating a user`);
    return user;
  }
  const account = SERVICE_ACCOUNT.exec(username);
  const check = (group: string, plural: string, namespace: string, name: string, subresource = '') => {
    const resource = subresource ? `${plural}/${subresource}` : plural;
    const denied = authorize(world, user, { verb: 'impersonate', group, resource, namespace, name });
    if (denied) throw forbidden({ group, plural }, name, denied);
  };
  if (account) check('', 'serviceaccounts', account[1]!, account[2]!);
  else check('', 'users', '', username);
  for (const group of groups) check('', 'groups', '', group);
  for (const [key, values] of Object.entries(extra))
    for (const value of values) check(AUTHENTICATION, 'userextras', '', value, key);
  if (uid) check(AUTHENTICATION, 'uids', '', uid);
  const own = groups.length === 0 && account ? serviceAccountGroups(account[1]!) : groups;
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
