import type { ActorWorld } from '../runtime/actor.ts';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Platform } from './platform.ts';

/** Looks at the static pod manifests of a node. */
export function syncStaticPods(_world: ActorWorld, _platform: Platform, _machine: MachineRecord): void {}
