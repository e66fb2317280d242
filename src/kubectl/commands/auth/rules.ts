/** A rule of SelfSubjectRulesReview, or of a role. */
export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** One rule for each combination of verb, group, resource and name, and of verb and URL (rbacutil.BreakdownRule). */
export function breakdown({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): PolicyRule[] {
  const ofResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb): PolicyRule[] => {
        const rule = { verbs: [verb], apiGroups: [group], resources: [resource] };
        return resourceNames.length > 0 ? resourceNames.map((name) => ({ ...rule, resourceNames: [name] })) : [rule];
      }),
    ),
  );
  const ofUrls = nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })));
  return [...ofResources, ...ofUrls];
}

/** Joins the verbs of rules about one resource (rbacutil.CompactRules). */
export function compact(rules: PolicyRule[]): PolicyRule[] {
  const simple = new Map<string, PolicyRule>();
  const others: PolicyRule[] = [];
  for (const rule of rules) {
    const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
    if (apiGroups.length !== 1 || resources.length !== 1 || resourceNames.length > 1 || nonResourceURLs.length > 0) {
      others.push(rule);
      continue;
    }
    const key = [apiGroups[0], resources[0], resourceNames[0]].join('\n');
    const known = simple.get(key);
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...rule.verbs] } : rule);
  }
  return [...others, ...simple.values()];
}

/** Go's text of a rule, by which rules are sorted. */
export const ruleText = ({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string =>
  `&PolicyRule{Verbs:[${verbs.join(' ')}],APIGroups:[${apiGroups.join(' ')}],Resources:[${resources.join(' ')}],ResourceNames:[${resourceNames.join(' ')}],NonResourceURLs:[${nonResourceURLs.join(' ')}],}`;
