import { recordsOn } from '../node/records.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { FileSystem } from '../sh/process.ts';
import { type ContainerRecord, type MountRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import { hostsFile } from './container-machine.ts';
import { type LayerEntry, LayerFiles } from './files/layer.ts';
import { type Mount, MountTree } from './files/mount-tree.ts';
import { PayloadFiles } from './files/payload.ts';
import { volumeFiles } from './files/volume-files.ts';
import { type FileTexts, WithFiles } from './files/with-files.ts';
import type { Platform } from './platform.ts';
import { PAYLOADS, type PayloadRecord } from './volumes.ts';

/** Where the kubelet keeps what belongs to a pod, by its uid. */
export const POD_FOLDERS = '/var/lib/kubelet/pods';

/** Files that are put together when somebody first looks at them. */
function lazily(make: () => FileSystem): FileSystem {
  let made: FileSystem | undefined;
  const files = () => {
    made ??= make();
    return made;
  };
  return {
    read: (path) => files().read(path),
    write: (path, text, options) => files().write(path, text, options),
    list: (path) => files().list(path),
    stat: (path) => files().stat(path),
    makeDir: (path, owner) => files().makeDir(path, owner),
    remove: (path, options) => files().remove(path, options),
    symlink: (target, path, owner) => files().symlink(target, path, owner),
    chmod: (path, mode) => files().chmod(path, mode),
    chown: (path, owner) => files().chown?.(path, owner),
  };
}

/** The folders of a node's pods as it sees them: hosts files, containers, and the volumes that are no folders of its own. */
export const podFolders = (world: ActorWorld, platform: Platform, node: string): FileSystem =>
  lazily(() => {
    const layers = world.state.section<LayerEntry>(RUNTIME_SECTIONS.files);
    const nothing = () => new LayerFiles(layers, 'pods', () => world.now());
    const sandboxes = recordsOn<SandboxRecord>(world.state, RUNTIME_SECTIONS.sandboxes, node);
    const containers = recordsOn<ContainerRecord>(world.state, RUNTIME_SECTIONS.containers, node);
    const pods = new Map(sandboxes.map((sandbox) => [sandbox.pod.uid, sandbox]));
    const mounts = [...pods].flatMap(([uid, sandbox]): Mount[] => {
      const own = containers.filter(({ pod }) => pod.uid === uid);
      const folder = { path: `/${uid}`, files: new WithFiles(nothing(), textsOf(sandbox, own)), root: '/' };
      const volumes = new Map(own.flatMap((container) => container.mounts.map((mount) => [mount.hostPath, mount])));
      return [
        { ...folder, readOnly: false },
        ...[...volumes.values()].flatMap((mount) => volumeAt(uid, mount, sandbox)),
      ];
    });
    return new MountTree(nothing(), mounts);

    function textsOf(sandbox: SandboxRecord, own: ContainerRecord[]): FileTexts {
      const pod = world.client.get('pods', sandbox.pod.namespace, sandbox.pod.name);
      const volumes = new Set(own.flatMap(({ mounts }) => mounts).flatMap(pluginOf));
      return {
        '/etc-hosts': () => hostsFile(world, platform, pod, sandbox),
        ...Object.fromEntries(own.map(({ name, id }) => [`/containers/${name}/${id.slice(0, 8)}`, ''])),
        ...Object.fromEntries([...volumes].map((volume) => [`/plugins/kubernetes.io~empty-dir/${volume}/ready`, ''])),
      };
    }

    function volumeAt(uid: string, { hostPath, source }: MountRecord, sandbox: SandboxRecord): Mount[] {
      const inside = `${POD_FOLDERS}/${uid}/volumes/`;
      if (!('layer' in source) || !hostPath.startsWith(inside)) return [];
      const place = { path: hostPath.slice(POD_FOLDERS.length), root: '/', readOnly: false };
      if (!source.layer.startsWith('@')) {
        const pod = world.client.get('pods', sandbox.pod.namespace, sandbox.pod.name);
        return [{ ...place, files: volumeFiles(layers, source.layer, pod, () => world.now(), sandbox.createdAt) }];
      }
      const found = world.state.section<PayloadRecord>(PAYLOADS).get(source.layer.slice(1));
      return found ? [{ ...place, files: new PayloadFiles(found.payload, found.at) }] : [];
    }
  });

/** What the plugin notes of a volume: those in memory are wrapped in an emptyDir. */
function pluginOf({ hostPath, volume }: MountRecord): string[] {
  const [, kind] = /\/volumes\/kubernetes\.io~([a-z-]+)\//.exec(hostPath) ?? [];
  if (kind === undefined || kind === 'csi') return [];
  return [kind === 'empty-dir' ? volume : `wrapped_${volume}`];
}
