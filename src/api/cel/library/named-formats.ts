import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
  maskTrailingDash,
} from '../../../base/names.ts';
import type { Library } from './library.ts';
import { parseUrl } from './url.ts';

class NamedFormat {
  constructor(readonly validate: (text: string) => string[]) {}
}

const says = (form: RegExp, message: string) => (text: string) => (form.test(text) ? [] : [message]);
const masked = (check: (text: string) => string[]) => (text: string) => check(maskTrailingDash(text));

const FORMATS: Record<string, (text: string) => string[]> = {
  dns1123Label: isDns1123Label,
  dns1123Subdomain: isDns1123Subdomain,
  dns1035Label: isDns1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: masked(isDns1123Label),
  dns1123SubdomainPrefix: masked(isDns1123Subdomain),
  dns1035LabelPrefix: masked(isDns1035Label),
  labelValue: isLabelValue,
  uri: (text) => {
    const parsed = parseUrl(text);
    return typeof parsed === 'string' ? [parsed] : [];
  },
  uuid: says(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, 'does not match the UUID format'),
  byte: says(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64'),
  date: says(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'invalid date'),
  datetime: says(/^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/, 'invalid datetime'),
};

const F = 'kubernetes.NamedFormat';

/** `optional`: makes the library's optional value, absent for undefined. */
export const namedFormats = (optional: (value: unknown) => unknown): Library => ({
  types: { [F]: NamedFormat },
  functions: [
    ...Object.entries(FORMATS).map(([name, check]): Library['functions'][number] => [
      `format:${name}(): ${F}`,
      () => new NamedFormat(check),
    ]),
    [
      `format:named(string): optional<${F}>`,
      (name: string) => optional(Object.hasOwn(FORMATS, name) ? new NamedFormat(FORMATS[name]!) : undefined),
    ],
    [
      `${F}.validate(string): optional<list<string>>`,
      ({ validate }: NamedFormat, text: string) => {
        const wrong = validate(text);
        return optional(wrong.length === 0 ? undefined : wrong);
      },
    ],
  ],
});
