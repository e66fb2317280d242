import type { NodeHost } from './host.ts';

export const CNI_FOLDER = '/etc/cni/net.d';

export interface CniConfiguration {
  cniVersion?: string;
  name?: string;
  plugins: Record<string, unknown>[];
  /** The file's text. */
  source: string;
}

/** The network configuration that containerd has loaded: the first file of its folder; undefined if there is none. */
export function cniConfiguration(host: Pick<NodeHost, 'files'>): CniConfiguration | undefined {
  const { files } = host;
  if (files.stat(CNI_FOLDER)?.type !== 'directory') return undefined;
  for (const name of files.list(CNI_FOLDER).filter((file) => /\.(conf|conflist|json)$/.test(file))) {
    const source = files.read(`${CNI_FOLDER}/${name}`);
    try {
      const value = JSON.parse(source) as { cniVersion?: string; name?: string; plugins?: Record<string, unknown>[] };
      return { ...value, plugins: value.plugins ?? [value as Record<string, unknown>], source };
    } catch {}
  }
  return undefined;
}

/** What containerd says of its network while it has none. */
export const CNI_MISSING = 'Network plugin returns error: cni plugin not initialized';

/** The bridge that pods hang on. */
export function bridgeOf(configuration: CniConfiguration | undefined): string {
  const plugin = configuration?.plugins[0];
  return typeof plugin?.bridge === 'string' ? plugin.bridge : 'cni0';
}
