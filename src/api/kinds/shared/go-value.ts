import { goQuote } from '../../../base/go-quote.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { LabelSelector } from '../../../types/objects.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { sortedEntries } from './checks.ts';

/** `[]T(nil)` or `[]T{…}` */
const slice = (type: string, texts: string[] | undefined) =>
  texts ? `[]${type}{${texts.join(', ')}}` : `[]${type}(nil)`;

/** Labels as `%#v` prints them, absent ones too. */
export const goLabels = (labels: Record<string, string> | undefined): GoSyntax => new GoSyntax(goStringMap(labels));

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

const EXPONENTS = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];

/** A canonical quantity as `%#v` prints a resource.Quantity. */
export function goQuantity(text: string): GoSyntax {
  const [, digits = '0', suffix = ''] = /^([-0-9]+)(.*)$/.exec(text) ?? [];
  const binary = suffix.endsWith('i');
  const power = suffix.startsWith('e') ? Number(suffix.slice(1)) : (EXPONENTS.indexOf(suffix) - 3) * 3;
  const amount = binary ? Quantity.parse(text).toBigInt() : BigInt(digits);
  const format = binary ? 'BinarySI' : suffix.startsWith('e') ? 'DecimalExponent' : 'DecimalSI';
  // Go forgets the text of a binary quantity that could be written shorter.
  const kept = binary && Number(digits) % 8 === 0 ? '' : text;
  return new GoSyntax(
    `resource.Quantity{i:resource.int64Amount{value:${amount}, scale:${binary ? 0 : power}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:${goQuote(kept)}, Format:${goQuote(format)}}`,
  );
}
