import { toleratesTaint } from '../../runtime/component-helpers/tolerations.ts';
import type { FilterPlugin } from '../framework.ts';

const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    const tolerated = toleratesTaint(pod.spec?.tolerations, TAINT);
    return ({ node }) =>
      node.spec?.unschedulable && !tolerated
        ? { reasons: ['node(s) were unschedulable'], unresolvable: true }
        : undefined;
  },
};
