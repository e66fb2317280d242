export { kubeletActor, podKey } from './actor.ts';
export { type AgentOptions, KubeletAgent } from './agent/index.ts';
export { containerLogLength } from './agent/logs.ts';
export { leaseRenewed, newNode, withHeartbeat } from './node/status.ts';
export { nodeRuntime } from './node-runtime.ts';
export type { Platform, Programs, RegistryImage } from './platform.ts';
export { isListening, sandboxAt, servePort } from './ports.ts';
