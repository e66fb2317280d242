import type { ActorWorld } from '../runtime/actor.ts';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import type { Platform } from './platform.ts';

/** Manifests of static pods as their mirrors show them, by `NODE/HASH`. */
const STATIC_PODS = 'kubelet/static-pods';

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
export function removeStaticPod(world: ActorWorld, node: string, hash: string): void {
  const section = world.state.section<Pod>(STATIC_PODS);
  const manifest = section.get(`${node}/${hash}`);
  if (!manifest) return;
  section.delete(`${node}/${hash}`);
  const { namespace, name } = manifest.metadata;
  if (world.client.get('pods', namespace!, name!))
    world.client.delete('pods', namespace!, name!, { gracePeriodSeconds: 0 });
}

/** Looks at the static pod manifests of a node. */
export function syncStaticPods(_world: ActorWorld, _platform: Platform, _machine: MachineRecord): void {}
