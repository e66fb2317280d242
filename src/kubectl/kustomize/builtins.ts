import type { FieldSpec } from './field-specs.ts';
import { generate } from './generators.ts';
import { gvkText } from './identity.ts';
import type { GeneratorArgs, ImageTag, Patch } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { applyJson6902, applyPatch, applyStrategicMerges } from './patches.ts';
import { applyReplacement } from './replacements.ts';
import type { Manifest } from './resource.ts';
import type { ResourceList } from './resource-list.ts';
import { rename, setImage, setKeys, setNamespace, setReplicas } from './transformers.ts';

/** The fields that builtin plugins are configured with, beside apiVersion, kind and metadata. */
interface BuiltinConfig extends Manifest {
  fieldSpecs?: FieldSpec[];
}

type Builtin = (list: ResourceList, loader: Loader, config: BuiltinConfig) => Promise<void> | void;

const text = (value: unknown) => String(value ?? '');
const strings = (value: unknown) => (value ?? {}) as Record<string, string>;

const generator =
  (kind: 'ConfigMap' | 'Secret'): Builtin =>
  (list, loader, config) => {
    const { name, namespace } = config.metadata ?? {};
    list.absorb(generate(kind, loader, { name, namespace, ...(config as GeneratorArgs) }));
  };

/** kustomize's own plugins, as `transformers` and `generators` name them. */
const BUILTINS: Record<string, Builtin> = {
  AnnotationsTransformer: (list, _, { annotations, fieldSpecs = [] }) =>
    setKeys(list, strings(annotations), fieldSpecs),
  ConfigMapGenerator: generator('ConfigMap'),
  ImageTagTransformer: (list, _, { imageTag, fieldSpecs = [] }) => setImage(list, imageTag as ImageTag, fieldSpecs),
  LabelTransformer: (list, _, { labels, fieldSpecs = [] }) => setKeys(list, strings(labels), fieldSpecs),
  NamespaceTransformer: (list, _, { metadata, fieldSpecs = [] }) =>
    setNamespace(list, text(metadata?.namespace), fieldSpecs),
  PatchJson6902Transformer: (list, loader, { target, path, jsonOp }) =>
    applyJson6902(list, loader, { target, path, patch: jsonOp } as Patch),
  PatchStrategicMergeTransformer: (list, loader, { paths, patches }) =>
    applyStrategicMerges(list, loader, [...((paths as string[]) ?? []), ...(patches ? [text(patches)] : [])]),
  PatchTransformer: (list, loader, config) => applyPatch(list, loader, config as Patch),
  PrefixTransformer: (list, _, { prefix, fieldSpecs = [] }) => rename(list, 'prefixes', text(prefix), fieldSpecs),
  ReplacementTransformer: (list, _, { replacements }) => {
    for (const replacement of (replacements as []) ?? []) applyReplacement(list, replacement);
  },
  ReplicaCountTransformer: (list, _, { replica, fieldSpecs = [] }) => {
    const { name, count } = replica as { name: string; count: number };
    setReplicas(list, name, count, fieldSpecs);
  },
  SecretGenerator: generator('Secret'),
  SuffixTransformer: (list, _, { suffix, fieldSpecs = [] }) => rename(list, 'suffixes', text(suffix), fieldSpecs),
};

/** Runs the plugin that `config` is for; only kustomize's own ones can be run, others are programs. */
export async function runBuiltin(list: ResourceList, loader: Loader, config: Manifest): Promise<void> {
  const { apiVersion, kind = '' } = config;
  if (apiVersion !== 'builtin') {
    throw new Error(`external plugins disabled; unable to load external plugin '${kind}'`);
  }
  const plugin = Object.hasOwn(BUILTINS, kind) ? BUILTINS[kind] : undefined;
  if (!plugin) throw new Error(`unable to load builtin ${gvkText({ version: apiVersion, kind })}`);
  await plugin(list, loader, config as BuiltinConfig);
}
