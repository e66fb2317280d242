import { emitYaml } from '../../base/yaml/emit.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { configureBuiltin, configureReplacements } from './builtins.ts';
import { configOfCrds } from './crds.ts';
import { checkedConfig, defaultConfig, mergeConfig, type TransformerConfig } from './field-specs.ts';
import { generate } from './generators.ts';
import { configureHelmChart, type HelmOptions } from './helm.ts';
import { type Kustomization, readKustomization, type Variable } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { MalformedYaml, parseManifests } from './manifests.ts';
import { type OwnSchema, readOpenApi } from './openapi.ts';
import { configureJson6902, configurePatch, configureStrategicMerges, type Run } from './patches.ts';
import { type Manifest, Resource } from './resource.ts';
import { ResourceList } from './resource-list.ts';
import { labelSettings, rename, setImage, setKeys, setNamespace, setReplicas } from './transformers.ts';
import { sameResources } from './validate.ts';
import { bindVariables, variableText } from './variables.ts';

/** What a kustomization comes to: its resources, and what those above it need to go on. */
export interface Accumulation {
  list: ResourceList;
  config: TransformerConfig;
  variables: Variable[];
}

/** What the whole build shares. */
export interface Build {
  warn(text: string): void;
  helm: HelmOptions;
  /** Whether it is remembered where things come from, which the kustomization at the start asks for. */
  origins: boolean;
  start: string;
  /** Of `openapi`: the first one that a kustomization names. */
  schema?: OwnSchema;
}

export const ORIGIN = 'config.kubernetes.io/origin';
export const TRANSFORMATIONS = 'alpha.config.kubernetes.io/transformations';

/** Where something was configured: a builtin, or a plugin with a name. */
interface Origin {
  configuredIn: string;
  configuredBy: { apiVersion: string; kind: string; name?: string; namespace?: string };
}

/** An origin as YAML in the order of its Go struct, or an item of a list of them. */
function originText({ configuredIn, configuredBy }: Origin, item = false): string {
  const by = Object.entries(configuredBy).filter(([, value]) => value);
  const lines = [`configuredIn: ${configuredIn}`, 'configuredBy:', ...by.map(([name, value]) => `  ${name}: ${value}`)];
  return lines.map((line, at) => `${item ? (at === 0 ? '- ' : '  ') : ''}${line}\n`).join('');
}

/** A transformation, ready to run. */
interface Step {
  run: Run;
  origin: Origin;
}

const prefixed = (prefix: string, error: unknown) => new Error(`${prefix}: ${asError(error).message}`);

/** One kustomization: reads it, collects what it names and applies what it says. */
export class Target {
  private constructor(
    private readonly loader: Loader,
    private readonly build: Build,
    readonly kustomization: Kustomization,
    private readonly fileName: string,
  ) {}

  static async load(loader: Loader, build: Build): Promise<Target> {
    const { text, name } = loader.kustomization();
    const kustomization = await readKustomization(text, loader.root, (warning) => build.warn(warning));
    const schema = await readOpenApi(loader, kustomization.openapi);
    build.schema ??= schema;
    return new Target(loader, build, kustomization, name);
  }

  /** Its resources, transformed; a component works on those of the kustomization that includes it. */
  async accumulate(into: Accumulation = emptyAccumulation(this.build.schema)): Promise<Accumulation> {
    const { kustomization } = this;
    const own = into;
    try {
      for (const path of kustomization.resources) await this.accumulateResource(own, path);
    } catch (error) {
      throw prefixed('accumulating resources', error);
    }
    own.config = mergeConfig(own.config, await this.configuration());
    own.config = mergeConfig(own.config, await configOfCrds(this.loader, kustomization.crds ?? []));
    await this.generate(own);
    for (const path of kustomization.components ?? []) {
      try {
        await this.accumulateComponent(own, path);
      } catch (error) {
        throw prefixed('accumulating components', error);
      }
    }
    const steps = [
      ...(await this.transformations(own)),
      ...(await this.plugins('transformer', kustomization.transformers)),
    ];
    for (const step of steps) this.run(own, step);
    await this.validate(own);
    this.bind(own);
    return own;
  }

  /** What its transformers change. */
  private async configuration(): Promise<TransformerConfig> {
    let config = defaultConfig();
    for (const path of this.kustomization.configurations ?? []) {
      config = mergeConfig(config, checkedConfig(await parseYaml(this.loader.read(path))));
    }
    return config;
  }

  private run({ list }: Accumulation, { run, origin }: Step): void {
    run(list);
    if (!this.build.origins) return;
    for (const resource of list.items) {
      const annotations = resource.object.metadata?.annotations ?? {};
      if (!annotations[ORIGIN]) resource.setAnnotation(ORIGIN, originText(origin));
      else {
        const before = annotations[TRANSFORMATIONS] ?? '';
        resource.setAnnotation(TRANSFORMATIONS, `${before}${originText(origin, true)}`);
      }
    }
  }

