import type { Container, KubeObject, ObjectMeta, Pod } from '../../types/objects.ts';
import { countGeneration } from '../kinds/shared/strategy.ts';

type Json = Record<string, unknown>;

const specOf = (object: KubeObject): Json => (object as unknown as { spec?: Json }).spec ?? {};
const statusOf = (object: KubeObject): Json => (object as unknown as { status?: Json }).status ?? {};

const withSpec = (object: KubeObject, change: Json): KubeObject =>
  ({ ...object, spec: { ...specOf(object), ...change } }) as unknown as KubeObject;

/** The old containers with the resources of the new ones; those as they are when they are not the same ones. */
const resized = (now: Container[], old: Container[]): Container[] =>
  now.every(({ name }, index) => name === old[index]!.name)
    ? old.map((container, index) => {
        const { resources, resizePolicy } = now[index]!;
        // Claims are behind a gate that is off.
        const { claims: _, ...compute } = resources ?? {};
        return { ...container, resources: resources && compute, resizePolicy };
      })
    : now;

/** What an update through a subresource may change besides metadata: everything else stays as it was. */
const SCOPES: Record<string, (old: KubeObject, draft: KubeObject) => KubeObject> = {
  status: (old, draft) =>
    (draft as unknown as { status?: unknown }).status === undefined
      ? old
      : ({ ...old, status: statusOf(draft) } as unknown as KubeObject),
  ephemeralcontainers: (old, draft) => withSpec(old, { ephemeralContainers: specOf(draft).ephemeralContainers }),
  finalize: (old, draft) => withSpec(old, { finalizers: specOf(draft).finalizers }),
  approval: (old, draft) =>
    ({ ...old, status: { ...statusOf(old), conditions: statusOf(draft).conditions } }) as unknown as KubeObject,
  resize: (old, draft) => {
    const [now, before] = [draft, old].map((pod) => (pod as Pod).spec);
    const change: Json = {};
    for (const list of ['containers', 'initContainers'] as const) {
      if (now?.[list]?.length !== before?.[list]?.length) return draft;
      if (now?.[list]) change[list] = resized(now[list], before![list]!);
    }
    return withSpec(old, change);
  },
};

/** Those of pods, which change what the kubelet is to do, and no metadata. */
const OF_PODS = ['ephemeralcontainers', 'resize'];

/** Metadata of a draft of which some is kept as it was. */
function keptMetadata(
  { metadata }: KubeObject,
  old: KubeObject,
  kept: readonly (keyof ObjectMeta)[],
): KubeObject['metadata'] {
  const before = Object.fromEntries(kept.map((field) => [field, old.metadata[field]]));
  return { ...metadata, ...before };
}

/** The old object with what the subresource may change taken from the draft. */
export function scoped(
  subresource: string,
  draft: KubeObject,
  old: KubeObject,
  kept: readonly (keyof ObjectMeta)[] = [],
): KubeObject {
  const scope = SCOPES[subresource];
  if (!scope) return draft;
  const { managedFields } = draft.metadata;
  const ofPod = OF_PODS.includes(subresource);
  const metadata = ofPod ? { ...old.metadata, managedFields } : keptMetadata(draft, old, kept);
  const result = { ...scope(old, draft), metadata };
  if (ofPod) countGeneration(result, old, ['spec']);
  return result;
}
