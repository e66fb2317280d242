import type { KubeObject } from '../../../types/objects.ts';
import type { ResourceRequest } from '../../world.ts';

/** The draft with its managedFields brought up to date for an update by `manager`; `live` is absent on creates. */
export function trackUpdate(
  _request: ResourceRequest,
  _live: KubeObject | undefined,
  draft: KubeObject,
  _manager: string,
): KubeObject {
  return draft;
}

/** The object without the times of its managedFields: a write that changes nothing else is none. */
export function withoutFieldTimes(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata;
  if (!managedFields) return object;
  return {
    ...object,
    metadata: { ...object.metadata, managedFields: managedFields.map(({ time: _, ...rest }) => rest) },
  };
}
