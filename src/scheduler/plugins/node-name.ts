import type { FilterPlugin } from '../framework.ts';

export const nodeName: FilterPlugin = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.spec?.nodeName;
    if (!wanted) return undefined;
    return ({ node }) =>
      node.metadata.name === wanted
        ? undefined
        : { reasons: ["node(s) didn't match the requested node name"], unresolvable: true };
  },
};
