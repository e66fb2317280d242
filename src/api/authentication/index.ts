import { unauthorized } from '../errors.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { verifyToken } from './tokens.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Who a bearer token speaks for: a user whom the cluster gave one (section `tokens`), or a service account. Without a header: anonymous. Throws a
 * 401 for a token that nobody holds.
 */
export function authenticate(world: ApiWorld, authorization: string | undefined): UserInfo {
  const token = /^Bearer\s+(.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return ANONYMOUS;
  const user = world.state.section<UserInfo>('tokens').get(token) ?? verifyToken(world, token);
  if (!user) throw unauthorized();
  return user;
}
