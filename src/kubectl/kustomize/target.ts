import { dirname, join } from 'node:path';
import { emitYaml } from '../../base/yaml/emit.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { runBuiltin } from './builtins.ts';
import { defaultConfig, mergeConfig, type TransformerConfig } from './field-specs.ts';
import { generate } from './generators.ts';
import { type Kustomization, readKustomization, type Variable } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { MalformedYaml, parseManifests } from './manifests.ts';
import { applyJson6902, applyPatch, applyStrategicMerges } from './patches.ts';
import { applyReplacement } from './replacements.ts';
import { Resource } from './resource.ts';
import { ResourceList } from './resource-list.ts';
import { rename, setImage, setKeys, setLabels, setNamespace, setReplicas } from './transformers.ts';
import { bindVariables } from './variables.ts';

/** What a kustomization comes to: its resources, and what those above it need to go on. */
export interface Accumulation {
  list: ResourceList;
  config: TransformerConfig;
  variables: Variable[];
}

/** What the whole build shares. */
export interface Build {
  warn(text: string): void;
  /** Annotations about where things come from, which the kustomization at the start asks for. */
  origins: boolean;
  start: string;
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
    return new Target(
      loader,
      build,
      await readKustomization(text, loader.root, (warning) => build.warn(warning)),
      name,
    );
  }

  /** Its resources, transformed; a component works on those of the kustomization that includes it. */
  async accumulate(into: Accumulation = emptyAccumulation()): Promise<Accumulation> {
    const { kustomization } = this;
    const own = into;
    try {
      for (const path of kustomization.resources) await this.accumulateResource(own, path);
    } catch (error) {
      throw prefixed('accumulating resources', error);
    }
    own.config = mergeConfig(own.config, defaultConfig());
    for (const path of kustomization.configurations ?? []) {
      const extra = (await parseYaml(this.loader.read(path))) as Partial<TransformerConfig> | null;
      own.config = mergeConfig(own.config, extra ?? {});
    }
    this.generate(own);
    await this.runPlugins(own, kustomization.generators);
    for (const path of kustomization.components ?? []) {
      try {
        await this.accumulateComponent(own, path);
      } catch (error) {
        throw prefixed('accumulating components', error);
      }
    }
    await this.transform(own);
    await this.runPlugins(own, kustomization.transformers);
    await this.runPlugins(own, kustomization.validators);
    bindVariables(own.list, kustomization.vars ?? []);
    for (const variable of kustomization.vars ?? []) {
      if (own.variables.some(({ name }) => name === variable.name)) {
        throw new Error(`merging vars: var '${variable.name}' already encountered`);
      }
      own.variables.push(variable);
    }
    return own;
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
      for (const resource of resources) resource.setAnnotation('config.kubernetes.io/origin', origin);
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

  private generate({ list }: Accumulation): void {
    const { configMapGenerator = [], secretGenerator = [], generatorOptions, helmCharts = [] } = this.kustomization;
    if (helmCharts.length > 0) {
      const chart = emitYaml({ ...this.kustomization.helmGlobals, ...helmCharts[0] });
      throw new Error(
        `trouble configuring builtin HelmChartInflationGenerator with config: \`\n${chart}\`: must specify --enable-helm`,
      );
    }
    for (const [kind, all] of [
      ['ConfigMap', configMapGenerator],
      ['Secret', secretGenerator],
    ] as const) {
      for (const args of all) {
        const resource = generate(kind, this.loader, args, generatorOptions);
        if (this.build.origins) resource.setAnnotation('config.kubernetes.io/origin', this.generatorOrigin(kind));
        try {
          list.absorb(resource);
        } catch (error) {
          throw prefixed('merging from generator &{0xc000b80a90 <nil>}', error);
        }
      }
    }
  }

  private generatorOrigin(kind: string): string {
    const file = this.loader.relativeTo(this.build.start, this.fileName);
    return `configuredIn: ${join(dirname(file), this.fileName)}\nconfiguredBy:\n  apiVersion: builtin\n  kind: ${kind}Generator\n`;
  }

  /** Plugins stand in the field itself, or in files and folders that it names. */
  private async runPlugins({ list }: Accumulation, sources: string[] = []): Promise<void> {
    for (const source of sources) {
      const configs = emptyAccumulation();
      const inline = await parseManifests(source).catch(() => undefined);
      if (inline) configs.list.appendAll(inline.map((object) => new Resource(object)));
      else await this.accumulateResource(configs, source);
      for (const { object } of configs.list.items) await runBuiltin(list, this.loader, object);
    }
  }

  /** In the order of kustomize's own transformers. */
  private async transform({ list, config }: Accumulation): Promise<void> {
    const { loader, kustomization } = this;
    if (kustomization.patchesStrategicMerge)
      await applyStrategicMerges(list, loader, kustomization.patchesStrategicMerge);
    for (const patch of kustomization.patches ?? []) await applyPatch(list, loader, patch);
    if (kustomization.namespace) setNamespace(list, kustomization.namespace, config.namespace);
    if (kustomization.namePrefix) rename(list, 'prefixes', kustomization.namePrefix, config.namePrefix);
    if (kustomization.nameSuffix) rename(list, 'suffixes', kustomization.nameSuffix, config.nameSuffix);
    setLabels(list, kustomization, config);
    if (kustomization.commonAnnotations) setKeys(list, kustomization.commonAnnotations, config.commonAnnotations);
    for (const patch of kustomization.patchesJson6902 ?? []) await applyJson6902(list, loader, patch);
    for (const { name = '', count } of kustomization.replicas ?? []) setReplicas(list, name, count, config.replicas);
    for (const image of kustomization.images) setImage(list, image, config.images);
    for (const replacement of kustomization.replacements ?? []) {
      const { path } = replacement;
      const read = path ? ((await parseYaml(loader.read(path))) as unknown) : replacement;
      for (const each of Array.isArray(read) ? read : [read]) applyReplacement(list, each);
    }
  }
}

const emptyAccumulation = (): Accumulation => ({ list: new ResourceList(), config: defaultConfig(), variables: [] });