  /** Validators look on: what they change is an error. */
  private async validate(own: Accumulation): Promise<void> {
    for (const { run } of await this.plugins('transformer', this.kustomization.validators)) {
      const before = own.list.items.map(({ object }) => structuredClone(object));
      run(own.list);
      const problem = sameResources(before, own.list.items);
      if (problem) throw new Error(`validator shouldn't modify the resource map: ${problem}`);
    }
  }

  private bind({ list, variables }: Accumulation): void {
    const own = this.kustomization.vars ?? [];
    bindVariables(list, own);
    for (const variable of own) {
      if (variables.some(({ name }) => name === variable.name)) {
        throw new Error(
          `merging vars [${own.map(variableText).join(' ')}]: var '${variable.name}' already encountered`,
        );
      }
      variables.push(variable);
    }
  }

  private async accumulateResource(into: Accumulation, path: string): Promise<void> {
    let failure: Error;
    try {
      return await this.accumulateFile(into, path);
    } catch (error) {
      failure = asError(error);
    }
    const both = (error: unknown) => new Error(`accumulation err='${failure.message}': ${asError(error).message}`);
    let folder: Loader;
    try {
      folder = this.loader.enter(path);
    } catch (error) {
      throw failure instanceof MalformedYaml ? failure : both(error);
    }
    try {
      const inner = await this.enter(folder, false);
      try {
        into.list.appendAll(inner.list.items);
      } catch (error) {
        throw prefixed(`recursed merging from path '${folder.root}'`, error);
      }
      into.config = mergeConfig(into.config, inner.config);
      into.variables.push(...inner.variables);
    } catch (error) {
      throw both(error);
    }
  }

  private async accumulateFile({ list }: Accumulation, path: string): Promise<void> {
    const from = `accumulating resources from '${path}'`;
    let resources: Resource[];
    try {
      resources = (await parseManifests(this.loader.read(path), path)).map((object) => new Resource(object));
    } catch (error) {
      const message = `${from}: ${asError(error).message}`;
      throw error instanceof MalformedYaml ? new MalformedYaml(message) : new Error(message);
    }
    if (this.build.origins) {
      const origin = emitYaml({ path: this.loader.relativeTo(this.build.start, path) });
      for (const resource of resources) resource.setAnnotation(ORIGIN, origin);
    }
    try {
      list.appendAll(resources);
    } catch (error) {
      throw prefixed(`merging resources from '${path}'`, error);
    }
  }

  private async accumulateComponent(into: Accumulation, path: string): Promise<void> {
    let folder: Loader;
    try {
      folder = this.loader.enter(path);
    } catch (error) {
      throw new Error(`loader.New ${JSON.stringify(asError(error).message)}`);
    }
    try {
      await this.enter(folder, true, into);
    } catch (error) {
      throw new Error(`accumulateDirectory: ${JSON.stringify(asError(error).message)}`);
    }
  }

  private async enter(folder: Loader, asComponent: boolean, into?: Accumulation): Promise<Accumulation> {
    let target: Target;
    try {
      target = await Target.load(folder, this.build);
    } catch (error) {
      throw prefixed(`couldn't make target for path '${folder.root}'`, error);
    }
    const { kind } = target.kustomization;
    if (asComponent && kind !== 'Component') {
      throw new Error(`expected kind 'Component' for path '${folder.root}' but got '${kind}'`);
    }
    if (!asComponent && kind === 'Component') throw new Error(`expected kind != 'Component' for path '${folder.root}'`);
    try {
      return await target.accumulate(into);
    } catch (error) {
      throw prefixed(`recursed accumulation of path '${folder.root}'`, error);
    }
  }

  private async generate({ list }: Accumulation): Promise<void> {
    const { configMapGenerator = [], secretGenerator = [], generatorOptions, helmCharts = [] } = this.kustomization;
    const { loader, build, kustomization } = this;
    const steps: Step[] = [
      ...this.configured('ConfigMapGenerator', configMapGenerator, (args) => (into) => {
        into.append(generate('ConfigMap', loader, args, generatorOptions));
      }),
      ...this.configured('SecretGenerator', secretGenerator, (args) => (into) => {
        into.append(generate('Secret', loader, args, generatorOptions));
      }),
    ];
    for (const chart of helmCharts) {
      const config = { ...kustomization.helmGlobals, ...chart };
      const run = await configuring('HelmChartInflationGenerator', config, () =>
        configureHelmChart(loader, build.helm, config),
      );
      steps.push({ run, origin: this.builtinOrigin('HelmChartInflationGenerator') });
    }
    try {
      steps.push(...(await this.plugins('generator', kustomization.generators)));
    } catch (error) {
      throw prefixed('loading generator plugins', error);
    }
    for (const { run, origin } of steps) {
      const made = new ResourceList();
      run(made);
      for (const resource of made.items) {
        if (build.origins) resource.setAnnotation(ORIGIN, originText(origin));
        try {
          list.absorb(resource);
        } catch (error) {
          throw prefixed('merging from generator &{0xc000b80a90 <nil>}', error);
        }
      }
    }
  }

  private configured<Args>(kind: string, all: Args[], run: (args: Args) => Run): Step[] {
    return all.map((args) => ({ run: run(args), origin: this.builtinOrigin(kind) }));
  }

