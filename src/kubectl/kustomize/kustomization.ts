import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { decodeStruct, type StructTable } from './decode.ts';
import type { FieldSpec } from './field-specs.ts';
import type { Selector } from './resource-list.ts';

export interface GeneratorOptions {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  disableNameSuffixHash?: boolean;
  immutable?: boolean;
}

export interface GeneratorArgs {
  name?: string;
  namespace?: string;
  behavior?: string;
  literals?: string[];
  files?: string[];
  envs?: string[];
  env?: string;
  options?: GeneratorOptions;
  /** Of secrets. */
  type?: string;
}

export interface Patch {
  path?: string;
  patch?: string;
  target?: Selector;
  options?: { allowNameChange?: boolean; allowKindChange?: boolean };
}

export interface ImageTag {
  name?: string;
  newName?: string;
  tagSuffix?: string;
  newTag?: string;
  digest?: string;
}

export interface FieldOptions {
  delimiter?: string;
  index?: number;
  create?: boolean;
}

export interface Replacement {
  source?: Selector & { fieldPath?: string; options?: FieldOptions };
  targets?: { select?: Selector; reject?: Selector[]; fieldPaths?: string[]; options?: FieldOptions }[];
  path?: string;
}

export interface Variable {
  name: string;
  objref: Selector & { apiVersion?: string };
  fieldref?: { fieldpath?: string; fieldPath?: string };
}

export interface SortOptions {
  order?: string;
  legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] };
}

/** A kustomization.yaml as it stands, deprecated fields moved to those that took their place. */
export interface Kustomization {
  apiVersion: string;
  kind: string;
  namePrefix?: string;
  nameSuffix?: string;
  namespace?: string;
  commonLabels?: Record<string, string>;
  commonAnnotations?: Record<string, string>;
  labels?: {
    pairs?: Record<string, string>;
    includeSelectors?: boolean;
    includeTemplates?: boolean;
    fields?: FieldSpec[];
  }[];
  patchesStrategicMerge?: string[];
  patchesJson6902?: Patch[];
  patches?: Patch[];
  images: ImageTag[];
  replacements?: Replacement[];
  replicas?: { name?: string; count: number }[];
  vars?: Variable[];
  sortOptions?: SortOptions;
  resources: string[];
  components?: string[];
  configMapGenerator?: GeneratorArgs[];
  secretGenerator?: GeneratorArgs[];
  helmCharts?: Record<string, unknown>[];
  helmGlobals?: Record<string, unknown>;
  generatorOptions?: GeneratorOptions;
  configurations?: string[];
  generators?: string[];
  transformers?: string[];
  validators?: string[];
  buildMetadata?: string[];
  openapi?: Record<string, string>;
  crds?: string[];
}

/** The same fields, as those of a struct that is embedded. */
const embedded = (name: string, fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([field, type]) => [field, type.includes('|') ? `${name}.${type}` : `${name}|${type}`]),
  );

const GVK = embedded('Gvk', { group: 'string', version: 'string', kind: 'string' });
const SELECTOR = embedded('ResId', { ...GVK, name: 'string', namespace: 'string' });
const STRINGS = 'map[string]string';
const GENERATOR = embedded('GeneratorArgs', {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  options: 'types.GeneratorOptions',
  ...embedded('KvPairSources', { literals: '[]string', files: '[]string', envs: '[]string', env: 'string' }),
});

