import { recordsOn } from '../node/records.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { Socket } from '../sh/process.ts';
import {
  type ContainerRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../types/node-runtime.ts';
import type { ProcessRecord } from './container-machine.ts';
import type { Platform } from './platform.ts';

/** Every port that is open in a sandbox, or on its node where it shares that's network. */
export const openSockets = (world: ActorWorld, platform: Platform, sandbox: SandboxRecord): Socket[] =>
  socketsOf(
    world,
    platform,
    sandbox.node,
    (other) => other.id === sandbox.id || (sandbox.hostNetwork && other.hostNetwork),
  ).map(({ socket }) => socket);

function socketsOf(
  { state }: ActorWorld,
  platform: Platform,
  node: string,
  shares: (sandbox: SandboxRecord) => boolean,
): { socket: Socket; record: ContainerRecord }[] {
  const sandboxes = state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  const processes = state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  return recordsOn<ContainerRecord>(state, RUNTIME_SECTIONS.containers, node)
    .filter((record) => record.state === 'running' && shares(sandboxes.get(`${node}/${record.sandbox}`)!))
    .flatMap((record) => {
      const entry = processes.get(record.id);
      const own = entry ? platform.programs.sockets(entry.process) : [];
      return own.map((socket) => ({ socket, record }));
    });
}

/** What is open on a machine itself: its services, and the pods that share its network. */
export function machineSockets(world: ActorWorld, platform: Platform, machine: MachineRecord): Socket[] {
  const service = (program: string, pid: number, port: number, address = '0.0.0.0'): Socket => ({
    protocol: 'tcp',
    address,
    port,
    pid,
    program,
  });
  return [
    service('systemd-resolve', 412, 53, '127.0.0.53'),
    service('sshd', 688, 22),
    service('containerd', 711, 38_115, '127.0.0.1'),
    ...(machine.kubelet.active
      ? [service('kubelet', 902, 10_248, '127.0.0.1'), service('kubelet', 902, machine.kubeletPort ?? 10_250, '*')]
      : []),
    // A container's first process has another number on its machine.
    ...socketsOf(world, platform, machine.name, ({ hostNetwork }) => hostNetwork).map(({ socket, record }) =>
      socket.pid === 1 ? { ...socket, pid: record.pid } : socket,
    ),
  ];
}
