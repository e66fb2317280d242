/** A URL as wget and curl read it. */
export interface Target {
  scheme: string;
  host: string;
  port: number;
  /** Whether the port was written. */
  explicit: boolean;
  path: string;
  user?: string;
}

export function parseUrl(text: string): Target {
  const [, scheme = 'http', user, host = '', port, path = '/'] =
    /^(?:([a-zA-Z]+):\/\/)?(?:([^@/]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::([0-9]+))?([/?#].*)?$/.exec(text) ?? [];
  const bare = path.replace(/#.*/, '');
  return {
    scheme: scheme.toLowerCase(),
    host,
    port: port ? Number(port) : scheme.toLowerCase() === 'https' ? 443 : 80,
    explicit: port !== undefined,
    path: bare.startsWith('/') ? bare : `/${bare}`,
    ...(user && { user }),
  };
}

/** What the Host header says: the port only where it is not the scheme's own. */
export const hostHeader = ({ scheme, host, port }: Target): string =>
  port === (scheme === 'https' ? 443 : 80) ? host : `${host}:${port}`;

/** Where a redirect leads. */
export const follow = (from: Target, location: string): Target =>
  location.startsWith('/') ? { ...from, path: location } : parseUrl(location);

export const basicAuth = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`;

/** `Name: value` lines as headers with names in lower case; `Name;` stands for one that is empty. */
export const parseHeaders = (lines: string[]): Record<string, string> =>
  Object.fromEntries(
    lines
      .filter((line) => /[:;]/.test(line))
      .map((line) => {
        const at = line.search(/[:;]/);
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
      }),
  );

/** `host` → `Host`, as clients write headers. */
export const titleCase = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
