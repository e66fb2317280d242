import { goQuote } from '../../../base/go-quote.ts';
import { isDns1123Subdomain, isPortNumber } from '../../../base/names.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';

/** Where a webhook is reached: k8s.io/apiserver/pkg/util/webhook. */
export interface WebhookClient {
  url?: string;
  service?: { name?: string; namespace?: string; path?: string; port?: number };
}

const FORM = '; desired format: https://host[/path]';
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s;

/** Why net/url does not parse a text, if it does not. */
function parseProblem(url: string): string | undefined {
  if ([...url].some((character) => character < ' ' || character === '\x7f'))
    return 'net/url: invalid control character in URL';
  if (url.startsWith(':')) return 'missing protocol scheme';
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(url)) return undefined;
  const [segment = ''] = url.split(/[/?#]/);
  return segment.includes(':') ? 'first path segment in URL cannot contain colon' : undefined;
}

function urlErrors(url: string, path: string): FieldError[] {
  const problem = parseProblem(url);
  if (problem) return [required(path, `url must be a valid URL: parse ${goQuote(url)}: ${problem}${FORM}`)];
  const [, scheme = '', user, host = '', query, fragment] = URL_PARTS.exec(url) ?? [];
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (!host) errors.push(invalid(path, host, `host must be specified${FORM}`));
  if (user !== undefined) errors.push(invalid(path, user, 'user information is not permitted in the URL'));
  if (fragment) errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query) errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function pathErrors(text: string, at: string): FieldError[] {
  if (text === '' || text === '/') return [];
  if (text === '//') return [invalid(at, text, 'segment[0] may not be empty')];
  const steps = text.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(text.startsWith('/') ? [] : [invalid(at, text, "must start with a '/'")]),
    ...steps.flatMap((step, index) => {
      const wrong = step ? isDns1123Subdomain(step).map((one) => `: ${one}`) : [' may not be empty'];
      return wrong.map((one) => invalid(at, text, `segment[${index}]${one}`));
    }),
  ];
}

/** What is wrong with where a webhook is said to be; a service's port must be defaulted. */
export function validateWebhookClient({ url, service }: WebhookClient, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')];
  if (!service) return urlErrors(url ?? '', `${path}.url`);
  // The real one mistakes the one for the other.
  const { name: namespace, namespace: name, port = 443 } = service;
  const at = `${path}.service`;
  const wrongPort = isPortNumber(port);
  return [
    ...(name ? [] : [required(`${at}.name`, 'service name is required')]),
    ...(namespace ? [] : [required(`${at}.namespace`, 'service namespace is required')]),
    ...(wrongPort.length > 0 ? [invalid(`${at}.port`, port, `port is not valid: ${wrongPort.join(', ')}`)] : []),
    ...pathErrors(service.path ?? '', `${at}.path`),
  ];
}
