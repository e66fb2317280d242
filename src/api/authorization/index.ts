import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';

/** What somebody wants to do: on a resource, or on a path that is none. */
export type Attributes =
  | { verb: string; group: string; resource: string; namespace: string; name: string; path?: undefined }
  | { verb: string; path: string };

/** Why the user may not, in the words that follow `is forbidden: `; undefined if they may. */
export function authorize(_world: ApiWorld, _user: UserInfo, _attributes: Attributes): string | undefined {
  return undefined;
}