/** The fields of kustomize's types, with their Go types. */
const STRUCTS: StructTable = {
  'types.Kustomization': {
    ...embedded('TypeMeta', { apiVersion: 'string', kind: 'string' }),
    metadata: 'types.ObjectMeta',
    openapi: STRINGS,
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: STRINGS,
    labels: '[]types.Label',
    commonAnnotations: STRINGS,
    patchesStrategicMerge: '[]types.PatchStrategicMerge',
    patchesJson6902: '[]types.Patch',
    patches: '[]types.Patch',
    images: '[]types.Image',
    imageTags: '[]types.Image',
    replacements: '[]types.ReplacementField',
    replicas: '[]types.Replica',
    vars: '[]types.Var',
    sortOptions: 'types.SortOptions',
    resources: '[]string',
    components: '[]string',
    crds: '[]string',
    bases: '[]string',
    configMapGenerator: '[]types.ConfigMapArgs',
    secretGenerator: '[]types.SecretArgs',
    helmGlobals: 'types.HelmGlobals',
    helmCharts: '[]types.HelmChart',
    helmChartInflationGenerator: '[]types.HelmChartArgs',
    generatorOptions: 'types.GeneratorOptions',
    configurations: '[]string',
    generators: '[]string',
    transformers: '[]string',
    validators: '[]string',
    buildMetadata: '[]string',
  },
  'types.ObjectMeta': { name: 'string', namespace: 'string', labels: STRINGS, annotations: STRINGS },
  'types.Label': {
    pairs: STRINGS,
    includeSelectors: 'bool',
    includeTemplates: 'bool',
    fields: '[]types.FieldSpec',
  },
  'types.FieldSpec': { ...GVK, path: 'string', create: 'bool' },
  'types.Patch': { path: 'string', patch: 'string', target: 'types.Selector', options: 'map[string]bool' },
  'types.Selector': { ...SELECTOR, annotationSelector: 'string', labelSelector: 'string' },
  'types.Image': { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' },
  'types.ReplacementField': {
    ...embedded('Replacement', { source: 'types.SourceSelector', targets: '[]types.TargetSelector' }),
    path: 'string',
  },
  'types.SourceSelector': { ...SELECTOR, fieldPath: 'string', options: 'types.FieldOptions' },
  'types.TargetSelector': {
    select: 'types.Selector',
    reject: '[]types.Selector',
    fieldPaths: '[]string',
    options: 'types.FieldOptions',
  },
  'types.FieldOptions': { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' },
  'types.Replica': { name: 'string', count: 'int64' },
  'types.Var': { name: 'string', objref: 'types.Target', fieldref: 'types.FieldSelector' },
  'types.Target': { ...GVK, name: 'string', namespace: 'string', apiVersion: 'string' },
  'types.FieldSelector': { fieldPath: 'string' },
  'types.SortOptions': { order: 'types.SortOrder', legacySortOptions: 'types.LegacySortOptions' },
  'types.LegacySortOptions': { orderFirst: '[]string', orderLast: '[]string' },
  'types.ConfigMapArgs': GENERATOR,
  'types.SecretArgs': { ...GENERATOR, type: 'string' },
  'types.GeneratorOptions': {
    labels: STRINGS,
    annotations: STRINGS,
    disableNameSuffixHash: 'bool',
    immutable: 'bool',
  },
  'types.HelmGlobals': { chartHome: 'string', configHome: 'string' },
  'types.HelmChart': {
    name: 'string',
    version: 'string',
    repo: 'string',
    releaseName: 'string',
    namespace: 'string',
    additionalValuesFiles: '[]string',
    valuesFile: 'string',
    valuesInline: 'map[string]interface {}',
    valuesMerge: 'string',
    includeCRDs: 'bool',
    skipHooks: 'bool',
    apiVersions: '[]string',
    kubeVersion: 'string',
    nameTemplate: 'string',
    skipTests: 'bool',
    debug: 'bool',
  },
  'types.HelmChartArgs': {
    chartName: 'string',
    chartVersion: 'string',
    chartRepoUrl: 'string',
    chartHome: 'string',
    chartRepoName: 'string',
    helmBin: 'string',
    helmHome: 'string',
    values: 'string',
    valuesLocal: 'map[string]interface {}',
    valuesMerge: 'string',
    releaseName: 'string',
    releaseNamespace: 'string',
    extraArgs: '[]string',
  },
};

const FIX = "Run 'kustomize edit fix' to update your Kustomization automatically.";
const DEPRECATED: [field: string, instead: string, fix: string][] = [
  ['bases', 'resources', FIX],
  ['commonLabels', 'labels', FIX],
  ['imageTags', 'images', FIX],
  ['patchesJson6902', 'patches', FIX],
  ['patchesStrategicMerge', 'patches', FIX],
  ['vars', 'replacements', `[EXPERIMENTAL] ${FIX}`],
];

const GROUP = 'kustomize.config.k8s.io';

const withEnvs = ({ env, ...args }: GeneratorArgs): GeneratorArgs =>
  env ? { ...args, envs: [...(args.envs ?? []), env] } : args;

/** What the fields of `helmChartInflationGenerator` are called in `helmCharts`. */
const CHART_FIELDS: Record<string, string> = {
  chartName: 'name',
  chartVersion: 'version',
  chartRepoUrl: 'repo',
  values: 'valuesFile',
  valuesLocal: 'valuesInline',
  valuesMerge: 'valuesMerge',
  releaseName: 'releaseName',
  releaseNamespace: 'namespace',
};

const chartOf = (args: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(args).flatMap(([field, value]) => (CHART_FIELDS[field] ? [[CHART_FIELDS[field], value]] : [])),
  );

/** Reads a kustomization; `folder` is for errors, deprecated fields are told to `warn`. */
export async function readKustomization(
  text: string,
  folder: string,
  warn: (text: string) => void,
): Promise<Kustomization> {
  let raw: Record<string, unknown>;
  try {
    raw = decodeStruct(STRUCTS, 'types.Kustomization', (await parseYaml(text)) ?? {});
  } catch (error) {
    const reason = asError(error).message.replace('error converting YAML to JSON: ', '');
    throw new Error(`invalid Kustomization: ${reason}`);
  }
  for (const [field, instead, fix] of DEPRECATED) {
    if (raw[field] !== undefined) warn(`# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${fix}`);
  }
  const { bases, imageTags, helmChartInflationGenerator, ...fields } = raw as Record<string, unknown[]>;
  const isComponent = raw.kind === 'Component';
  const kustomization = {
    kind: 'Kustomization',
    apiVersion: `${GROUP}/${isComponent ? 'v1alpha1' : 'v1beta1'}`,
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    resources: [...((raw.resources as string[]) ?? []), ...(bases ?? [])],
    images: [...((raw.images as ImageTag[]) ?? []), ...(imageTags ?? [])],
    helmCharts: [
      ...((raw.helmCharts as Record<string, unknown>[]) ?? []),
      ...((helmChartInflationGenerator as Record<string, unknown>[] | undefined) ?? []).map(chartOf),
    ],
  } as unknown as Kustomization;
  kustomization.configMapGenerator = kustomization.configMapGenerator?.map(withEnvs);
  kustomization.secretGenerator = kustomization.secretGenerator?.map(withEnvs);
  const meaningful = Object.entries(raw).filter(([name, value]) => !/^(kind|apiVersion)$/.test(name) && value !== null);
  if (meaningful.length === 0) throw new Error('kustomization.yaml is empty');
  enforce(kustomization, folder);
  return kustomization;
}

function enforce({ kind, apiVersion }: Kustomization, folder: string): void {
  const errors: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') errors.push('kind should be Kustomization or Component');
  const required = `${GROUP}/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`;
  if (apiVersion !== required) errors.push(`apiVersion for ${kind} should be ${required}`);
  if (errors.length > 0) {
    throw new Error(`Failed to read kustomization file under ${folder}:\n${errors.join('\n')}`);
  }
}
