import { issueToken } from '../api/authentication/tokens.ts';
import type { ApiServer } from '../api/server.ts';
import { nthAddress, parseCidr } from '../base/ip.ts';
import type { KubeletSettings, Platform } from '../kubelet/platform.ts';
import { shellPrograms } from '../kubelet/shell-programs.ts';
import { networkAccess } from '../network/access.ts';
import { runtimeTrouble, supervise } from '../node/systemd/supervise.ts';
import { imageCatalogue, type RegistryOptions } from '../sh/images/catalogue.ts';
import { type FileSystem, FsError } from '../sh/process.ts';
import type { State } from '../store/section.ts';
import { type ImageRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { ServiceAccount } from '../types/objects.ts';
import { beginApiServer } from './api-server-settings.ts';
import type { ClusterSpec } from './config.ts';
import { beginWith, etcdOf } from './etcd-data.ts';
import { networkWorld } from './network-world.ts';
import { nodeHost, nodeMachine } from './node-host.ts';
import { podCommands } from './pod-kubectl.ts';

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

/** What the kubelets need of the rooms around them. */
export function makePlatform(spec: ClusterSpec, api: ApiServer, state: State): Platform {
  const platform: Platform = {
    programs: shellPrograms(imageCatalogue(registryOf(spec, state))),
    network: (world, source) => networkAccess(networkWorld(world, platform, spec, api), source),
    commands: (world, files) => podCommands(world, api, files),
    hostFiles: (world, name) => nodeHost(world, platform, spec, name)?.files ?? NO_FILES,
    hostMachine(world, name) {
      const host = nodeHost(world, platform, spec, name);
      return host && nodeMachine(world, platform, host);
    },
    async supervise(world, name) {
      const host = nodeHost(world, platform, spec, name);
      return host && (await supervise(host));
    },
    etcd: () => etcdOf(api.world.store, state),
    etcdBegins(world, name, folder) {
      const host = nodeHost(world, platform, spec, name);
      if (host) beginWith(api.world.store, world.state, host.files, name, folder);
    },
    apiServerBegins: (_world, record, files) => beginApiServer(state, api.world.store.revision, record, files),
    trouble(world, name) {
      const host = nodeHost(world, platform, spec, name);
      return host && runtimeTrouble(host);
    },
    settings: kubeletSettings(spec, api),
  };
  return platform;
}

/** What the cluster's registry has. */
function registryOf({ images, registry }: ClusterSpec, state: State): RegistryOptions {
  const pulled = state.section<ImageRecord>(RUNTIME_SECTIONS.images);
  const repositories = () =>
    new Set(pulled.keys().flatMap((key) => pulled.get(key)!.repoDigests.map((name) => name.split('@')[0]!)));
  return {
    ...(images && { only: images }),
    ...(registry?.add && { added: registry.add }),
    ...(registry?.pullUnknown && { unknown: repositories }),
  };
}

function kubeletSettings({ network, apiServer }: ClusterSpec, { world }: ApiServer): KubeletSettings {
  const { hostname, port } = new URL(apiServer);
  return {
    clusterDomain: network.clusterDomain ?? 'cluster.local',
    clusterDNS: [network.clusterDNS ?? nthAddress(parseCidr(network.serviceCIDR)!, 10)],
    apiServer: { host: hostname, port: Number(port || 443) },
    token({ namespace, name, uid, serviceAccount }, audience, seconds) {
      const account = world.store.get('serviceaccounts', namespace, serviceAccount) as ServiceAccount | undefined;
      return account
        ? issueToken(world, account, seconds, audience ? [audience] : undefined, { kind: 'pod', name, uid })
        : '';
    },
  };
}
