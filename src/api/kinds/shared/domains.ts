import { isDns1123Label, isDns1123Subdomain, regexError } from '../../../base/names.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { invalidEach } from './checks.ts';

/** IsFullyQualifiedDomainName: at least two labels, a dot at the end is allowed. */
export function fullyQualifiedDomainName(path: string, value: string): FieldError[] {
  if (value === '') return [required(path)];
  const name = value.replace(/\.$/, '');
  const wrong = isDns1123Subdomain(name);
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))];
  const labels = name.split('.');
  if (labels.length < 2)
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  const long = labels.find((label) => isDns1123Label(label).length > 0);
  return long === undefined ? [] : [invalid(path, long, isDns1123Label(long).join(','))];
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** IsDomainPrefixedPath: `acme.io/foo`. */
export function domainPrefixedPath(path: string, value: string): FieldError[] {
  if (value === '') return [required(path)];
  const [host = '', ...more] = value.split('/');
  const rest = more.join('/');
  if (!host || !rest) return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  return [
    ...invalidEach(path, host, isDns1123Subdomain(host)),
    ...(new RegExp(`^${HTTP_PATH}$`).test(rest) ? [] : [invalid(path, rest, regexError('Invalid path', HTTP_PATH))]),
  ];
}
