import { recordsOn } from '../node/records.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { Machine, OutputChunk, ProcessState } from '../sh/process.ts';
import type { ContainerRecord, LogRecord, SandboxRecord } from '../types/node-runtime.ts';
import { RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { containerMachine, type ProcessRecord } from './container-machine.ts';
import { appendLog } from './logs.ts';
import type { Platform, RegistryImage, ServerRequest, ServerResponse } from './platform.ts';

export type PortAnswer = { response: ServerResponse } | { failure: 'refused' | 'not-http' };

/** The container of a sandbox whose process has this TCP port open. */
function listener(
  world: ActorWorld,
  platform: Platform,
  sandbox: SandboxRecord,
  port: number,
): ContainerRecord | undefined {
  const processes = world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  for (const record of recordsOn<ContainerRecord>(world.state, RUNTIME_SECTIONS.containers, sandbox.node)) {
    if (record.sandbox !== sandbox.id || record.state !== 'running') continue;
    const entry = processes.get(record.id);
    const image = platform.programs.image(record.imageID, record.imageName);
    if (entry && image && platform.programs.listens(image, entry.process, port)) return record;
  }
  return undefined;
}

/** Whether a container that shares its machine's network listens at a port of it. */
export function isListeningOn(world: ActorWorld, platform: Platform, node: string, port: number): boolean {
  return recordsOn<SandboxRecord>(world.state, RUNTIME_SECTIONS.sandboxes, node).some(
    (sandbox) => sandbox.hostNetwork && sandbox.state === 'ready' && isListening(world, platform, sandbox, port),
  );
}

/** Whether a TCP connection to a pod's port opens. */
export const isListening = (world: ActorWorld, platform: Platform, sandbox: SandboxRecord, port: number): boolean =>
  listener(world, platform, sandbox, port) !== undefined;

/** What a container's server is asked, and what that leaves in its log and its memory. */
function converse<T extends { output?: OutputChunk[]; process?: ProcessState }>(
  world: ActorWorld,
  platform: Platform,
  sandbox: SandboxRecord,
  pod: Pod | undefined,
  record: ContainerRecord,
  ask: (image: RegistryImage, process: ProcessState, machine: Machine) => T | undefined,
): T | undefined {
  const processes = world.state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  const entry = processes.get(record.id)!;
  const image = platform.programs.image(record.imageID, record.imageName)!;
  const answer = ask(image, entry.process, containerMachine(world, platform, record, sandbox, pod));
  if (answer?.output) appendLog(world.state.section<LogRecord>(RUNTIME_SECTIONS.logs), record.id, answer.output);
  if (answer?.process) processes.set(record.id, { ...entry, process: answer.process });
  return answer;
}

/** The address that a pod sees its node's own connections come from: that of the bridge, the first of the node's range. */
export const nodeSide = ({ ip, hostNetwork }: SandboxRecord): string => (hostNetwork ? ip : ip.replace(/[0-9]+$/, '1'));

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
  const answer = converse(world, platform, sandbox, pod, record, (image, process, machine) =>
    platform.programs.serve(image, process, machine, port, request),
  );
  return answer ? { response: answer.response } : { failure: 'not-http' };
}

/** What comes back from a server that speaks no HTTP; undefined where none does. */
export function talkPort(
  world: ActorWorld,
  platform: Platform,
  sandbox: SandboxRecord,
  pod: Pod | undefined,
  port: number,
  text: string,
): string | undefined {
  const record = listener(world, platform, sandbox, port);
  return (
    record &&
    converse(world, platform, sandbox, pod, record, (image, process, machine) =>
      platform.programs.talk(image, process, machine, port, text),
    )?.text
  );
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
