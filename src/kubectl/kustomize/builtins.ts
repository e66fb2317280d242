import { basename } from 'node:path';
import { emitYaml } from '../../base/yaml/emit.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import type { FieldSpec } from './field-specs.ts';
import { generate } from './generators.ts';
import { addHashes } from './hashes.ts';
import { configureHelmChart, type HelmOptions } from './helm.ts';
import { gvkText, idText } from './identity.ts';
import type { GeneratorArgs, ImageTag, Patch, Replacement } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { configureJson6902, configurePatch, configureStrategicMerges, type Run } from './patches.ts';
import { applyReplacement } from './replacements.ts';
import { type Manifest, Resource } from './resource.ts';
import type { Selector } from './resource-list.ts';
import { rename, type SubjectMode, setImage, setKeys, setNamespace, setReplicas } from './transformers.ts';

/** The fields that builtin plugins are configured with, beside apiVersion, kind and metadata. */
interface BuiltinConfig extends Manifest {
  fieldSpecs?: FieldSpec[];
}

/** What plugins share of a build. */
export interface PluginContext {
  loader: Loader;
  helm: HelmOptions;
}

type Configure = (config: BuiltinConfig, context: PluginContext) => Promise<Run> | Run;

const text = (value: unknown) => String(value ?? '');
const strings = (value: unknown) => (value ?? {}) as Record<string, string>;

const generator =
  (kind: 'ConfigMap' | 'Secret'): Configure =>
  (config, { loader }) => {
    const { name, namespace } = config.metadata ?? {};
    return (list) => list.append(generate(kind, loader, { name, namespace, ...(config as GeneratorArgs) }));
  };

const renaming =
  (side: 'prefixes' | 'suffixes', field: string): Configure =>
  ({ fieldSpecs, ...config }) => {
    if (!fieldSpecs) throw new Error('fieldSpecs is not expected to be nil');
    return (list) => rename(list, side, text(config[field]), fieldSpecs);
  };

const SUBJECT_MODES = ['defaultOnly', 'none', 'allServiceAccounts'];

/** Replacements, those of files too. */
export async function configureReplacements(loader: Loader, given: Replacement[]): Promise<Run> {
  const all: Replacement[] = [];
  for (const replacement of given) {
    const { path, source, targets } = replacement;
    if (!path) {
      all.push(replacement);
      continue;
    }
    if (source || targets?.length) throw new Error('cannot specify both path and inline replacement');
    const read = (await parseYaml(loader.read(path))) as unknown;
    all.push(...((Array.isArray(read) ? read : [read]) as Replacement[]));
  }
  return (list) => {
    for (const each of all) applyReplacement(list, each);
  };
}

interface ValueTarget {
  selector?: Selector;
  fieldPath?: string;
  filePathPosition?: number;
}

