import type { ActorWorld } from '../runtime/actor.ts';
import type { Machine } from '../sh/process.ts';
import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { containerMachine } from './container-machine.ts';
import type { Platform } from './platform.ts';

/** What a process in the first container of a pod finds around it; undefined while that does not run. */
export function machineInside(world: ActorWorld, platform: Platform, pod: Pod): Machine | undefined {
  const containers = world.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const sandboxes = world.state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  const name = pod.spec?.containers[0]?.name;
  for (const key of containers.keys(`${pod.spec?.nodeName}/`)) {
    const record = containers.get(key)!;
    if (record.pod.uid !== pod.metadata.uid || record.name !== name || record.state !== 'running') continue;
    return containerMachine(world, platform, record, sandboxes.get(`${record.node}/${record.sandbox}`)!, pod);
  }
  return undefined;
}
