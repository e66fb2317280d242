import { createHash } from 'node:crypto';
import type { ActorWorld } from '../runtime/actor.ts';
import type { FileSystem } from '../sh/process.ts';
import type { Section } from '../store/section.ts';
import { type MachineRecord, RUNTIME_SECTIONS, type SeenManifest } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { ManifestError, noteProblem, readManifest, refusal } from './manifest.ts';
import type { Platform } from './platform.ts';

/** Manifests of static pods as their mirrors show them, by `NODE/HASH`. */
const STATIC_PODS = 'kubelet/static-pods';
/** Whatever its name ends in: a copy with .bak behind it is a manifest, too. */
const MANIFEST = /^[^.]/;

/** How often the kubelet reads the whole folder, ms (fileCheckFrequency). */
const REREAD = 20_000;

/** Keeps what a static pod's mirror is made from. */
export function rememberStaticPod(world: ActorWorld, pod: Pod): void {
  const {
    uid: _,
    resourceVersion: __,
    creationTimestamp: ___,
    managedFields: ____,
    generation: _____,
    ...metadata
  } = pod.metadata;
  const key = `${pod.spec!.nodeName}/${pod.metadata.annotations!['kubernetes.io/config.mirror']}`;
  const section = world.state.section<Pod>(STATIC_PODS);
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata, spec: pod.spec } as Pod;
  if (JSON.stringify(section.get(key)) !== JSON.stringify(manifest)) section.set(key, manifest);
}

/** A mirror that somebody deleted comes back: the pod itself never went. Answers whether there is such a static pod. */
export function restoreMirror(world: ActorWorld, node: string, hash: string): boolean {
  const manifest = world.state.section<Pod>(STATIC_PODS).get(`${node}/${hash}`);
  if (!manifest) return false;
  const { namespace, name } = manifest.metadata;
  if (!world.client.get('pods', namespace!, name!)) world.client.create('pods', manifest);
  return true;
}

/** The kubelet no longer finds a static pod's manifest: its mirror is deleted for good. */
function removeStaticPod(world: ActorWorld, node: string, hash: string): void {
  const section = world.state.section<Pod>(STATIC_PODS);
  const manifest = section.get(`${node}/${hash}`);
  if (!manifest) return;
  section.delete(`${node}/${hash}`);
  const { namespace, name } = manifest.metadata;
  if (world.client.get('pods', namespace!, name!)) {
    world.client.delete('pods', namespace!, name!, { gracePeriodSeconds: 0 });
  }
}

/** `NAMESPACE/NAME` of a static pod, as its manifest has it. */
function podOf(world: ActorWorld, node: string, hash: string): string {
  const { namespace, name } = world.state.section<Pod>(STATIC_PODS).get(`${node}/${hash}`)!.metadata;
  return `${namespace}/${name!.slice(0, -node.length - 1)}`;
}

/** The static pod that a file of the machine's own making stands for: it has the file's name. */
function ownerOf(world: ActorWorld, node: string, file: string): string | undefined {
  const section = world.state.section<Pod>(STATIC_PODS);
  const name = `${file.replace(/\.[a-z]+$/, '')}-${node}`;
  return section
    .keys(`${node}/`)
    .find((key) => section.get(key)!.metadata.name === name)
    ?.slice(node.length + 1);
}

