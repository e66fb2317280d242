import { CelRuntimeError } from '../issues.ts';
import type { Library } from './library.ts';

class Url {
  constructor(
    readonly scheme: string,
    readonly host: string,
    readonly path: string,
    readonly query: string,
  ) {}
}

/** url.ParseRequestURI: an absolute URI, or an absolute path. */
export function parseUrl(text: string): Url | string {
  const wrong = (cause: string) => `parse ${JSON.stringify(text)}: ${cause}`;
  if (text === '') return wrong('empty url');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return wrong('net/url: invalid control character in URL');
  const [, scheme = '', rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):([\s\S]*)$/.exec(text) ?? [];
  if (text.startsWith(':')) return wrong('missing protocol scheme');
  const [before = '', ...behind] = rest.split('#')[0]!.split('?');
  if (!before.startsWith('/'))
    return scheme ? new Url(scheme.toLowerCase(), '', '', '') : wrong('invalid URI for request');
  const broken = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(before)?.[0];
  if (broken) return wrong(`invalid URL escape ${JSON.stringify(broken)}`);
  const [, authority = '', path = before] =
    (scheme || !before.startsWith('///') ? /^\/\/([^/]*)([\s\S]*)$/.exec(before) : null) ?? [];
  if (authority.startsWith('[') && !authority.includes(']')) return wrong("missing ']' in host");
  if (authority.includes(' ')) return wrong('invalid character " " in host name');
  const port = /:([^\]:]*)$/.exec(authority)?.[1];
  if (port !== undefined && !/^[0-9]*$/.test(port))
    return wrong(`invalid port ${JSON.stringify(`:${port}`)} after host`);
  return new Url(scheme.toLowerCase(), authority.replace(/^[^@]*@/, ''), path, behind.join('?'));
}

function url(text: string): Url {
  const parsed = parseUrl(text);
  if (typeof parsed === 'string') throw new CelRuntimeError(`URL parse error during conversion from string: ${parsed}`);
  return parsed;
}

const hostname = ({ host }: Url): string => /^\[(.*)\]/.exec(host)?.[1] ?? host.replace(/:[0-9]*$/, '');

function query({ query: text }: Url): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) values[key] = [...(values[key] ?? []), value];
  return values;
}

const U = 'kubernetes.URL';

export const urls: Library = {
  types: { [U]: Url },
  functions: [
    [`url(string): ${U}`, url],
    ['isURL(string): bool', (text: string) => typeof parseUrl(text) !== 'string'],
    [`${U}.getScheme(): string`, (it: Url) => it.scheme],
    [`${U}.getHost(): string`, (it: Url) => it.host],
    [`${U}.getHostname(): string`, hostname],
    [`${U}.getPort(): string`, ({ host }: Url) => /:([0-9]*)$/.exec(host)?.[1] ?? ''],
    [`${U}.getEscapedPath(): string`, (it: Url) => encodeURI(decodeURI(it.path))],
    [`${U}.getQuery(): map<string, list<string>>`, query],
  ],
};
