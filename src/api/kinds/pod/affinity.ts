import type { LabelSelector, Pod, PodSpec } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { same } from '../shared/checks.ts';
import { type GoStructType, goListSyntax, goStructSyntax } from '../shared/go-struct.ts';
import { goStringMap } from '../shared/go-value.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type NodeAffinity = NonNullable<Affinity['nodeAffinity']>;
type NodeTerm = NonNullable<
  NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number];
type PodTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number];

const REQUIREMENT: GoStructType = {
  name: 'core.NodeSelectorRequirement',
  fields: [
    ['Key', 'key', '""'],
    ['Operator', 'operator', '""'],
    ['Values', 'values', '[]string(nil)'],
  ],
};
const TERM: GoStructType = {
  name: 'core.NodeSelectorTerm',
  fields: [
    ['MatchExpressions', 'matchExpressions', '[]core.NodeSelectorRequirement(nil)', REQUIREMENT],
    ['MatchFields', 'matchFields', '[]core.NodeSelectorRequirement(nil)', REQUIREMENT],
  ],
};

function select(
  selector: LabelSelector,
  keys: string[] | undefined,
  operator: string,
  labels: Record<string, string>,
): void {
  const requirements = (keys ?? [])
    .filter((key) => labels[key] !== undefined)
    .map((key) => ({ key, operator, values: [labels[key]!] }));
  if (requirements.length > 0) selector.matchExpressions = [...(selector.matchExpressions ?? []), ...requirements];
}

function applyKeys(term: PodTerm | undefined, labels: Record<string, string>): void {
  if (!term?.labelSelector) return;
  select(term.labelSelector, term.matchLabelKeys, 'In', labels);
  select(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels);
}

/** mutatePodAffinity: what matchLabelKeys and mismatchLabelKeys mean is written into the selectors of a new pod. */
export function applyMatchLabelKeys({ metadata, spec }: Pod): void {
  const { labels = {} } = metadata;
  for (const affinity of [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      applyKeys(podAffinityTerm, labels);
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) applyKeys(term, labels);
  }
}

/** A gated pod's node selector may only grow. */
export function validateSelectorGrowth(now: PodSpec['nodeSelector'], old: PodSpec['nodeSelector']): FieldError[] {
  if (Object.entries(old ?? {}).every(([key, value]) => now?.[key] === value)) return [];
  return [
    invalid(
      'spec.nodeSelector',
      new GoSyntax(goStringMap(now)),
      'only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ),
  ];
}

const startsWith = (now: unknown[] = [], old: unknown[] = []): boolean =>
  now.length >= old.length && same(now.slice(0, old.length), old);

function hasOnlyGrown(now: NodeTerm, old: NodeTerm): boolean {
  const sizeOf = ({ matchExpressions = [], matchFields = [] }: NodeTerm) =>
    matchExpressions.length + matchFields.length;
  if (sizeOf(old) === 0) return sizeOf(now) === 0;
  return startsWith(now.matchExpressions, old.matchExpressions) && startsWith(now.matchFields, old.matchFields);
}

/** The same of its node affinity: terms may get further requirements, but none is added or taken away. */
export function validateAffinityGrowth(now: NodeAffinity | undefined, old: NodeAffinity | undefined): FieldError[] {
  const required = old?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return [];
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const terms = now?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const before = required.nodeSelectorTerms ?? [];
  if (before.length > 0 && before.length !== terms.length)
    return [
      invalid(
        path,
        goListSyntax(TERM, terms.length > 0 ? terms : undefined),
        'no additions/deletions to non-empty NodeSelectorTerms list are allowed',
      ),
    ];
  return before.flatMap((term, index) =>
    hasOnlyGrown(terms[index]!, term)
      ? []
      : [
          invalid(
            `${path}[${index}]`,
            goStructSyntax(TERM, terms[index]!),
            'only additions are allowed (no mutations or deletions)',
          ),
        ],
  );
}