/** Puts a value into fields: as they are, or as one part of a path. */
const addValue: Configure = async (config, { loader }) => {
  const value = text(config.value).trim() || basename(loader.root);
  const file = config.targetFilePath ? ((await parseYaml(loader.read(text(config.targetFilePath)))) as Manifest) : {};
  const targets = [config, file].flatMap((each) => (each.targets as ValueTarget[] | undefined) ?? []);
  if (targets.length === 0) throw new Error('must specify at least one target');
  for (const { fieldPath, filePathPosition = 0 } of targets) {
    if (!fieldPath) throw new Error('fieldPath cannot be empty');
    if (filePathPosition < 0) throw new Error(`value of FilePathPosition (${filePathPosition}) cannot be negative`);
  }
  return (list) => {
    for (const { selector, fieldPath = '', filePathPosition = 0 } of targets) {
      for (const { object } of selector ? list.select(selector) : list.items) {
        setField(object, fieldPath.split('/'), (old) => {
          if (filePathPosition === 0 || typeof old !== 'string') return value;
          const start = old.startsWith('/') ? '/' : '';
          const parts = old.replace(/^\//, '').split('/');
          return (
            start + [...parts.slice(0, filePathPosition - 1), value, ...parts.slice(filePathPosition - 1)].join('/')
          );
        });
      }
    }
  };
};

function setField(
  node: Record<string, unknown>,
  [name = '', ...rest]: string[],
  change: (old: unknown) => unknown,
): void {
  if (rest.length === 0) node[name] = change(node[name]);
  else {
    node[name] ??= {};
    setField(node[name] as Record<string, unknown>, rest, change);
  }
}

const iamPolicy: Configure =
  ({ cloud, kubernetesService, serviceAccount, projectId }) =>
  (list) => {
    if (cloud !== 'gke') throw new Error(`cloud provider ${text(cloud)} not supported yet`);
    const account = strings(serviceAccount);
    const { name, namespace } = strings(kubernetesService);
    const email = `${text(account.name)}@${text(account.projectId ?? projectId)}.iam.gserviceaccount.com`;
    const metadata = {
      annotations: { 'iam.gke.io/gcp-service-account': email },
      name,
      ...(namespace && { namespace }),
    };
    list.append(new Resource({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }));
  };

const GENERATORS: Record<string, Configure> = {
  ConfigMapGenerator: generator('ConfigMap'),
  HelmChartInflationGenerator: (config, { loader, helm }) => configureHelmChart(loader, helm, config),
  IAMPolicyGenerator: iamPolicy,
  SecretGenerator: generator('Secret'),
};

const TRANSFORMERS: Record<string, Configure> = {
  AnnotationsTransformer:
    ({ annotations, fieldSpecs = [] }) =>
    (list) =>
      setKeys(list, strings(annotations), fieldSpecs),
  HashTransformer: () => addHashes,
  ImageTagTransformer:
    ({ imageTag, fieldSpecs = [] }) =>
    (list) =>
      setImage(list, imageTag as ImageTag, fieldSpecs),
  LabelTransformer:
    ({ labels, fieldSpecs = [] }) =>
    (list) =>
      setKeys(list, strings(labels), fieldSpecs),
  NamespaceTransformer: ({ metadata, fieldSpecs = [], setRoleBindingSubjects: mode, unsetOnly }) => {
    if (mode && !SUBJECT_MODES.includes(text(mode))) {
      const known = SUBJECT_MODES.map((each) => JSON.stringify(each));
      throw new Error(
        `invalid value ${JSON.stringify(mode)} for setRoleBindingSubjects: must be one of ${known.slice(0, 2).join(', ')} or ${known[2]}`,
      );
    }
    const options = { subjects: (mode || 'defaultOnly') as SubjectMode, unsetOnly: unsetOnly === true };
    return (list) => setNamespace(list, text(metadata?.namespace), fieldSpecs, options);
  },
  PatchJson6902Transformer: ({ target, path, jsonOp }, { loader }) =>
    configureJson6902(loader, { target, path, patch: jsonOp } as Patch),
  PatchStrategicMergeTransformer: ({ paths, patches }, { loader }) =>
    configureStrategicMerges(loader, (paths as string[]) ?? [], text(patches)),
  PatchTransformer: (config, { loader }) => configurePatch(loader, config as Patch, emitYaml(config)),
  PrefixSuffixTransformer:
    ({ prefix, suffix, fieldSpecs = [] }) =>
    (list) => {
      if (prefix) rename(list, 'prefixes', text(prefix), fieldSpecs);
      if (suffix) rename(list, 'suffixes', text(suffix), fieldSpecs);
    },
  PrefixTransformer: renaming('prefixes', 'prefix'),
  ReplacementTransformer: ({ replacements }, { loader }) =>
    configureReplacements(loader, (replacements as Replacement[]) ?? []),
  ReplicaCountTransformer:
    ({ replica, fieldSpecs = [] }) =>
    (list) => {
      const { name = '', count = 0 } = (replica ?? {}) as { name?: string; count?: number };
      setReplicas(list, name, count, fieldSpecs);
    },
  SuffixTransformer: renaming('suffixes', 'suffix'),
  ValueAddTransformer: addValue,
};

/** kustomize's own plugins, as `transformers` and `generators` name them. */
const ROLES = { generator: GENERATORS, transformer: TRANSFORMERS };

/** Configures the plugin that `config` is for; only kustomize's own ones can be run, others are programs. */
export async function configureBuiltin(
  role: keyof typeof ROLES,
  config: Manifest,
  context: PluginContext,
): Promise<Run> {
  const { apiVersion, kind = '' } = config;
  if (apiVersion !== 'builtin') {
    throw new Error(`external plugins disabled; unable to load external plugin '${kind}'`);
  }
  const plugin = Object.values(ROLES).find((each) => Object.hasOwn(each, kind))?.[kind];
  if (!plugin) throw new Error(`unable to load builtin ${gvkText({ version: apiVersion, kind })}`);
  const id = idText(new Resource(config).id);
  let run: Run;
  try {
    run = await plugin(config as BuiltinConfig, context);
  } catch (error) {
    throw new Error(`plugin ${id} fails configuration: ${asError(error).message}`);
  }
  if (!Object.hasOwn(ROLES[role], kind)) throw new Error(`plugin ${id} not a ${role}`);
  return run;
}
