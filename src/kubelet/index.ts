export { kubeletActor } from './actor.ts';
export { KubeletAgent } from './agent/index.ts';
export { machineInside } from './inside.ts';
export { usageOn } from './node/pressure.ts';
export { nodeRuntime } from './node-runtime.ts';
export type { Platform } from './platform.ts';
export { POD_FOLDERS, podFolders } from './pod-folders.ts';
export { isListening, sandboxAt, servePort, talkPort } from './ports.ts';
export { machineSockets } from './sockets.ts';
