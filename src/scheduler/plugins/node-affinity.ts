import {
  matchesPodAffinity,
  matchesTerm,
  type NodeSelectorTerm,
} from '../../runtime/component-helpers/node-selector.ts';
import { type FilterPlugin, type NodeFilter, normalize, type ScorePlugin } from '../framework.ts';

const NAME = 'NodeAffinity';

/** The nodes that the term names, if it asks for names (daemon sets' pods do): those that all its fields name. */
function namedNodes({ matchFields = [] }: NodeSelectorTerm): string[] | undefined {
  const [first, ...others] = matchFields
    .filter((field) => field.key === 'metadata.name' && field.operator === 'In')
    .map((field) => field.values ?? []);
  return first?.filter((name) => others.every((names) => names.includes(name)));
}

export const nodeAffinity: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!required && !pod.spec?.nodeSelector) return undefined;
    const filter: NodeFilter = ({ node }) => {
      if (matchesPodAffinity(pod, node)) return undefined;
      return { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true };
    };
    const terms = (required?.nodeSelectorTerms ?? []).map(namedNodes);
    // A term that names no nodes leaves the choice among all of them.
    if (terms.length === 0 || terms.includes(undefined)) return filter;
    const names = new Set(terms.flatMap((one) => one ?? []));
    return names.size > 0 ? { names, filter } : { reasons: ['pod affinity terms conflict'], unresolvable: true };
  },
};

export const nodeAffinityScore: ScorePlugin = {
  name: NAME,
  weight: 2,
  score({ pod }, nodes) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    if (!preferred?.length) return undefined;
    const sums = nodes.map(({ node }) =>
      preferred.filter(({ preference }) => matchesTerm(preference, node)).reduce((sum, { weight }) => sum + weight, 0),
    );
    return normalize(sums);
  },
};