/** The mirror of the pod that a manifest describes, as kubelet's file source makes it. */
function mirrorOf(world: ActorWorld, machine: MachineRecord, manifest: Pod, hash: string): Pod {
  const { metadata, spec } = manifest;
  const uid = world.client.get('nodes', '', machine.name)?.metadata.uid ?? '';
  const seen = new Date(Math.floor(world.now())).toISOString().replace('Z', '000000Z');
  return {
    ...manifest,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${machine.name}`,
      namespace: metadata.namespace ?? 'default',
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.seen': seen,
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: machine.name, uid, controller: true }],
    },
    spec: {
      ...spec!,
      nodeName: machine.name,
      tolerations: [...(spec!.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }],
    },
  };
}

/** Starts a static pod; answers its hash. Throws ManifestError if its mirror is refused. */
function startStaticPod(world: ActorWorld, machine: MachineRecord, manifest: Pod, text: string): string {
  const hash = createHash('md5').update(`${machine.name}\n${text}`).digest('hex');
  try {
    world.client.create('pods', mirrorOf(world, machine, manifest, hash));
    return hash;
  } catch (error) {
    throw refusal(error);
  }
}

const keyOf = ({ metadata: { namespace = 'default', name } }: Pod): string => `${namespace}/${name}`;

/** Another file that describes the same pod. */
function rivalOf(section: Section<SeenManifest>, node: string, file: string, pod: string): string | undefined {
  return section.keys(`${node}/`).find((key) => key !== `${node}/${file}` && section.get(key)!.pod === pod);
}

/** Looks at the manifests on a node's disk: what came, went or changed since the last look is started, stopped or both. */
export async function syncStaticPods(world: ActorWorld, platform: Platform, machine: MachineRecord): Promise<void> {
  const folder = machine.staticPodPath ?? '/etc/kubernetes/manifests';
  const files = platform.hostFiles(world, machine.name);
  const section = world.state.section<SeenManifest>(RUNTIME_SECTIONS.manifests);
  const present =
    files.stat(folder)?.type === 'directory'
      ? files.list(folder).filter((name) => MANIFEST.test(name) && files.stat(`${folder}/${name}`)?.type === 'file')
      : [];
  for (const key of section.keys(`${machine.name}/`)) {
    const { hash, pod } = section.get(key)!;
    const file = key.slice(machine.name.length + 1);
    if (present.includes(file)) continue;
    if (hash) removeStaticPod(world, machine.name, hash);
    section.delete(key);
    noteProblem(world, machine.name, `${folder}/${file}`, undefined);
    // A file that stood behind this one is read again.
    const rival = pod && rivalOf(section, machine.name, file, pod);
    if (rival) section.set(rival, { ...section.get(rival)!, mtime: Number.NEGATIVE_INFINITY });
  }
  for (const file of present) syncManifest(world, machine, { folder, file, files, section });
}

interface Place {
  folder: string;
  file: string;
  files: FileSystem;
  section: Section<SeenManifest>;
}

/** Brings a static pod in line with its file. */
function syncManifest(world: ActorWorld, machine: MachineRecord, { folder, file, files, section }: Place): void {
  const key = `${machine.name}/${file}`;
  const path = `${folder}/${file}`;
  const { mtime } = files.stat(path)!;
  const seen = section.get(key);
  if (seen?.mtime === mtime && !(seen.rereadAt !== undefined && seen.rereadAt <= world.now())) return;
  // What the machine began with is running already.
  const given = !seen && mtime <= machine.bootedAt ? ownerOf(world, machine.name, file) : undefined;
  if (given) {
    section.set(key, { mtime, hash: given, pod: podOf(world, machine.name, given) });
    return;
  }
  const text = files.read(path);
  let manifest: Pod | undefined;
  try {
    manifest = readManifest(text, path);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    noteProblem(world, machine.name, path, error.message);
    if (seen?.hash && seen.mtime !== mtime) {
      const rereadAt = world.now() + REREAD;
      section.set(key, { ...seen, mtime, rereadAt });
      world.wake(machine.name, rereadAt);
      return;
    }
  }
  if (seen?.hash) removeStaticPod(world, machine.name, seen.hash);
  if (!manifest) {
    section.set(key, { mtime });
    return;
  }
  const pod = keyOf(manifest);
  const rival = rivalOf(section, machine.name, file, pod);
  // Of two files for one pod, the one that is read last counts.
  if (rival && rival > key) {
    section.set(key, { mtime, pod });
    return;
  }
  if (rival) {
    const { hash, ...other } = section.get(rival)!;
    if (hash) removeStaticPod(world, machine.name, hash);
    section.set(rival, other);
  }
  try {
    section.set(key, { mtime, pod, hash: startStaticPod(world, machine, manifest, text) });
    noteProblem(world, machine.name, path, undefined);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    noteProblem(world, machine.name, path, error.message);
    section.set(key, { mtime });
  }
}
