import { type JsonPatchOperation, jsonPatch } from '../../api/machinery/patch/json-patch.ts';
import { goJson, type JsonValue } from '../../base/go-json.ts';
import { parseGoJson } from '../../base/go-json-parse.ts';
import { goQuote } from '../../base/go-quote.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { idText } from './identity.ts';
import type { Patch } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { parseManifests } from './manifests.ts';
import { strategicMerge } from './merge.ts';
import type { OwnSchema } from './openapi.ts';
import type { Manifest, Resource } from './resource.ts';
import { Resource as ResourceOf } from './resource.ts';
import type { ResourceList } from './resource-list.ts';

/** A transformation that is configured, and may run. */
export type Run = (list: ResourceList) => void;

async function readOperations(text: string): Promise<JsonPatchOperation[]> {
  const value = text.startsWith('[') ? parseGoJson(text) : await parseYaml(text);
  if (!Array.isArray(value)) {
    const kind = value === null || typeof value !== 'object' ? typeof value : 'object';
    throw new Error(`json: cannot unmarshal ${kind} into Go value of type jsonpatch.Patch`);
  }
  for (const operation of value) {
    if (operation === null || typeof operation !== 'object' || Array.isArray(operation))
      throw new Error('not an operation');
  }
  return value as unknown as JsonPatchOperation[];
}

function applyJsonPatch(resource: Resource, operations: JsonPatchOperation[]): void {
  resource.rememberId();
  resource.object = jsonPatch(resource.object as Record<string, unknown>, operations) as Manifest;
}

/** Merges a patch into a resource; it keeps its name, kind and namespace unless `options` allow another. */
function applyMergePatch(
  resource: Resource,
  patch: Manifest,
  options: Patch['options'] = {},
  own?: OwnSchema,
): boolean {
  const { name, namespace, object } = resource;
  if (options.allowNameChange || options.allowKindChange) resource.rememberId();
  const merged = strategicMerge(object, patch, own);
  if (!merged) return false;
  const metadata = { ...merged.metadata };
  if (!options.allowNameChange) metadata.name = name;
  if (namespace) metadata.namespace = namespace;
  else delete metadata.namespace;
  resource.object = { ...merged, kind: options.allowKindChange ? merged.kind : object.kind, metadata };
  return true;
}

function mergeInto(list: ResourceList, targets: Resource[], patch: Manifest, options?: Patch['options']): void {
  const kept = (resource: Resource) =>
    !targets.includes(resource) ||
    applyMergePatch(resource, { ...patch, apiVersion: resource.object.apiVersion }, options, list.schema);
  list.items = list.items.filter(kept);
}

/** What an entry of `patches` holds: strategic merge patches or JSON patch operations. */
interface ReadPatch {
  source: string;
  merges?: Manifest[];
  operations?: JsonPatchOperation[];
}

async function readPatch(loader: Loader, patch: Patch, shown: string): Promise<ReadPatch> {
  const inline = patch.patch?.trim() ?? '';
  if (inline === '' && !patch.path) throw new Error(`must specify one of patch and path in\n${shown}`);
  if (inline !== '' && patch.path) throw new Error(`patch and path can't be set at the same time\n${shown}`);
  const source = inline ? `[patch: ${goQuote(inline)}]` : `[path: ${goQuote(patch.path!)}]`;
  const text = inline || readPatchFile(loader, patch.path!);
  const merges = await attempt(() => parseManifests(text));
  if (merges) return { source, merges };
  const operations = await attempt(() => readOperations(text));
  if (!operations) throw new Error(`unable to parse SM or JSON patch from ${source}`);
  return { source, operations };
}

/** An entry of `patches`: its content tells which kind of patch it is. `shown` is the entry as YAML. */
export async function configurePatch(loader: Loader, patch: Patch, shown: string): Promise<Run> {
  const { source, merges, operations } = await readPatch(loader, patch, shown);
  return (list) => {
    if (merges) return applyMergePatches(list, merges, patch, source);
    if (!patch.target) throw new Error(`must specify a target for JSON patch ${source}`);
    for (const resource of list.select(patch.target)) applyJsonPatch(resource, operations!);
  };
}

async function attempt<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch {
    return undefined;
  }
}

function readPatchFile(loader: Loader, path: string): string {
  try {
    return loader.read(path);
  } catch (error) {
    throw new Error(`failed to get the patch file from path(${path}): ${asError(error).message}`);
  }
}

function applyMergePatches(list: ResourceList, patches: Manifest[], { target, options }: Patch, source: string): void {
  if (target) {
    if (patches.length > 1) {
      throw new Error(
        `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
      );
    }
    mergeInto(list, list.select(target), patches[0]!, options);
    return;
  }
  for (const patch of patches) {
    const { id } = new ResourceOf(patch);
    let found: Resource;
    try {
      found = list.byId(id);
    } catch (error) {
      throw new Error(`no resource matches strategic merge patch ${goQuote(idText(id))}: ${asError(error).message}`);
    }
    mergeInto(list, [found], patch, options);
  }
}

/** `patchesStrategicMerge`: files, or patches themselves. */
export async function configureStrategicMerges(loader: Loader, sources: string[], inlined = ''): Promise<Run> {
  if (sources.length === 0 && inlined === '') throw new Error('empty file path and empty patch content');
  const patches: Manifest[] = [];
  for (const source of sources) {
    const inline = await attempt(() => parseManifests(source));
    patches.push(...(inline ?? (await parseManifests(loader.read(source)))));
  }
  if (inlined !== '') patches.push(...(await parseManifests(inlined)));
  if (patches.length === 0) {
    throw new Error(`patch appears to be empty; files=[${sources.join(' ')}], Patch=${inlined}`);
  }
  return (list) => {
    for (const patch of patches) mergeInto(list, [list.byId(new ResourceOf(patch).id)], patch);
  };
}

/** `patchesJson6902`: each with its target. */
export async function configureJson6902(loader: Loader, { target, path = '', patch = '' }: Patch): Promise<Run> {
  if (!target?.name) throw new Error('must specify the target name');
  if (path === '' && patch === '') throw new Error('empty file path and empty jsonOp');
  if (path !== '' && patch !== '') throw new Error('must specify a file path or jsonOp, not both');
  const given = path === '' ? patch : loader.read(path);
  if (given === '') throw new Error(`patch file '${path}' empty seems to be empty`);
  const text = given.startsWith('[') ? given : goJson((await parseYaml(given)) as JsonValue, { sortKeys: true });
  const operations = await readOperations(text.startsWith('[') ? text : given).catch((error: unknown) => {
    throw new Error(`decoding ${text}: ${asError(error).message}`);
  });
  if (operations.length === 0) throw new Error(`patch appears to be empty; file=${path}, JsonOp=${text}`);
  return (list) => {
    for (const resource of list.select(target)) applyJsonPatch(resource, operations);
  };
}
