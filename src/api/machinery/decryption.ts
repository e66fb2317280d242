import { isEncrypting, unreadableNow } from '../encryption/history.ts';
import { ApiError } from '../request.ts';
import { storageKey } from '../storage/keys.ts';
import type { ResourceRequest } from '../world.ts';
import { storageName } from './conversion.ts';

const internal = (why: string): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });

/** Refuses what the request wants of etcd when the API server has no key for it (storage/etcd3). */
export function checkDecryptable({ world, resource, namespace, name, verb }: ResourceRequest): void {
  const { state, store } = world;
  if (verb === 'create' || !isEncrypting(state)) return;
  const stored = storageName(resource);
  if (name !== '') {
    const object = store.get(stored, resource.namespaced ? namespace : '', name);
    const why = object && unreadableNow(state, stored, object);
    if (why) throw internal(why);
    return;
  }
  for (const object of store.list(stored, namespace || undefined)) {
    const why = unreadableNow(state, stored, object);
    if (why)
      throw internal(
        `unable to transform key ${JSON.stringify(storageKey(stored, object, resource.custom !== undefined))}: ${why}`,
      );
  }
}
