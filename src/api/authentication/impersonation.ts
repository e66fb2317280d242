import { authorize } from '../authorization/index.ts';
import { forbidden } from '../errors.ts';
import { ApiError, type UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { serviceAccountGroups } from './tokens.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const EXTRA = 'impersonate-extra-';

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
  const extra = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA));
  if (!username) {
    if (groups.length > 0 || uid || extra.length > 0)
      throw new ApiError(
        500,
        'InternalError',
        'Internal error occurred: requested [groups] without impersonating a user',
        {
          causes: [{ reason: '', message: 'requested groups without impersonating a user' }],
        },
      );
    return user;
  }
  const account = SERVICE_ACCOUNT.exec(username);
  const check = (group: string, resource: string, namespace: string, name: string) => {
    const denied = authorize(world, user, { verb: 'impersonate', group, resource, namespace, name });
    if (denied) throw forbidden({ group, plural: resource }, name, denied);
  };
  if (account) check('', 'serviceaccounts', account[1]!, account[2]!);
  else check('', 'users', '', username);
  for (const group of groups) check('', 'groups', '', group);
  if (uid) check('authentication.k8s.io', 'uids', '', uid);
  const own = groups.length === 0 && account ? serviceAccountGroups(account[1]!) : groups;
  const marker = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return {
    username,
    ...(uid && { uid }),
    groups: own.includes(marker) ? own : [...own, marker],
    ...(extra.length > 0 && {
      extra: Object.fromEntries(
        extra.map(([name, value]) => [decodeURIComponent(name.slice(EXTRA.length)), value.split(',')]),
      ),
    }),
  };
}
