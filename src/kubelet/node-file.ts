import type { ActorWorld } from '../runtime/actor.ts';
import type { Platform } from './platform.ts';

/** The lines of the first of these files that the node has. */
export function nodeFile(world: ActorWorld, platform: Platform, node: string, paths: string[]): string[] {
  const files = platform.hostFiles(world, node);
  const path = paths.find((candidate) => files.stat(candidate));
  return path ? files.read(path).replace(/\n$/, '').split('\n') : [];
}
