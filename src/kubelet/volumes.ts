import { equal } from '../api/machinery/patch/json-value.ts';
import { goQuote } from '../base/go-quote.ts';
import { isAttached, needsAttach } from '../runtime/component-helpers/attachment.ts';
import { type FileStat, FsError } from '../sh/process.ts';
import { type MountRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { Container, Pod } from '../types/objects.ts';
import { ConfigError } from './config-error.ts';
import { expand } from './environment.ts';
import { expandVolumes } from './expansion.ts';
import { fieldValue, resourceValue } from './field-values.ts';
import type { LayerEntry } from './files/layer.ts';
import type { Payload } from './files/payload.ts';
import { makeSubPath, volumeFiles } from './files/volume-files.ts';
import type { PodScope } from './pod/scope.ts';
import { knowsRecursiveReadOnly } from './runtime-features.ts';
import { TIMING } from './timing.ts';

type Volume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number];
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];
type KeyToPath = { key: string; path: string; mode?: number };

/** Contents that the kubelet projected into a pod's volume, by `UID/VOLUME`. */
export const PAYLOADS = 'cri/volumes';
export interface PayloadRecord {
  payload: Payload;
  at: number;
}

export const volumeLayer = (scope: PodScope, volume: string): string => `${scope.uid}/${volume}`;

const PLUGINS: Record<string, string> = {
  configMap: 'kubernetes.io~configmap',
  secret: 'kubernetes.io~secret',
  projected: 'kubernetes.io~projected',
  downwardAPI: 'kubernetes.io~downward-api',
  emptyDir: 'kubernetes.io~empty-dir',
};

const isProjected = (volume: Volume) =>
  Boolean(volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);

/** Picks the wanted keys of a config map or a secret. Throws with the words of the volume plugin. */
function keys(
  data: Payload,
  items: KeyToPath[] | undefined,
  mode: number,
  optional: boolean,
  missing: string,
): Payload {
  if (!items) return data;
  const result: Payload = {};
  for (const item of items) {
    const found = data[item.key];
    if (found) result[item.path] = { text: found.text, mode: item.mode ?? mode };
    else if (!optional) throw new ConfigError(`${missing}: ${item.key}`);
  }
  return result;
}

const entries = (data: Record<string, string> | undefined, mode: number, base64: boolean): Payload =>
  Object.fromEntries(
    Object.entries(data ?? {}).map(([key, text]) => [
      key,
      { text: base64 ? Buffer.from(text, 'base64').toString('utf8') : text, mode },
    ]),
  );

function configMapPayload(
  scope: PodScope,
  ref: { name?: string; items?: KeyToPath[]; optional?: boolean },
  mode: number,
): Payload {
  const found = scope.world.client.get('configmaps', scope.worker.namespace, ref.name ?? '');
  if (!found && ref.optional) return {};
  if (!found) throw new ConfigError(`configmap "${ref.name}" not found`);
  const data = { ...entries(found.data, mode, false), ...entries(found.binaryData, mode, true) };
  return keys(data, ref.items, mode, ref.optional ?? false, 'configmap references non-existent config key');
}

function secretPayload(
  scope: PodScope,
  ref: { name?: string; items?: KeyToPath[]; optional?: boolean },
  mode: number,
): Payload {
  const found = scope.world.client.get('secrets', scope.worker.namespace, ref.name ?? '');
  if (!found && ref.optional) return {};
  if (!found) throw new ConfigError(`secret "${ref.name}" not found`);
  return keys(
    entries(found.data, mode, true),
    ref.items,
    mode,
    ref.optional ?? false,
    'references non-existent secret key',
  );
}

type DownwardItems = NonNullable<NonNullable<Volume['downwardAPI']>['items']>;

function downwardPayload(scope: PodScope, items: DownwardItems, mode: number): Payload {
  const sources = { pod: scope.pod!, machine: scope.machine, podIP: scope.sandbox()?.ip ?? '' };
  return Object.fromEntries(
    items.map((item) => {
      const text = item.fieldRef
        ? fieldValue(sources, item.fieldRef.fieldPath)
        : resourceValue(sources, scope.pod!.spec!.containers[0]!, item.resourceFieldRef!);
      return [item.path, { text, mode: item.mode ?? mode }];
    }),
  );
}

/** A token is asked for anew once this part of its life is over (token manager). */
const TOKEN_LIFE = 0.8;

