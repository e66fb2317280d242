import { type PatchSchema, patchSchema } from '../api/machinery/patch/strategic-merge.ts';
import { typeNameOf } from '../api/schema/types.ts';
import type { ResourceType } from './client/mapper.ts';

/** How a built-in type's fields merge; undefined for custom resources, which only know merge patches. */
export function strategicSchema({ group, version, kind }: ResourceType): PatchSchema | undefined {
  try {
    return patchSchema(typeNameOf(group, version, kind));
  } catch {
    return undefined;
  }
}
