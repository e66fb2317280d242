import { emitYaml } from '../../base/yaml/emit.ts';
import { asError, CommandError } from '../errors.ts';
import type { HostMachine } from '../io.ts';
import { addHashes } from './hashes.ts';
import type { HelmOptions } from './helm.ts';
import { Loader } from './loader.ts';
import { fixNameReferences } from './name-references.ts';
import { inOrder } from './order.ts';
import type { Manifest, Resource } from './resource.ts';
import { type Build, ORIGIN, Target, TRANSFORMATIONS } from './target.ts';
import { setKeys } from './transformers.ts';
import { resolveVariables } from './variables.ts';

export interface BuildOptions {
  /** `LoadRestrictionsNone` lets files lie anywhere. */
  loadRestrictions?: boolean;
  /** The order of what comes out, where it is not the kustomization that chooses it. */
  reorder?: 'legacy' | 'none';
  helm?: HelmOptions;
  /** Told of deprecated fields, a line each. */
  warn?(text: string): void;
  /** Told what kustomize writes into its log. */
  log?(text: string): void;
}

const REORDERED =
  "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.";
const LOCAL = 'config.kubernetes.io/local-config';

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
  const { loadRestrictions = true, reorder, helm = { enabled: false, command: 'helm' } } = options;
  const { warn = () => {}, log = () => {} } = options;
  try {
    const loader = Loader.open(host, folder, loadRestrictions);
    const build: Build = { warn, helm, origins: false, start: loader.root };
    const target = await Target.load(loader, build);
    const { buildMetadata = [], sortOptions } = target.kustomization;
    build.origins = buildMetadata.length > 0;
    const { list, config, variables } = await target.accumulate();
    addHashes(list);
    fixNameReferences(list, config.nameReference);
    resolveVariables(list, variables, config.varReference, log);
    if (sortOptions && reorder) log(REORDERED);
    list.items = inOrder(
      list.items.filter((resource) => !isLocal(resource)),
      sortOptions ?? (reorder && { order: reorder === 'none' ? 'fifo' : 'legacy' }),
    );
    if (buildMetadata.includes('managedByLabel')) {
      const label = { 'app.kubernetes.io/managed-by': 'kustomize-(devel)' };
      setKeys(list, label, [{ path: 'metadata/labels', create: true }]);
    }
    for (const { object } of list.items) {
      if (!buildMetadata.includes('originAnnotations')) delete object.metadata?.annotations?.[ORIGIN];
      if (!buildMetadata.includes('transformerAnnotations')) delete object.metadata?.annotations?.[TRANSFORMATIONS];
    }
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
