import { isLabelValue } from '../../../base/names.ts';

/** Labels of nodes that have newer names, or that nothing reads any more (pkg/api/node). */
const DEPRECATED: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

interface Term {
  matchExpressions?: { key: string; values?: string[] }[];
}

/** What is said of a node label, `undefined` where there is nothing to say. */
export const deprecatedLabel = (key: string): string | undefined => DEPRECATED[key];

/** GetWarningsForNodeSelectorTerm; `checkValues` where validation takes values that no label can have. */
export const termWarnings = ({ matchExpressions = [] }: Term, path: string, checkValues = false): string[] =>
  matchExpressions.flatMap(({ key, values }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const odd = checkValues ? (values ?? []) : [];
    return [
      ...(DEPRECATED[key] ? [`${at}.key: ${key} is ${DEPRECATED[key]}`] : []),
      ...odd.flatMap((value, valueIndex) =>
        isLabelValue(value).map((message) => `${at}.values[${valueIndex}]: ${value} is invalid, ${message}`),
      ),
    ];
  });
