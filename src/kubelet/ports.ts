import type { ActorWorld } from '../runtime/actor.ts';
import type { ContainerRecord, LogRecord, SandboxRecord } from '../types/node-runtime.ts';
import { RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { containerMachine, type ProcessRecord } from './container-machine.ts';
import { appendLog } from './logs.ts';
import type { Platform, ServerRequest, ServerResponse } from './platform.ts';

export type PortAnswer = { response: ServerResponse } | { failure: 'refused' | 'not-http' };

/** The container of a sandbox whose process has this TCP port open. */
function listener(
  world: ActorWorld,
  platform: Platform,
  sandbox: SandboxRecord,
  port: number,
): ContainerRecord | undefined {
  const containers = world.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const processes = world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  for (const key of containers.keys(`${sandbox.node}/`)) {
    const record = containers.get(key)!;
    if (record.sandbox !== sandbox.id || record.state !== 'running') continue;
    const entry = processes.get(record.id);
    const image = platform.programs.image(record.imageID, record.imageName);
    if (entry && image && platform.programs.listens(image, entry.process, port)) return record;
  }
  return undefined;
}

/** Whether a TCP connection to a pod's port opens. */
export const isListening = (world: ActorWorld, platform: Platform, sandbox: SandboxRecord, port: number): boolean =>
  listener(world, platform, sandbox, port) !== undefined;

/** One HTTP exchange with whatever listens on a pod's port: what the network finds at the end of its way. */
export function servePort(
  world: ActorWorld,
  platform: Platform,
  sandbox: SandboxRecord,
  pod: Pod | undefined,
  port: number,
  request: ServerRequest,
): PortAnswer {
  const record = listener(world, platform, sandbox, port);
  if (!record) return { failure: 'refused' };
  const processes = world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  const entry = processes.get(record.id)!;
  const machine = containerMachine(world, platform, record, sandbox, pod);
  const answer = platform.programs.serve(
    platform.programs.image(record.imageID, record.imageName)!,
    entry.process,
    machine,
    port,
    request,
  );
  if (!answer) return { failure: 'not-http' };
  if (answer.output) appendLog(world.state.section<LogRecord>(RUNTIME_SECTIONS.logs), record.id, answer.output);
  if (answer.process) processes.set(record.id, { ...entry, process: answer.process });
  return { response: answer.response };
}

/** The sandbox that holds a pod address now. */
export function sandboxAt(world: ActorWorld, ip: string): SandboxRecord | undefined {
  const section = world.state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  for (const key of section.keys()) {
    const record = section.get(key)!;
    if (record.ip === ip && record.state === 'ready' && !record.hostNetwork) return record;
  }
  return undefined;
}
