import type { ImageReference } from './image-reference.ts';

/** Why a registry gives nothing for a reference: `closed` ones say no more than that it is not there. */
export type Lack = 'repository' | 'tag' | 'closed';

/** What the runtime answers instead of an image, as a gRPC status. */
export interface PullFailure {
  code: 'NotFound' | 'Unknown';
  message: string;
}

interface Asked {
  host: string;
  /** Without its host. */
  path: string;
  version: string;
  whole: string;
}

const manifest = ({ host, path, version }: Asked, scheme = 'https') =>
  `${scheme}://${host}/v2/${path}/manifests/${version}`;
const anonymous = (url: string, { host, path }: Asked, status: string) =>
  `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://${host}/${url}?scope=repository%3A${encodeURIComponent(path)}%3Apull&service=${host}: ${status}`;
const notFound = ({ whole }: Asked) => `${whole}: not found`;

/** What each registry says of a repository that it does not show to strangers; the rest are hosts that do not exist. */
const REGISTRIES: [host: RegExp, words: (asked: Asked) => string][] = [
  [
    /^docker\.io$/,
    () =>
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
  ],
  [
    /^(registry\.k8s\.io|k8s\.gcr\.io|([a-z]+\.)?gcr\.io|.+-docker\.pkg\.dev|mcr\.microsoft\.com|public\.ecr\.aws)$/,
    notFound,
  ],
  [/^quay\.io$/, (asked) => `unexpected status from HEAD request to ${manifest(asked)}: 401 UNAUTHORIZED`],
  [/^ghcr\.io$/, (asked) => anonymous('token', asked, '403 Forbidden')],
  [/\.azurecr\.io$/, (asked) => anonymous('oauth2/token', asked, '401 Unauthorized')],
  [
    /^(localhost|127\.0\.0\.1)(:|$)/,
    (asked) =>
      `failed to do request: Head "${manifest(asked, 'http')}": dial tcp 127.0.0.1:${asked.host.split(':')[1] ?? 80}: connect: connection refused`,
  ],
  [
    /^\d+(\.\d+){3}(:|$)/,
    (asked) =>
      `failed to do request: Head "${manifest(asked)}": dial tcp ${asked.host.includes(':') ? asked.host : `${asked.host}:443`}: i/o timeout`,
  ],
  [
    /./,
    (asked) =>
      `failed to do request: Head "${manifest(asked)}": dial tcp: lookup ${asked.host.split(':')[0]} on 127.0.0.53:53: no such host`,
  ],
];

/** containerd's words, or Docker's where that is the runtime. */
export function pullFailure(reference: ImageReference, lack: Lack, runtime: string): PullFailure {
  const { repository, normalised } = reference;
  const slash = repository.indexOf('/');
  const asked = {
    host: repository.slice(0, slash),
    path: repository.slice(slash + 1),
    version: reference.digest ?? reference.tag ?? 'latest',
    whole: normalised,
  };
  if (runtime.startsWith('docker'))
    return { code: 'Unknown', message: `Error response from daemon: ${dockerWords(asked, lack)}` };
  const words = lack === 'repository' ? REGISTRIES.find(([host]) => host.test(asked.host))![1](asked) : notFound(asked);
  const message = `failed to pull and unpack image "${normalised}": failed to resolve reference "${normalised}": ${words}`;
  return { code: words === notFound(asked) ? 'NotFound' : 'Unknown', message };
}

function dockerWords({ host, path, version }: Asked, lack: Lack): string {
  const name = host === 'docker.io' ? path.replace(/^library\//, '') : `${host}/${path}`;
  if (lack === 'tag') return `manifest for ${name}:${version} not found: manifest unknown: manifest unknown`;
  return `pull access denied for ${name}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`;
}

/** The kubelet's words for it: a code that says nothing is left away (cri-client's pullImage). */
export const failureText = ({ code, message }: PullFailure): string =>
  code === 'Unknown' ? message : `rpc error: code = ${code} desc = ${message}`;
