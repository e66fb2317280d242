import { compareStrings } from '../../../base/go-json.ts';

export type Selector = { matchLabels?: Record<string, string>; matchExpressions?: Record<string, unknown>[] };

/** LabelSelector's own String, as `%v` prints it. */
export function labelSelectorText({ matchLabels = {}, matchExpressions }: Selector): string {
  const labels = Object.keys(matchLabels).sort(compareStrings);
  const pairs = labels.map((key) => `${key}: ${matchLabels[key]},`).join('');
  const items = (matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key as string},Operator:${operator as string},Values:[${(values as string[]).join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:[]LabelSelectorRequirement{${items.join('')}},}`;
}
