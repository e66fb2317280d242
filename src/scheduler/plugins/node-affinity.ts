import {
  matchesPodAffinity,
  matchesTerm,
  type NodeSelectorTerm,
} from '../../runtime/component-helpers/node-selector.ts';
import { type FilterPlugin, normalize, type ScorePlugin } from '../framework.ts';

const NAME = 'NodeAffinity';

/** The nodes that the term names, if it asks for names (daemon sets' pods do). */
function namedNodes({ matchFields = [] }: NodeSelectorTerm): string[] | undefined {
  const named = matchFields.filter((field) => field.key === 'metadata.name' && field.operator === 'In');
  return named.length > 0 ? named.flatMap((field) => field.values ?? []) : undefined;
}

export const nodeAffinity: FilterPlugin = {
  name: NAME,
  prepare({ pod }) {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!required && !pod.spec?.nodeSelector) return undefined;
    const names = (required?.nodeSelectorTerms ?? []).map(namedNodes);
    const wanted = names.length > 0 && names.every((one) => one !== undefined) ? new Set(names.flat()) : undefined;
    return ({ node }) => {
      if (wanted && !wanted.has(node.metadata.name!))
        return { reasons: [`node(s) didn't satisfy plugin(s) [${NAME}]`], unresolvable: true };
      if (matchesPodAffinity(pod, node)) return undefined;
      return { reasons: ["node(s) didn't match Pod's node affinity/selector"], unresolvable: true };
    };
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
