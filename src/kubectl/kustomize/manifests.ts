import { splitDocuments } from '../../base/yaml/documents.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { isMap } from './field-specs.ts';
import type { Manifest } from './resource.ts';

/** Text that is no YAML, told with its file. */
export class MalformedYaml extends Error {}

const goMap = (map: Record<string, string> = {}) =>
  `map[${Object.keys(map)
    .sort()
    .map((key) => `${key}:${map[key]}`)
    .join(' ')}]`;

/** Go's `%v` of an object's metadata. */
function metaText({ apiVersion = '', kind = '', metadata = {} }: Manifest): string {
  const { name = '', namespace = '', labels, annotations } = metadata;
  return `{{${apiVersion} ${kind}} {{${name} ${namespace}} ${goMap(labels)} ${goMap(annotations)}}}`;
}

function check(object: Manifest): void {
  if (!object.apiVersion && !object.kind && !object.metadata) throw new Error('missing Resource metadata');
  if (!object.kind) throw new Error(`missing kind in object ${metaText(object)}`);
  if (!object.kind.endsWith('List') && !object.metadata?.name) {
    throw new Error(`missing metadata.name in object ${metaText(object)}`);
  }
}

/** The objects of a manifest, those of lists one by one; throws what kustomize finds wrong with it. */
export async function parseManifests(text: string, file = ''): Promise<Manifest[]> {
  const objects: Manifest[] = [];
  for (const document of splitDocuments(text)) {
    let value: unknown;
    try {
      value = await parseYaml(document, { oldBooleans: false });
    } catch (error) {
      const reason = asError(error).message.replace('error converting YAML to JSON: ', '');
      throw new MalformedYaml(`MalformedYAMLError: ${reason}${file && ` in File: ${file}`}`);
    }
    if (value === null || (isMap(value) && Object.keys(value).length === 0)) continue;
    if (!isMap(value)) throw new Error('missing Resource metadata');
    const items = String(value.kind ?? '').endsWith('List') ? value.items : undefined;
    const found = (Array.isArray(items) ? items : [value]) as Manifest[];
    found.forEach(check);
    objects.push(...found);
  }
  return objects;
}
