import { selects } from '../../api/machinery/selectors.ts';
import type { Actor } from '../../runtime/actor.ts';
import type { ClusterRole } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { sameJson } from '../shared/objects.ts';

const NAME = 'clusterrole-aggregation-controller';
const ROLES = 'clusterroles.rbac.authorization.k8s.io';

type Rules = NonNullable<ClusterRole['rules']>;

/** Fills roles that aggregate others with the rules of those (pkg/controller/clusterroleaggregation). */
export const clusterRoleAggregationController: Actor = controller({
  name: NAME,
  watches: [
    {
      resource: ROLES,
      keys: (_, { client }) =>
        client
          .list(ROLES)
          .filter((role) => role.aggregationRule)
          .map(({ metadata }) => metadata.name!),
    },
  ],
  reconcile(key, { client }) {
    const roles = client.list(ROLES);
    const role = roles.find(({ metadata }) => metadata.name === key);
    if (!role?.aggregationRule) return;
    const rules: Rules = [];
    for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
      for (const other of roles) {
        if (other === role || !selects(selector, other.metadata.labels)) continue;
        for (const rule of other.rules ?? []) if (!rules.some((one) => sameJson(one, rule))) rules.push(rule);
      }
    }
    if (sameJson(rules, role.rules)) return;
    const { apiVersion, kind } = role;
    client.apply(ROLES, { apiVersion, kind, metadata: { name: key }, rules }, NAME);
  },
});