  private builtinOrigin(kind: string): Origin {
    const configuredIn = this.loader.relativeTo(this.build.start, this.fileName);
    return { configuredIn, configuredBy: { apiVersion: 'builtin', kind } };
  }

  /** Plugins stand in the field itself, or in files and folders that it names. */
  private async plugins(role: 'generator' | 'transformer', sources: string[] = []): Promise<Step[]> {
    const configs = emptyAccumulation();
    const paths: string[] = [];
    const own = emitYaml({ path: this.loader.relativeTo(this.build.start, this.fileName) });
    for (const source of sources) {
      const inline = await parseManifests(source).catch(() => undefined);
      if (!inline) {
        paths.push(source);
        continue;
      }
      const found = inline.map((object) => new Resource(object));
      if (this.build.origins) for (const each of found) each.setAnnotation(ORIGIN, own);
      configs.list.appendAll(found);
    }
    for (const path of paths) await this.accumulateResource(configs, path);
    const steps: Step[] = [];
    for (const { object } of configs.list.items) steps.push(await this.plugin(role, object));
    return steps;
  }

  private async plugin(role: 'generator' | 'transformer', object: Manifest): Promise<Step> {
    const { [ORIGIN]: where, ...annotations } = object.metadata?.annotations ?? {};
    const metadata = { ...object.metadata, ...(where && { annotations }) };
    const { apiVersion = '', kind = '' } = object;
    const { name, namespace } = metadata;
    const configuredIn = where?.replace(/^path: (.*)\n$/, '$1') ?? '';
    const context = { loader: this.loader, helm: this.build.helm };
    try {
      const run = await configureBuiltin(role, { ...object, metadata }, context);
      return { run, origin: { configuredIn, configuredBy: { apiVersion, kind, name, namespace } } };
    } catch (error) {
      throw role === 'generator' ? prefixed('failed to load generator', error) : error;
    }
  }

  /** In the order of kustomize's own transformers. */
  private async transformations({ config }: Accumulation): Promise<Step[]> {
    const { loader, kustomization } = this;
    const { patchesStrategicMerge: paths = [], namespace, namePrefix, nameSuffix, commonAnnotations } = kustomization;
    const steps: Step[] = [];
    const add = (kind: string, run: Run) => void steps.push({ run, origin: this.builtinOrigin(kind) });
    const kinds = {
      merges: 'PatchStrategicMergeTransformer',
      patch: 'PatchTransformer',
      json: 'PatchJson6902Transformer',
      replacement: 'ReplacementTransformer',
    };
    if (paths.length > 0) {
      add(kinds.merges, await configuring(kinds.merges, { paths }, () => configureStrategicMerges(loader, paths)));
    }
    for (const patch of kustomization.patches ?? []) {
      const shown = present({ path: patch.path, patch: patch.patch, target: patch.target, options: patch.options });
      add(kinds.patch, await configuring(kinds.patch, shown, () => configurePatch(loader, patch, yamlOf(shown))));
    }
    if (namespace) add('NamespaceTransformer', (list) => setNamespace(list, namespace, config.namespace));
    if (namePrefix) add('PrefixTransformer', (list) => rename(list, 'prefixes', namePrefix, config.namePrefix));
    if (nameSuffix) add('SuffixTransformer', (list) => rename(list, 'suffixes', nameSuffix, config.nameSuffix));
    for (const { keys, specs } of labelSettings(kustomization, config)) {
      add('LabelTransformer', (list) => setKeys(list, keys, specs));
    }
    if (commonAnnotations && Object.keys(commonAnnotations).length > 0) {
      add('AnnotationsTransformer', (list) => setKeys(list, commonAnnotations, config.commonAnnotations));
    }
    for (const patch of kustomization.patchesJson6902 ?? []) {
      const shown = present({ target: patch.target, path: patch.path, jsonOp: patch.patch });
      add(kinds.json, await configuring(kinds.json, shown, () => configureJson6902(loader, patch)));
    }
    for (const { name = '', count } of kustomization.replicas ?? []) {
      add('ReplicaCountTransformer', (list) => setReplicas(list, name, count, config.replicas));
    }
    for (const image of kustomization.images) {
      add('ImageTagTransformer', (list) => setImage(list, image, config.images));
    }
    const { replacements = [] } = kustomization;
    if (replacements.length > 0) {
      const shown = { Replacements: replacements };
      add(
        kinds.replacement,
        await configuring(kinds.replacement, shown, () => configureReplacements(loader, replacements)),
      );
    }
    return steps;
  }
}

/** The fields that say something. */
const present = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== ''));

const yamlOf = (config: Record<string, unknown>): string => emitYaml(config);

async function configuring(
  kind: string,
  config: Record<string, unknown>,
  configure: () => Promise<Run> | Run,
): Promise<Run> {
  try {
    return await configure();
  } catch (error) {
    throw prefixed(`trouble configuring builtin ${kind} with config: \`\n${yamlOf(config)}\``, error);
  }
}

const emptyAccumulation = (schema?: OwnSchema): Accumulation => ({
  list: new ResourceList([], schema),
  config: defaultConfig(),
  variables: [],
});
