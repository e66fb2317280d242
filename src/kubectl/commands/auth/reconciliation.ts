import { equal } from '../../../api/machinery/patch/json-value.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { breakdown, type PolicyRule } from './rules.ts';

export interface Subject {
  kind: string;
  apiGroup?: string;
  namespace?: string;
  name: string;
}

interface AggregationRule {
  clusterRoleSelectors?: object[];
}

export interface RbacObject extends KubeObject {
  rules?: PolicyRule[];
  aggregationRule?: AggregationRule | undefined;
  subjects?: Subject[];
  roleRef?: object;
}

/** What has to be done about an object, and what of it was missing or too much. */
export interface Reconciliation {
  operation: 'none' | 'create' | 'update' | 'recreate';
  object: RbacObject;
  /** The live object says that nobody shall reconcile it. */
  protected: boolean;
  missingRules: PolicyRule[];
  extraRules: PolicyRule[];
  missingSubjects: Subject[];
  extraSubjects: Subject[];
}

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

const NOTHING = { protected: false, missingRules: [], extraRules: [], missingSubjects: [], extraSubjects: [] };

/**
 * How a role or binding comes to grant what is wanted of it; `exact`: and nothing else.
 * Source: k8s.io/component-helpers/auth/rbac/reconciliation.
 */
export function reconciliationOf(live: RbacObject | undefined, wanted: RbacObject, exact: boolean): Reconciliation {
  if (!live) {
    const { rules = [], subjects = [] } = wanted;
    return { ...NOTHING, operation: 'create', object: wanted, missingRules: rules, missingSubjects: subjects };
  }
  const guarded = live.metadata.annotations?.[AUTO_UPDATE] === 'false';
  if (wanted.roleRef && !equal(wanted.roleRef, live.roleRef ?? {})) {
    return { ...NOTHING, operation: 'recreate', object: wanted, protected: guarded };
  }
  const change = wanted.roleRef ? changedSubjects(live, wanted, exact) : changedRules(live, wanted, exact);
  const object = present({ ...withMetadataOf(live, wanted), ...change.fields });
  const operation = equal(object, live) ? 'none' : 'update';
  return { ...NOTHING, ...change.found, operation, object, protected: guarded };
}

const present = (object: RbacObject): RbacObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as unknown as RbacObject;

/** Labels and annotations that are there already win. */
function withMetadataOf(live: RbacObject, wanted: RbacObject): RbacObject {
  const both = (field: 'labels' | 'annotations') =>
    (wanted.metadata[field] ?? live.metadata[field]) && {
      [field]: { ...wanted.metadata[field], ...live.metadata[field] },
    };
  return { ...live, metadata: { ...live.metadata, ...both('labels'), ...both('annotations') } };
}

/** Rules of `asked` that `granted` does not cover, a verb and a resource at a time (validation.Covers). */
function uncovered(granted: PolicyRule[], asked: PolicyRule[]): PolicyRule[] {
  const owned = granted.flatMap(breakdown);
  return asked.flatMap(breakdown).filter((rule) => !owned.some((each) => covers(each, rule)));
}

type Match = (owned: string, asked: string) => boolean;

const plain: Match = (owned, asked) => owned === '*' || owned === asked;
const resource: Match = (owned, asked) =>
  plain(owned, asked) || (asked.includes('/') && owned === asked.replace(/^[^/]*/, '*'));
const path: Match = (owned, asked) => owned === asked || (owned.endsWith('*') && asked.startsWith(owned.slice(0, -1)));

const all = (owned: string[] = [], asked: string[] = [], match = plain): boolean =>
  asked.every((each) => owned.some((own) => match(own, each)));

/** Whether a rule grants all of another. */
function covers(owner: PolicyRule, asked: PolicyRule): boolean {
  const anyName = (owner.resourceNames ?? []).length === 0;
  return (
    all(owner.verbs, asked.verbs) &&
    all(owner.apiGroups, asked.apiGroups) &&
    all(owner.resources, asked.resources, resource) &&
    all(owner.nonResourceURLs, asked.nonResourceURLs, path) &&
    (anyName || ((asked.resourceNames ?? []).length > 0 && all(owner.resourceNames, asked.resourceNames)))
  );
}

/** What is missing, what is too much, and the list that comes of it. */
function joined<T>(live: T[], wanted: T[], missing: T[], extra: T[], exact: boolean): T[] {
  if (exact) return missing.length > 0 || extra.length > 0 ? wanted : live;
  return [...live, ...missing];
}

function changedRules(live: RbacObject, wanted: RbacObject, exact: boolean) {
  const [has, wants] = [live.rules ?? [], wanted.rules ?? []];
  const missingRules = uncovered(has, wants);
  const extraRules = wanted.aggregationRule && live.aggregationRule ? [] : uncovered(wants, has);
  const rules = joined(has, wants, missingRules, extraRules, exact);
  const aggregationRule = aggregation(live.aggregationRule, wanted.aggregationRule, exact);
  return {
    fields: { rules: live.rules || rules.length > 0 ? rules : live.rules, aggregationRule },
    found: { missingRules, extraRules },
  };
}

function aggregation(live: AggregationRule | undefined, wanted: AggregationRule | undefined, exact: boolean) {
  if (!wanted || !live) return wanted;
  const [has, wants] = [live.clusterRoleSelectors ?? [], wanted.clusterRoleSelectors ?? []];
  const [missing, extra] = [onlyIn(wants, has), onlyIn(has, wants)];
  return { ...live, clusterRoleSelectors: joined(has, wants, missing, extra, exact) };
}

function changedSubjects(live: RbacObject, wanted: RbacObject, exact: boolean) {
  const [has, wants] = [live.subjects ?? [], wanted.subjects ?? []];
  const [missingSubjects, extraSubjects] = [onlyIn(wants, has), onlyIn(has, wants)];
  const subjects = joined(has, wants, missingSubjects, extraSubjects, exact);
  return {
    fields: { subjects: subjects.length > 0 ? subjects : live.subjects },
    found: { missingSubjects, extraSubjects },
  };
}

const isIn = (list: object[], item: object): boolean => list.some((each) => equal(each, item));

/** Each once. */
const onlyIn = <T extends object>(one: T[], other: T[]): T[] =>
  one.filter((item, index) => !isIn(other, item) && !isIn(one.slice(0, index), item));
