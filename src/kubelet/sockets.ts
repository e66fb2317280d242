import type { ActorWorld } from '../runtime/actor.ts';
import type { Socket } from '../sh/process.ts';
import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import type { ProcessRecord } from './container-machine.ts';
import type { Platform } from './platform.ts';

/** Every port that is open in a sandbox, or on its node where it shares that's network. */
export function openSockets(world: ActorWorld, platform: Platform, sandbox: SandboxRecord): Socket[] {
  const { state } = world;
  const sandboxes = state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  const containers = state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const processes = state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  const shares = (id: string) =>
    id === sandbox.id || (sandbox.hostNetwork && sandboxes.get(`${sandbox.node}/${id}`)?.hostNetwork === true);
  return containers
    .keys(`${sandbox.node}/`)
    .map((key) => containers.get(key)!)
    .filter((record) => record.state === 'running' && shares(record.sandbox))
    .flatMap((record) => {
      const entry = processes.get(record.id);
      return entry ? platform.programs.sockets(entry.process) : [];
    });
}