function projectionPayload(scope: PodScope, source: Projection, mode: number, old: PayloadRecord | undefined): Payload {
  if (source.configMap) return configMapPayload(scope, source.configMap, mode);
  if (source.secret) return secretPayload(scope, source.secret, mode);
  if (source.downwardAPI) return downwardPayload(scope, source.downwardAPI.items ?? [], mode);
  if (source.serviceAccountToken) {
    const { audience = '', expirationSeconds = 3600, path } = source.serviceAccountToken;
    const before = old?.payload[path];
    if (before && scope.now < old.at + expirationSeconds * 1000 * TOKEN_LIFE) return { [path]: before };
    const { namespace, name } = scope.worker;
    const serviceAccount = scope.pod!.spec!.serviceAccountName ?? 'default';
    const pod = { namespace, name, uid: scope.uid, serviceAccount };
    return { [path]: { text: scope.platform.settings.token(pod, audience, expirationSeconds), mode } };
  }
  return {};
}

/** All that a projected volume holds; several failures are told together. */
function payload(scope: PodScope, volume: Volume, old: PayloadRecord | undefined): Payload {
  const { configMap, secret, projected, downwardAPI } = volume;
  if (configMap) return configMapPayload(scope, configMap, configMap.defaultMode ?? 0o644);
  if (secret) return secretPayload(scope, { ...secret, name: secret.secretName }, secret.defaultMode ?? 0o644);
  if (downwardAPI) return downwardPayload(scope, downwardAPI.items ?? [], downwardAPI.defaultMode ?? 0o644);
  const failures: string[] = [];
  const result: Payload = {};
  for (const source of projected?.sources ?? []) {
    try {
      Object.assign(result, projectionPayload(scope, source, projected!.defaultMode ?? 0o644, old));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new ConfigError(failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`);
  return result;
}

const FILE_TYPES: Record<string, { type: FileStat['type'] | 'special'; create: boolean; words: string }> = {
  DirectoryOrCreate: { type: 'directory', create: true, words: 'a directory' },
  Directory: { type: 'directory', create: false, words: 'a directory' },
  FileOrCreate: { type: 'file', create: true, words: 'a file' },
  File: { type: 'file', create: false, words: 'a file' },
  Socket: { type: 'special', create: false, words: 'a socket file' },
  CharDevice: { type: 'special', create: false, words: 'a character device' },
  BlockDevice: { type: 'special', create: false, words: 'a block device' },
};

/** Special files that every node has, by what they are: its files hold none. */
const SPECIAL_FILES: Record<string, RegExp> = {
  Socket:
    /^(\/var)?\/run\/(containerd\/containerd|docker|crio\/crio|cri-dockerd|dbus\/system_bus_socket|systemd\/.*)(\.sock)?$/,
  CharDevice: /^\/dev\/(null|zero|full|u?random|tty[0-9]*|console|kmsg|fuse|kvm|net\/tun)$/,
  BlockDevice: /^\/dev\/(sd[a-z][0-9]*|vd[a-z][0-9]*|nvme0n1(p[0-9]+)?|loop[0-9]+)$/,
};

/** Creates or checks what a hostPath asks for. */
function checkHostPath(scope: PodScope, path: string, type: string | undefined): void {
  const files = scope.platform.hostFiles(scope.world, scope.worker.node);
  const rule = FILE_TYPES[type ?? ''];
  const stat = files.stat(path);
  if (!rule) return;
  if (!stat && rule.create) {
    if (rule.type === 'file') files.write(path, '');
    else makeDirs(scope, path);
    return;
  }
  if (rule.type === 'special' && SPECIAL_FILES[type!]!.test(path)) return;
  if (stat?.type !== rule.type) throw new ConfigError(`hostPath type check failed: ${path} is not ${rule.words}`);
}

function makeDirs(scope: PodScope, path: string): void {
  const files = scope.platform.hostFiles(scope.world, scope.worker.node);
  let current = '';
  for (const part of path.split('/').filter(Boolean)) {
    current += `/${part}`;
    if (!files.stat(current)) files.makeDir(current);
  }
}

/** The claim behind a volume: named, or made for this pod. */
const claimName = (scope: PodScope, volume: Volume): string | undefined =>
  volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${scope.worker.name}-${volume.name}` : undefined);

/** A volume that fails before anybody tries to mount it. */
class MounterError extends ConfigError {}

/** Where a volume's files are, or an Error with the plugin's words. */
function locate(scope: PodScope, volume: Volume): MountRecord['source'] {
  const claim = claimName(scope, volume);
  let host = volume.hostPath;
  let name = volumeLayer(scope, volume.name);
  if (claim) {
    const pvc = scope.world.client.get('persistentvolumeclaims', scope.worker.namespace, claim);
    if (!pvc) throw new ConfigError(`persistentvolumeclaim "${claim}" not found`);
    if (!pvc.spec?.volumeName || pvc.status?.phase !== 'Bound')
      throw new ConfigError(`PVC ${scope.worker.namespace}/${claim} is not bound`);
    const pv = scope.world.client.get('persistentvolumes', '', pvc.spec.volumeName);
    if (!pv) throw new ConfigError(`persistentvolume "${pvc.spec.volumeName}" not found`);
    const local = pv.spec?.local?.path;
    if (local && !scope.platform.hostFiles(scope.world, scope.worker.node).stat(local))
      throw new MounterError(`path ${goQuote(local)} does not exist`);
    host = pv.spec?.hostPath ?? (local ? { path: local, type: 'Directory' } : undefined);
    name = `pv/${pv.metadata.name}`;
  }
  if (!host) return { layer: name, path: '/' };
  checkHostPath(scope, host.path, host.type);
  if (!scope.platform.hostFiles(scope.world, scope.worker.node).stat(host.path)) makeDirs(scope, host.path);
  return { node: scope.worker.node, path: host.path };
}

/** The volume is not attached to the node yet, which the kubelet waits for without a word. */
class NotAttached extends Error {}

/** WaitForAttach: whoever attaches volumes must have done so. */
function requireAttached(scope: PodScope, volume: Volume): void {
  const { client } = scope.world;
  const claim = claimName(scope, volume);
  const name = claim && client.get('persistentvolumeclaims', scope.worker.namespace, claim)?.spec?.volumeName;
  const found = name && client.get('persistentvolumes', '', name);
  if (found && needsAttach(found, client) && !isAttached(found, scope.worker.node, client)) throw new NotAttached();
}

/** Puts one volume in place. Throws an Error with the words that follow `MountVolume.SetUp failed for volume "x" : `. */
function setUp(scope: PodScope, volume: Volume): void {
  if (!isProjected(volume)) {
    locate(scope, volume);
    requireAttached(scope, volume);
    return;
  }
  const section = scope.world.state.section<PayloadRecord>(PAYLOADS);
  const key = volumeLayer(scope, volume.name);
  const old = section.get(key);
  const fresh = payload(scope, volume, old);
  if (!old || !equal(old.payload, fresh)) section.set(key, { payload: fresh, at: Math.floor(scope.now) });
}

/** The name by which FailedMount tells of a volume: a persistent volume's own. */
function volumeName(scope: PodScope, volume: Volume): string {
  const claim = claimName(scope, volume);
  if (!claim) return volume.name;
  return (
    scope.world.client.get('persistentvolumeclaims', scope.worker.namespace, claim)?.spec?.volumeName ?? volume.name
  );
}

/** GetPodVolumeNames: the volumes that a container of the pod mounts, in the pod's order; nobody mounts the rest. */
export function mountedVolumes({ spec }: Pod): Volume[] {
  const { containers, initContainers = [], ephemeralContainers = [], volumes = [] } = spec!;
  const all = [...containers, ...initContainers, ...(ephemeralContainers as Container[])];
  const names = new Set(
    all
      .flatMap(({ volumeMounts = [], volumeDevices = [] }) => [...volumeMounts, ...volumeDevices])
      .map(({ name }) => name),
  );
  return volumes.filter(({ name }) => names.has(name));
}

/**
 * Mounts what is not mounted yet; each failure is told by an event and tried again later, at intervals that double.
 * Answers when to look again, or undefined when all is mounted.
 */
export function mountVolumes(scope: PodScope): number | undefined {
  let again: number | undefined;
  for (const volume of mountedVolumes(scope.pod!)) {
    const failed = scope.worker.mountFailures[volume.name];
    if (failed && failed.nextAt > scope.now) {
      again = Math.min(again ?? failed.nextAt, failed.nextAt);
      continue;
    }
    try {
      setUp(scope, volume);
      delete scope.worker.mountFailures[volume.name];
    } catch (error) {
      const isSilent = error instanceof NotAttached;
      if (!isSilent && !(error instanceof ConfigError) && !(error instanceof FsError)) throw error;
      const step = error instanceof MounterError ? 'NewMounter initialization' : 'SetUp';
      const name = volumeName(scope, volume);
      const message = `MountVolume.${step} failed for volume "${name}" : ${(error as Error).message}`;
      if (!isSilent) scope.event('Warning', 'FailedMount', message);
      const delay = failed ? Math.min(failed.delay * 2, TIMING.maxMountRetry) : TIMING.mountRetry;
      scope.worker.mountFailures[volume.name] = { delay, nextAt: scope.now + delay };
      again = Math.min(again ?? Number.POSITIVE_INFINITY, scope.now + delay);
    }
  }
  if (again === undefined) expandVolumes(scope);
  return again;
}

/** Config maps, secrets and the downward API of a running pod: what changed since they were mounted. Failures change nothing. */
export function refreshVolumes(scope: PodScope): void {
  for (const volume of mountedVolumes(scope.pod!)) {
    if (!isProjected(volume)) continue;
    try {
      setUp(scope, volume);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      // The kubelet keeps the last content that it could read.
    }
  }
}

/** Whether a pod's volumes show an object. */
export function usesObject(pod: Pod, kind: 'configmaps' | 'secrets', name: string): boolean {
  return (pod.spec?.volumes ?? []).some((volume) => {
    const sources = [volume, ...(volume.projected?.sources ?? [])] as Volume[];
    return sources.some((source) =>
      kind === 'configmaps'
        ? source.configMap?.name === name
        : (source.secret?.secretName ?? (source.secret as { name?: string })?.name) === name,
    );
  });
}

/** Forgets what a pod's volumes held; persistent volumes stay. */
export function dropVolumes(scope: PodScope): void {
  const payloads = scope.world.state.section<PayloadRecord>(PAYLOADS);
  const files = scope.world.state.section<LayerEntry>(RUNTIME_SECTIONS.files);
  for (const key of payloads.keys(`${scope.uid}/`)) payloads.delete(key);
  for (const key of files.keys(`${scope.uid}/`)) files.delete(key);
}

/** Where a container finds a projected volume: a part of it is what it is now for good, for a file that is mounted stays that file. */
function projectedLayer(scope: PodScope, volume: string, isPart: boolean): string {
  const layer = volumeLayer(scope, volume);
  const section = scope.world.state.section<PayloadRecord>(PAYLOADS);
  const now = section.get(layer);
  if (!isPart || !now) return layer;
  const kept = `${layer}@${now.at}`;
  if (!section.has(kept)) section.set(kept, now);
  return kept;
}

type VolumeMount = NonNullable<Container['volumeMounts']>[number];

/** The part of a volume that a mount shows; an expression must know all its variables. */
function subPathOf({ subPath = '', subPathExpr }: VolumeMount, env: Record<string, string>): string {
  const unknown = new Set<string>();
  const path = expand(subPathExpr ?? '', (name) => {
    if (!env[name]) unknown.add(name);
    return env[name];
  });
  if (unknown.size > 0) throw new ConfigError(`missing value for ${[...unknown].sort().join(', ')}`);
  const sub = path || subPath;
  if (sub.startsWith('/')) throw new ConfigError(`error SubPath \`${sub}\` must not be an absolute path`);
  if (sub.split('/').includes('..'))
    throw new ConfigError(`unable to provision SubPath \`${sub}\`: must not contain '..'`);
  return sub;
}

/** resolveRecursiveReadOnly: refuses what the runtime cannot. */
function checkReadOnly({ machine }: PodScope, { name, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly === 'Enabled' && !knowsRecursiveReadOnly(machine))
    throw new ConfigError(
      `failed to resolve recursive read-only mode: volume ${goQuote(name)} requested recursive read-only mode, but it is not supported by the runtime`,
    );
}

/** makeMounts: the volumes that a container wants, and the files that every container gets. */
export function containerMounts(scope: PodScope, container: Container, env: Record<string, string>): MountRecord[] {
  const pod = scope.pod!;
  const podFolder = `/var/lib/kubelet/pods/${scope.uid}`;
  const mounts = (container.volumeMounts ?? []).map((mount, index): MountRecord => {
    const volume = pod.spec!.volumes?.find((candidate) => candidate.name === mount.name);
    if (!volume)
      throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const sub = subPathOf(mount, env);
    checkReadOnly(scope, mount);
    const source = isProjected(volume)
      ? { layer: `@${projectedLayer(scope, volume.name, sub !== '')}`, path: '/' }
      : locate(scope, volume);
    const plugin = Object.keys(PLUGINS).find((kind) => kind in volume);
    const folder =
      'node' in source
        ? source.path
        : `${podFolder}/volumes/${PLUGINS[plugin ?? ''] ?? 'kubernetes.io~csi'}/${volume.name}`;
    if (sub && !isProjected(volume)) {
      const section = scope.world.state.section<LayerEntry>(RUNTIME_SECTIONS.files);
      const files =
        'node' in source
          ? scope.platform.hostFiles(scope.world, source.node)
          : volumeFiles(section, source.layer, pod, () => scope.now, scope.now);
      makeSubPath(files, source.path, sub);
    }
    const inner = sub ? `${source.path === '/' ? '' : source.path}/${sub}` : source.path;
    return {
      volume: mount.name,
      containerPath: mount.mountPath.replace(/(.)\/+$/, '$1'),
      hostPath: sub ? `${podFolder}/volume-subpaths/${volume.name}/${container.name}/${index}` : folder,
      readOnly: mount.readOnly ?? false,
      source: { ...source, path: inner },
    };
  });
  return mounts;
}
