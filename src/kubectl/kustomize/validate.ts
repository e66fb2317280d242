import { goJson, type JsonValue } from '../../base/go-json.ts';
import { idText } from './identity.ts';
import { type Manifest, Resource } from './resource.ts';

const VALIDATED_BY = 'validated-by';

/** The object as kustomize compares it: a validator may say that it was there. */
function compared({ metadata, ...object }: Manifest): string {
  const { [VALIDATED_BY]: _, ...labels } = metadata?.labels ?? {};
  const marked = metadata?.labels && VALIDATED_BY in metadata.labels;
  const { labels: _labels, ...unlabelled } = metadata ?? {};
  const without = Object.keys(labels).length > 0 ? { ...metadata, labels } : unlabelled;
  return goJson({ ...object, metadata: marked ? without : metadata } as unknown as JsonValue, { sortKeys: true });
}

/** What tells the resources from those that were there before; undefined when nothing does. */
export function sameResources(before: Manifest[], after: Resource[]): string | undefined {
  if (before.length !== after.length) {
    return `lists have different number of entries: ${before.length} != ${after.length}`;
  }
  for (const object of before) {
    const { id } = new Resource(object);
    const found = after.find((each) => idText(each.id) === idText(id));
    if (!found) return `id in self missing from other; id: ${idText(id)}`;
    const [old, now] = [compared(object), compared(found.object)];
    if (old !== now) return `nodes unequal: \n -- ${old},\n -- ${now}`;
  }
  return undefined;
}
