import { contentHash } from '../generate/content-hash.ts';
import type { ResourceList } from './resource-list.ts';

/** Names of generated resources end with a hash of their content. */
export function addHashes({ items }: ResourceList): void {
  for (const resource of items.filter(({ needsHash }) => needsHash)) {
    const { kind, data = '', binaryData, type, stringData } = resource.object;
    // kustomize looks the name up under "metadata/name", where nothing is.
    const content: Record<string, unknown> = { kind, name: '', data };
    if (binaryData) content.binaryData = binaryData;
    if (kind === 'Secret') content.type = type;
    if (stringData) content.stringData = stringData;
    const hash = contentHash(content);
    resource.rememberId();
    resource.name = `${resource.name}-${hash}`;
  }
}
