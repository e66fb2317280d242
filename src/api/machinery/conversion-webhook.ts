import { ApiError } from '../request.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import type { ApiWorld } from '../world.ts';
import { type ClientConfig, callError } from './webhook-client.ts';

/** How long a conversion may take, s. */
const TIMEOUT = 30;

/** Throws when an object would have to go from its version (`example.com/v1`) to another one by a webhook: nobody answers there. */
export function checkConvertible(world: ApiWorld, { group, kind, custom }: Resource, from: string, to: string): void {
  if (!custom?.conversion || from === groupVersion(group, to)) return;
  const reason = callError(world, custom.conversion.clientConfig as ClientConfig | undefined, TIMEOUT);
  throw new ApiError(500, '', `conversion webhook for ${from}, Kind=${kind} failed: ${reason}`);
}
