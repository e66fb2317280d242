import { emitYaml } from '../../base/yaml/emit.ts';
import { asError, CommandError } from '../errors.ts';
import { contentHash } from '../generate/content-hash.ts';
import type { HostMachine } from '../io.ts';
import { Loader } from './loader.ts';
import { fixNameReferences } from './name-references.ts';
import { inOrder } from './order.ts';
import type { Manifest, Resource } from './resource.ts';
import type { ResourceList } from './resource-list.ts';
import { Target } from './target.ts';
import { setKeys } from './transformers.ts';
import { resolveVariables } from './variables.ts';

export interface BuildOptions {
  /** `LoadRestrictionsNone` lets files lie anywhere. */
  loadRestrictions?: boolean;
  /** The order of what comes out, where it is not the kustomization that chooses it. */
  reorder?: 'legacy' | 'none';
  /** Told of deprecated fields, a line each. */
  warn?(text: string): void;
}

const ORIGIN = 'config.kubernetes.io/origin';
const LOCAL = 'config.kubernetes.io/local-config';

/** Names of generated resources end with a hash of their content. */
function addHashes({ items }: ResourceList): void {
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

const isLocal = ({ object }: Resource) => {
  const mark = object.metadata?.annotations?.[LOCAL];
  return mark !== undefined && mark !== 'false';
};

/** Patches and replacements may have put other values there; kustomize writes them back as strings. */
function stringAnnotations({ metadata }: Manifest): void {
  if (!metadata?.annotations) return;
  const entries = Object.entries(metadata.annotations).map(([key, value]) => [key, String(value)]);
  if (entries.length === 0) delete metadata.annotations;
  else metadata.annotations = Object.fromEntries(entries);
}

/** The resources that the kustomization in `folder` comes to; throws CommandError with kustomize's message. */
export async function buildResources(
  host: HostMachine,
  folder: string,
  options: BuildOptions = {},
): Promise<Resource[]> {
  const { loadRestrictions = true, reorder, warn = () => {} } = options;
  try {
    const loader = Loader.open(host, folder, loadRestrictions);
    const build = { warn, origins: false, start: loader.root };
    const target = await Target.load(loader, build);
    const { buildMetadata = [], sortOptions } = target.kustomization;
    build.origins = buildMetadata.includes('originAnnotations');
    const { list, config, variables } = await target.accumulate();
    addHashes(list);
    fixNameReferences(list, config.nameReference);
    resolveVariables(list, variables, config.varReference);
    list.items = inOrder(
      list.items.filter((resource) => !isLocal(resource)),
      sortOptions ?? (reorder && { order: reorder === 'none' ? 'fifo' : 'legacy' }),
    );
    if (buildMetadata.includes('managedByLabel')) {
      const label = { 'app.kubernetes.io/managed-by': 'kustomize-(devel)' };
      setKeys(list, label, [{ path: 'metadata/labels', create: true }]);
    }
    if (!build.origins) for (const { object } of list.items) delete object.metadata?.annotations?.[ORIGIN];
    for (const { object } of list.items) stringAnnotations(object);
    return list.items;
  } catch (error) {
    throw new CommandError(asError(error).message);
  }
}

/** The same as YAML documents. */
export async function buildKustomization(
  host: HostMachine,
  folder: string,
  options: BuildOptions = {},
): Promise<string> {
  return (await buildResources(host, folder, options)).map(({ object }) => emitYaml(object)).join('---\n');
}
