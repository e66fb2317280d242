import { toleratesTaint } from '../../runtime/component-helpers/tolerations.ts';
import { type FilterPlugin, normalize, type ScorePlugin } from '../framework.ts';

const NAME = 'TaintToleration';

export const taintToleration: FilterPlugin = {
  name: NAME,
  prepare: ({ pod }) => {
    const tolerations = pod.spec?.tolerations;
    return ({ node }) => {
      const taint = node.spec?.taints?.find(
        (one) => one.effect !== 'PreferNoSchedule' && !toleratesTaint(tolerations, one),
      );
      if (!taint) return undefined;
      return { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], unresolvable: true };
    };
  },
};

export const taintScore: ScorePlugin = {
  name: NAME,
  weight: 3,
  score({ pod }, nodes) {
    const counted = pod.spec?.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    const counts = nodes.map(
      ({ node }) =>
        (node.spec?.taints ?? []).filter((one) => one.effect === 'PreferNoSchedule' && !toleratesTaint(counted, one))
          .length,
    );
    return normalize(counts, true);
  },
};
