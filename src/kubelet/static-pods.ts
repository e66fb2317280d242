import { createHash } from 'node:crypto';
import type { ActorWorld } from '../runtime/actor.ts';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import type { Platform } from './platform.ts';

/** Manifests of static pods as their mirrors show them, by `NODE/HASH`. */
const STATIC_PODS = 'kubelet/static-pods';
/** What was seen of a manifest's file, by `NODE/FILE`: when it was written, and which static pod it means. */
const MANIFESTS = 'kubelet/manifests';
const MANIFEST = /^[^.].*\.(?:ya?ml|json)$/;

interface SeenManifest {
  mtime: number;
  hash?: string;
  /** When the folder is read as a whole again (ms), where the file cannot be read: until then its pod stays. */
  rereadAt?: number;
}

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

/** The pod that a manifest describes; undefined if it cannot be read. */
async function readManifest(text: string): Promise<Pod | undefined> {
  const { parseYaml } = await import('../base/yaml/parse.ts');
  try {
    const manifest = (await parseYaml(text)) as unknown as Pod;
    return manifest?.kind === 'Pod' && manifest.metadata?.name && manifest.spec ? manifest : undefined;
  } catch {
    // A kubelet that cannot read a manifest says so in its journal, and goes on.
    return undefined;
  }
}

/** Starts a static pod; answers its hash, or nothing if its mirror is refused. */
function startStaticPod(world: ActorWorld, machine: MachineRecord, manifest: Pod, text: string): string | undefined {
  const hash = createHash('md5').update(`${machine.name}\n${text}`).digest('hex');
  try {
    world.client.create('pods', mirrorOf(world, machine, manifest, hash));
    return hash;
  } catch {
    return undefined;
  }
}

/** Looks at the manifests on a node's disk: what came, went or changed since the last look is started, stopped or both. */
export async function syncStaticPods(world: ActorWorld, platform: Platform, machine: MachineRecord): Promise<void> {
  const folder = machine.staticPodPath ?? '/etc/kubernetes/manifests';
  const files = platform.hostFiles(world, machine.name);
  const section = world.state.section<SeenManifest>(MANIFESTS);
  const present =
    files.stat(folder)?.type === 'directory' ? files.list(folder).filter((name) => MANIFEST.test(name)) : [];
  for (const key of section.keys(`${machine.name}/`)) {
    const { hash } = section.get(key)!;
    if (present.includes(key.slice(machine.name.length + 1))) continue;
    if (hash) removeStaticPod(world, machine.name, hash);
    section.delete(key);
  }
  for (const file of present) {
    const key = `${machine.name}/${file}`;
    const { mtime } = files.stat(`${folder}/${file}`)!;
    const seen = section.get(key);
    if (seen?.mtime === mtime && !(seen.rereadAt !== undefined && seen.rereadAt <= world.now())) continue;
    // What the machine began with is running already.
    const given = !seen && mtime <= machine.bootedAt ? ownerOf(world, machine.name, file) : undefined;
    if (given) {
      section.set(key, { mtime, hash: given });
      continue;
    }
    const text = files.read(`${folder}/${file}`);
    const manifest = await readManifest(text);
    if (!manifest && seen?.hash && seen.mtime !== mtime) {
      const rereadAt = world.now() + REREAD;
      section.set(key, { mtime, hash: seen.hash, rereadAt });
      world.wake(machine.name, rereadAt);
      continue;
    }
    if (seen?.hash) removeStaticPod(world, machine.name, seen.hash);
    const hash = manifest && startStaticPod(world, machine, manifest, text);
    section.set(key, { mtime, ...(hash && { hash }) });
  }
}
