import type { KubectlEnvironment } from '../io.ts';

export interface Cluster {
  server?: string;
  'tls-server-name'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
}

export interface User {
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  token?: string;
  tokenFile?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  username?: string;
  password?: string;
  'auth-provider'?: Record<string, unknown>;
  exec?: Record<string, unknown>;
}

export interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** A kubeconfig as kubectl works with it: stanzas by name, in the order in which they were read. */
export interface Kubeconfig {
  clusters: Map<string, Cluster>;
  users: Map<string, User>;
  contexts: Map<string, Context>;
  currentContext: string;
  preferences: Record<string, unknown>;
  extensions?: unknown[];
}

/** A kubeconfig as a file holds it. */
export interface KubeconfigFile {
  kind?: string;
  apiVersion?: string;
  preferences?: Record<string, unknown>;
  clusters?: { name: string; cluster?: Cluster }[] | null;
  users?: { name: string; user?: User }[] | null;
  contexts?: { name: string; context?: Context }[] | null;
  'current-context'?: string;
  extensions?: unknown[];
}

export const emptyKubeconfig = (): Kubeconfig => ({
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
  currentContext: '',
  preferences: {},
});

/** From the file's lists to maps: of two stanzas with one name the first counts. */
export function fromFile(file: KubeconfigFile): Kubeconfig {
  const config = emptyKubeconfig();
  const keep = <T>(map: Map<string, T>, name: string, value: T) => void (map.has(name) || map.set(name, value));
  for (const { name, cluster } of file.clusters ?? []) keep(config.clusters, name, cluster ?? {});
  for (const { name, user } of file.users ?? []) keep(config.users, name, user ?? {});
  for (const { name, context } of file.contexts ?? []) keep(config.contexts, name, context ?? {});
  config.currentContext = file['current-context'] ?? '';
  config.preferences = file.preferences ?? {};
  if (file.extensions) config.extensions = file.extensions;
  return config;
}

/** Fields of a stanza in Go's struct order, which JSON output shows. */
const FIELD_ORDER = {
  cluster: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
    'extensions',
  ],
  user: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'as',
    'as-uid',
    'as-groups',
    'as-user-extra',
    'username',
    'password',
    'auth-provider',
    'exec',
    'extensions',
  ],
  context: ['cluster', 'user', 'namespace', 'extensions'],
};

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === '' ||
  value === false ||
  value === null ||
  (Array.isArray(value) && value.length === 0);

/** Drops empty fields, as Go's omitempty does, and puts the others in order; `cluster` and `user` of a context always stand. */
function ordered<T extends object>(stanza: T, kind: keyof typeof FIELD_ORDER): T {
  const always = kind === 'context' ? ['cluster', 'user'] : kind === 'cluster' ? ['server'] : [];
  const values = stanza as Record<string, unknown>;
  return Object.fromEntries(
    FIELD_ORDER[kind]
      .filter((field) => !isEmpty(values[field]) || always.includes(field))
      .map((field) => [field, values[field] ?? '']),
  ) as T;
}

function stanzas<T extends object, K extends keyof typeof FIELD_ORDER>(map: Map<string, T>, kind: K) {
  if (map.size === 0) return null;
  return [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, [kind]: ordered(value, kind) }) as { name: string } & Record<K, T>);
}

/** The file's form, stanzas sorted by name, keys in Go's order. */
export const toFile = (config: Kubeconfig): KubeconfigFile => ({
  kind: 'Config',
  apiVersion: 'v1',
  preferences: config.preferences,
  clusters: stanzas(config.clusters, 'cluster'),
  users: stanzas(config.users, 'user'),
  contexts: stanzas(config.contexts, 'context'),
  'current-context': config.currentContext,
  ...(config.extensions && { extensions: config.extensions }),
});

/** The files that make up the configuration: --kubeconfig, $KUBECONFIG's list, or the default one. */
export async function kubeconfigPaths(environment: KubectlEnvironment, explicit: string): Promise<string[]> {
  if (explicit) return [explicit];
  const listed = (environment.host.env.KUBECONFIG ?? '')
    .split(process.platform === 'win32' ? ';' : ':')
    .filter(Boolean);
  return listed.length > 0 ? [...new Set(listed)] : [await environment.defaultKubeconfig()];
}
