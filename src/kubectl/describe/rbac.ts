import type { ClusterRole, RoleBinding } from '../../types/objects.ts';
import { goSlice, writeMeta } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];
interface Row {
  /** `deployments/scale`; '' for a rule of URLs */
  resource: string;
  urls: string[];
  names: string[];
  verbs: string[];
  group: string[];
}

/** `pods`, `deployments.apps`, `deployments.apps/scale`: the subresource stays last. */
function withGroup(resource: string, group: string): string {
  const [name, ...subresource] = resource.split('/');
  return [group ? `${name}.${group}` : name, ...subresource].join('/');
}

/** A rule as Go prints it, which is what kubectl sorts by: its verbs come first. */
const goText = ({ verbs, group, resource, names, urls }: Row): string =>
  `Verbs:${goSlice(verbs)},APIGroups:${goSlice(group)},Resources:${goSlice(resource ? [resource] : [])},ResourceNames:${goSlice(names)},NonResourceURLs:${goSlice(urls)},`;

/** Rules taken apart to one group, resource and name each, and joined again where only the verbs differ. */
export function compactRules(rules: Rule[] | undefined): Row[] {
  const rows = new Map<string, Row>();
  const addVerb = (key: string, row: Omit<Row, 'verbs'>, verb: string) => {
    const found = rows.get(key) ?? { ...row, verbs: [] };
    if (!found.verbs.includes(verb)) found.verbs.push(verb);
    rows.set(key, found);
  };
  let urlRow = 0;
  for (const rule of rules ?? []) {
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        for (const verb of rule.verbs)
          for (const name of rule.resourceNames?.length ? rule.resourceNames : [undefined]) {
            const key = JSON.stringify([group, resource, name]);
            addVerb(key, { resource, group: [group], urls: [], names: name === undefined ? [] : [name] }, verb);
          }
    // Rules of URLs are not joined: one row a verb.
    for (const url of rule.nonResourceURLs ?? [])
      for (const verb of rule.verbs)
        addVerb(`url ${urlRow++}`, { resource: '', group: [], urls: [url], names: [] }, verb);
  }
  return [...rows.values()].sort((a, b) => (goText(a) < goText(b) ? -1 : 1));
}

/** Source: RoleDescriber and ClusterRoleDescriber. */
export const describeRole: Describer<ClusterRole> = async (role) => {
  const w = new DescribeWriter();
  writeMeta(w, role, { namespaced: false });
  w.write(0, 'PolicyRule:\n');
  w.head(1, ['Resources', 'Non-Resource URLs', 'Resource Names', 'Verbs']);
  for (const row of compactRules(role.rules))
    w.cells(1, withGroup(row.resource, row.group[0] ?? ''), goSlice(row.urls), goSlice(row.names), goSlice(row.verbs));
  return w.toString();
};

/** Source: RoleBindingDescriber and ClusterRoleBindingDescriber. */
export const describeRoleBinding: Describer<RoleBinding> = async (binding) => {
  const w = new DescribeWriter();
  writeMeta(w, binding, { namespaced: false });
  w.write(0, 'Role:\n');
  w.row(1, 'Kind', binding.roleRef.kind);
  w.row(1, 'Name', binding.roleRef.name);
  w.write(0, 'Subjects:\n');
  w.head(1, ['Kind', 'Name', 'Namespace']);
  for (const s of binding.subjects ?? []) w.cells(1, s.kind, s.name, s.namespace ?? '');
  return w.toString();
};
