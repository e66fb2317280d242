import { nthAddress, parseCidr } from '../base/ip.ts';
import type { KubeletSettings, Platform, Programs, RegistryImage } from '../kubelet/platform.ts';
import { type FileSystem, FsError } from '../sh/process.ts';
import type { ClusterSpec } from './config.ts';
import { nodeHost } from './node-host.ts';

const NO_FILES: FileSystem = {
  read: (path) => {
    throw new FsError('ENOENT', path);
  },
  write: () => {},
  list: () => [],
  stat: (path) => (path === '/' ? { type: 'directory', size: 0, mode: 0o755, mtime: 0 } : undefined),
  makeDir: () => {},
  remove: () => {},
  symlink: () => {},
  chmod: () => {},
};

/** A stand-in until `sh/` is there: every image is known, and runs for ever. */
function standIn(): Programs {
  const images = new Map<string, RegistryImage>();
  return {
    resolve(reference) {
      const known = images.get(reference);
      if (known) return known;
      const digest = `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(0, 64)}`;
      const image: RegistryImage = {
        id: digest,
        repository: reference.replace(/[:@][^/]*$/, ''),
        digest,
        size: 1_000_000,
        user: '',
        entrypoint: ['/entrypoint'],
        cmd: [],
        env: {},
        cwd: '/',
        flavour: 'busybox',
      };
      images.set(reference, image);
      return image;
    },
    image: (id) => [...images.values()].find((image) => image.id === id),
    files: () => NO_FILES,
    start: (_image, { argv, env, cwd, user, pid = 1 }) => ({
      process: { pid, argv, env, cwd, user, machine: {} },
      output: [],
    }),
    step: (process) => ({ process, output: [] }),
    signal: (process, _machine, signal) => ({ process, output: [], exit: { code: 128 + signal, signal } }),
    listens: () => true,
    serve: () => ({ response: { status: 200, reason: 'OK', headers: {}, body: '' } }),
  };
}

/** What the kubelets need of the rooms around them. */
export function makePlatform(spec: ClusterSpec): Platform {
  const platform: Platform = {
    programs: standIn(),
    network: () => ({ resolve: () => [], http: () => ({ failure: 'refused' }), connect: () => 'refused' }),
    hostFiles: (world, name) => nodeHost(world, platform, spec, name)?.files ?? NO_FILES,
    settings: kubeletSettings(spec),
  };
  return platform;
}

function kubeletSettings({ network, apiServer }: ClusterSpec): KubeletSettings {
  const { hostname, port } = new URL(apiServer);
  return {
    clusterDomain: network.clusterDomain ?? 'cluster.local',
    clusterDNS: [network.clusterDNS ?? nthAddress(parseCidr(network.serviceCIDR)!, 10)],
    apiServer: { host: hostname, port: Number(port || 443) },
    token: ({ namespace, serviceAccount }) => `token.${namespace}.${serviceAccount}`,
  };
}
