import { goQuote } from '../../../base/go-quote.ts';
import { canonicalQuantity, Quantity } from '../../../base/quantity.ts';
import type { LabelSelector } from '../../../types/objects.ts';
import type { FieldError } from '../../machinery/field-errors.ts';
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
const NUMBER = /^([-+]?)0*(\d*)(?:\.(\d*))?(.*)$/;

/** A quantity that has been written before it is printed: it has kept its canonical text. */
export class WrittenQuantity extends GoSyntax {
  constructor(
    readonly canonical: string,
    given = canonical,
  ) {
    super(goQuantity(given).text.replace(/s:"[^"]*"/, `s:${goQuote(canonical)}`));
  }
}

/** A quantity as `%#v` prints a resource.Quantity that was read from this text; one that is binary must be whole. */
export function goQuantity(text: string): GoSyntax {
  const [, sign = '', whole = '', fraction = '', suffix = ''] = NUMBER.exec(text) ?? [];
  const digits = (whole || '0') + fraction;
  const binary = suffix.endsWith('i');
  const exponential = /^[eE]./.test(suffix);
  const power = exponential ? Number(suffix.slice(1)) : (EXPONENTS.indexOf(suffix) - 3) * 3;
  const scale = binary ? 0 : power - fraction.length;
  const amount = binary ? Quantity.parse(text).toBigInt() : BigInt(sign === '-' ? `-${digits}` : digits);
  const format = binary ? 'BinarySI' : exponential ? 'DecimalExponent' : 'DecimalSI';
  // Go keeps a text that cannot be written shorter, by a quick glance.
  const isKept = binary
    ? Number(digits) % 8 !== 0
    : text === '0' || (scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0'));
  return new GoSyntax(
    `resource.Quantity{i:resource.int64Amount{value:${amount}, scale:${scale}}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:${goQuote(isKept ? text : '')}, Format:${goQuote(format)}}`,
  );
}

/** The quantities of a body that are not written as Go would write them: canonical text → text. */
function unusualQuantities(value: unknown, found = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) unusualQuantities(part, found);
  else if (/^[-+]?\d*\.?\d+[numkKMGTPE]?$/.test(String(value))) {
    const canonical = canonicalQuantity(String(value));
    if (canonical !== String(value)) found.set(canonical, String(value));
  }
  return found;
}

/** Errors in whose values the quantities print as their client wrote them: Go keeps 0.5 apart from 500m. */
export function quantitiesAsGiven(errors: FieldError[], body: unknown): FieldError[] {
  if (!errors.some(({ value }) => value instanceof GoSyntax && value.text.includes('resource.Quantity{')))
    return errors;
  const unusual = [...unusualQuantities(typeof body === 'string' ? JSON.parse(body) : body)];
  return errors.map((error) => {
    if (!(error.value instanceof GoSyntax)) return error;
    if (error.value instanceof WrittenQuantity) {
      const { canonical } = error.value;
      return { ...error, value: new WrittenQuantity(canonical, new Map(unusual).get(canonical)) };
    }
    const text = unusual.reduce(
      (all, [canonical, given]) => all.replaceAll(goQuantity(canonical).text, goQuantity(given).text),
      error.value.text,
    );
    return { ...error, value: new GoSyntax(text) };
  });
}
