import { fnv1a32, fnv132, safeEncodeString } from '../../base/hash.ts';
import type { PodTemplateSpec } from '../../types/objects.ts';
import { dumpForHash } from './go-dump.ts';

function littleEndian8(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** controller.ComputeHash: what `pod-template-hash` and a daemon set's `controller-revision-hash` say, `5869d7778c`. */
export function computeHash(template: PodTemplateSpec, collisionCount?: number): string {
  const dump = Buffer.from(dumpForHash('v1.PodTemplateSpec', template));
  const data = collisionCount === undefined ? dump : Buffer.concat([dump, littleEndian8(collisionCount)]);
  return safeEncodeString(String(fnv1a32(data)));
}

/** history.HashControllerRevision: of a revision's data as its raw JSON bytes. */
export function hashControllerRevision(rawData: string, collisionCount?: number): string {
  return safeEncodeString(String(fnv132(rawData + (collisionCount ?? ''))));
}
