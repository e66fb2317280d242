import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';

/** Where `kubectl apply` keeps the configuration that it applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object's JSON as it goes over the wire: keys sorted, and a line break. */
export const encode = (object: unknown): string => `${goJson(object, { sortKeys: true })}\n`;

const withAnnotations = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations },
});

/** The object without its last configuration, which is what becomes the next one. */
export function withoutLastApplied(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _last, ...annotations } = object.metadata?.annotations ?? {};
  return withAnnotations(object, annotations);
}

/** The object with its own configuration as the last applied one (util.GetModifiedConfiguration). */
export function withLastApplied(object: KubeObject): KubeObject {
  const bare = withoutLastApplied(object);
  return withAnnotations(bare, { ...bare.metadata.annotations, [LAST_APPLIED]: encode(bare) });
}

/** The same for an object that kubectl made itself: in the order of its fields, as Go structs encode. */
export function withTypedLastApplied<T extends { metadata?: object }>(object: T): T {
  const metadata = object.metadata as { annotations?: Record<string, string> };
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: `${goJson(object)}\n` } },
  };
}

/** The configuration that was applied last, as text; undefined when there is none. */
export const lastApplied = (object: KubeObject): string | undefined => object.metadata?.annotations?.[LAST_APPLIED];
