import { compareStrings } from '../../base/go-json.ts';
import type { KubectlEnvironment } from '../io.ts';
import { ordered } from './structs.ts';

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
  'auth-provider'?: AuthProvider;
  exec?: ExecPlugin;
}

export interface AuthProvider {
  name: string;
  config?: Record<string, string>;
}

/** A credential plugin: kept and shown, never run. */
export interface ExecPlugin {
  command: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  apiVersion?: string;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: string;
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
  /** The file that each stanza was read from (clientcmd's LocationOfOrigin). */
  origins?: WeakMap<object, string>;
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
  const keep = <T>(map: Map<string, T>, name = '', value: T) => void (map.has(name) || map.set(name, value));
  for (const { name, cluster } of file.clusters ?? []) keep(config.clusters, name, cluster ?? {});
  for (const { name, user } of file.users ?? []) keep(config.users, name, user ?? {});
  for (const { name, context } of file.contexts ?? []) keep(config.contexts, name, context ?? {});
  config.currentContext = file['current-context'] ?? '';
  config.preferences = file.preferences ?? {};
  if (file.extensions) config.extensions = file.extensions;
  return config;
}

function stanzas<T extends object, K extends string>(map: Map<string, T>, kind: K) {
  if (map.size === 0) return null;
  return [...map]
    .sort(([a], [b]) => compareStrings(a, b))
    .map(([name, value]) => ({ name, [kind]: value }) as { name: string } & Record<K, T>);
}

/** The file's form, stanzas sorted by name, keys in Go's order. */
export const toFile = (config: Kubeconfig): KubeconfigFile =>
  ordered(
    {
      kind: 'Config',
      apiVersion: 'v1',
      preferences: config.preferences,
      clusters: stanzas(config.clusters, 'cluster'),
      users: stanzas(config.users, 'user'),
      contexts: stanzas(config.contexts, 'context'),
      'current-context': config.currentContext,
      extensions: config.extensions,
    },
    'Config',
  ) as KubeconfigFile;

/** The files that make up the configuration: --kubeconfig, $KUBECONFIG's list, or the default one. */
export async function kubeconfigPaths(environment: KubectlEnvironment, explicit: string): Promise<string[]> {
  if (explicit) return [explicit];
  const listed = (environment.host.env.KUBECONFIG ?? '')
    .split(process.platform === 'win32' ? ';' : ':')
    .filter(Boolean);
  return listed.length > 0 ? [...new Set(listed)] : [await environment.defaultKubeconfig()];
}
