import { aggregate } from '../machinery/invalid.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import type { Attributes } from './attributes.ts';
import { nodeMay, nodeOf } from './node.ts';
import { ruleAllows, rulesFor } from './rbac.ts';

/** The group that may do everything, whatever the roles say. */
export const MASTERS = 'system:masters';

export interface Decision {
  allowed: boolean;
  reason: string;
}

/** Whether the user may, and why. */
export function decide(world: ApiWorld, user: UserInfo, wanted: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
  const node = nodeOf(user);
  const verdict = node === undefined ? '' : nodeMay(world, node, user, wanted);
  if (verdict === true) return { allowed: true, reason: '' };
  const errors: string[] = [];
  for (const { rule, source, error } of rulesFor(world, user, wanted.path === undefined ? wanted.namespace : '')) {
    if (error !== undefined) errors.push(error);
    if (rule && ruleAllows(rule, wanted)) return { allowed: true, reason: `RBAC: allowed by ${source}` };
  }
  const reasons = [verdict, errors.length > 0 ? `RBAC: ${aggregate(errors)}` : ''].filter((reason) => reason !== '');
  return { allowed: false, reason: reasons.join('\n') };
}

/** Why the user may not, in the words that follow `is forbidden: `; undefined if they may. */
export function authorize(world: ApiWorld, user: UserInfo, wanted: Attributes): string | undefined {
  const { allowed, reason } = decide(world, user, wanted);
  if (allowed) return undefined;
  const why = reason === '' ? '' : `: ${reason}`;
  if (wanted.path !== undefined)
    return `User ${JSON.stringify(user.username)} cannot ${wanted.verb} path ${JSON.stringify(wanted.path)}${why}`;
  const scope =
    wanted.namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(wanted.namespace)}`;
  return `User ${JSON.stringify(user.username)} cannot ${wanted.verb} resource ${JSON.stringify(wanted.resource)} in API group ${JSON.stringify(wanted.group)} ${scope}${why}`;
}
