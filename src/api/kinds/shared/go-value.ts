import { goQuote } from '../../../base/go-quote.ts';
import type { LabelSelector } from '../../../types/objects.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { sortedEntries } from './checks.ts';

/** `[]T(nil)` or `[]T{…}` */
const slice = (type: string, texts: string[] | undefined) =>
  texts ? `[]${type}{${texts.join(', ')}}` : `[]${type}(nil)`;

/** `%#v` of a map of strings. */
export const goStringMap = (map: Record<string, string> | undefined) =>
  map
    ? `map[string]string{${sortedEntries(map)
        .map(([key, value]) => `${goQuote(key)}:${goQuote(value)}`)
        .join(', ')}}`
    : 'map[string]string(nil)';

/** A label selector as `%#v` prints a metav1.LabelSelector. */
export function goLabelSelector(selector: LabelSelector | undefined): GoSyntax | null {
  if (!selector) return null;
  const expressions = selector.matchExpressions?.map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:${goQuote(key)}, Operator:${goQuote(operator)}, Values:${goStrings(values).text}}`,
  );
  return new GoSyntax(
    `v1.LabelSelector{MatchLabels:${goStringMap(selector.matchLabels)}, MatchExpressions:${slice('v1.LabelSelectorRequirement', expressions)}}`,
  );
}
