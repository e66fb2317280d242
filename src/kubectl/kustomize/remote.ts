/** What a kustomization may name beyond its own machine. There is no network: all that can be done is to say so as the real programs do. */

interface Repository {
  /** What git is told to fetch. */
  url: string;
  ref: string;
}

const SCHEMES = ['ssh://', 'https://', 'http://', 'file://'];

/** The part of a path that names a repository: up to `_git/NAME`, `//`, `.git`, or its organization and name. */
function repositoryPath(path: string, whole: boolean): string | undefined {
  const marked = /^.*?_git\/[^/]*/.exec(path) ?? /^(.*?)(?=\/\/)/.exec(path) ?? /^.*?\.git/.exec(path);
  if (marked) return marked[0];
  if (whole) return path;
  const segments = path.split('/');
  return segments.length < 2 ? undefined : segments.slice(0, 2).join('/');
}

/** The git repository that a path names (kustomize's RepoSpec); undefined for what is none. */
export function repositoryOf(path: string): Repository | undefined {
  if (path.startsWith('/')) return undefined;
  const [location = '', query = ''] = path.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const ref = parameters.get('ref') || parameters.get('version') || 'HEAD';
  let rest = location.replace(/^git::/i, '');
  const scheme = SCHEMES.find((each) => rest.toLowerCase().startsWith(each)) ?? '';
  rest = rest.slice(scheme.length);
  const user = /^[a-zA-Z][a-zA-Z0-9-]*@/.exec(rest)?.[0] ?? '';
  rest = rest.slice(user.length);
  const github = /^github\.com[/:]/i.test(rest);
  const likeScp = scheme === '' && (user !== '' || github);
  if (scheme === '' && !likeScp) return undefined;
  if (scheme === 'file://') {
    const found = repositoryPath(user + rest, true);
    return found ? { url: scheme + found, ref } : undefined;
  }
  const at = rest.search(likeScp ? /[/:]/ : /\//);
  let host = at < 0 ? rest : rest.slice(0, at + 1);
  const found = repositoryPath(at < 0 ? '' : rest.slice(at + 1), false);
  if (host === '' || !found) return undefined;
  let start = scheme + user;
  if (github) {
    const overSsh = scheme === 'ssh://' || user !== '';
    [start, host] = overSsh ? [user, 'github.com:'] : ['https://', 'github.com/'];
  }
  return { url: start + host + found, ref };
}

/** Whether a path is read over HTTP. */
export const isRemoteFile = (path: string): boolean => /^https?:\/\/[^/]/i.test(path);

/** What Go's client says of a file that it cannot get. */
export function unreachableFile(path: string): Error {
  const { hostname, port, protocol } = new URL(path);
  const here = /^(localhost|127(\.\d+){3})$/.test(hostname);
  const address = `${here ? '127.0.0.1' : hostname}:${port || (protocol === 'http:' ? 80 : 443)}`;
  const problem = here
    ? `dial tcp ${address}: connect: connection refused`
    : `dial tcp: lookup ${hostname}: no such host`;
  return new Error(`Get ${JSON.stringify(path)}: ${problem}`);
}

const NO_REPOSITORY = `fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;

/** What git says of a repository that it cannot fetch. */
export function unreachableRepository({ url, ref }: Repository): Error {
  const overHttp = /^https?:\/\/(?:[^/@]*@)?([^/:]+)/.exec(url)?.[1];
  const overSsh = /^(?:ssh:\/\/)?(?:[^/@]*@)?([^/:]+)/.exec(url)?.[1];
  const said = overHttp
    ? `fatal: unable to access '${url}/': Could not resolve host: ${overHttp}\n`
    : url.startsWith('file://')
      ? `fatal: '${url.slice('file://'.length)}' does not appear to be a git repository\n${NO_REPOSITORY}`
      : `ssh: Could not resolve hostname ${overSsh}: Name or service not known\n${NO_REPOSITORY}`;
  return new Error(`failed to run '/usr/bin/git fetch --depth=1 ${url} ${ref}': ${said}: exit status 128`);
}
