import { readJsonAsset } from '../../base/assets.ts';

/** An entry of an APIResourceList, as discovery answers it. */
export interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  storageVersionHash?: string;
}

export interface ApiGroup {
  name: string;
  /** The preferred one first. */
  versions: string[];
}

/** A resource in one of its versions, with its subresources. */
export interface Resource {
  group: string;
  version: string;
  /** `deployments` */
  plural: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  verbs: string[];
  shortNames: string[];
  categories: string[];
  subresources: Map<string, ApiResource>;
  /** `deployments.apps`: the name that the store and the strategies know it by. */
  name: string;
  /** Set for custom resources: what their definition says. */
  custom?: CustomResource;
}

/** What a CustomResourceDefinition adds to a resource. */
export interface CustomResource {
  schema?: Record<string, unknown>;
  columns: { name: string; type: string; format?: string; description?: string; priority?: number; jsonPath: string }[];
  listKind: string;
  selectableFields: string[];
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  /** The definition is going: nothing new is created. */
  terminating?: boolean;
  /** The webhook that turns objects of one version into others, and the version that is stored. */
  conversion?: { storage: string; clientConfig?: object };
  /** Told to everybody who uses a deprecated version. */
  warning?: string;
}

export interface RegistryData {
  groups: ApiGroup[];
  /** By group and version: `v1`, `apps/v1`. */
  resources: Record<string, ApiResource[]>;
  /** What custom resources have besides, by `group/version/plural`. */
  custom?: Record<string, CustomResource>;
}

/** `v1`, `apps/v1` */
export const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

/** `pods`, `deployments.apps` */
export const resourceName = (plural: string, group: string): string => (group === '' ? plural : `${plural}.${group}`);

/** Every resource that the API server serves, by group, version and plural name. */
export class Registry {
  private readonly byPath = new Map<string, Map<string, Resource>>();
  private readonly named = new Map<string, Resource | undefined>();

  constructor(private current: RegistryData) {}

  get data(): RegistryData {
    return this.current;
  }

  /** Serves other resources from now on: custom ones come and go. */
  replace(data: RegistryData): void {
    this.current = data;
    this.byPath.clear();
    this.named.clear();
  }

  /** The resources of a group's version; undefined when it does not exist. */
  resources(group: string, version: string): Map<string, Resource> | undefined {
    const key = groupVersion(group, version);
    const made = this.byPath.get(key);
    if (made) return made;
    const rows = this.data.resources[key];
    if (!rows) return undefined;
    const resources = new Map<string, Resource>();
    for (const row of rows) {
      const [plural = '', subresource] = row.name.split('/');
      if (subresource) resources.get(plural)?.subresources.set(subresource, row);
      if (subresource && resources.has(plural)) continue;
      resources.set(plural, {
        group,
        version,
        plural,
        singular: row.singularName,
        kind: row.kind,
        namespaced: row.namespaced,
        verbs: subresource ? [] : row.verbs,
        shortNames: row.shortNames ?? [],
        categories: row.categories ?? [],
        subresources: new Map(subresource ? [[subresource, row]] : []),
        name: resourceName(plural, group),
        ...(this.data.custom?.[`${key}/${plural}`] && { custom: this.data.custom[`${key}/${plural}`] }),
      });
    }
    this.byPath.set(key, resources);
    return resources;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.resources(group, version)?.get(plural);
  }

  /** By the name that the store uses (`deployments.apps`), in the group's preferred version. */
  byName(name: string): Resource | undefined {
    if (!this.named.has(name)) this.named.set(name, this.search(name));
    return this.named.get(name);
  }

  private search(name: string): Resource | undefined {
    const dot = name.indexOf('.');
    const [plural, group] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
    for (const version of this.group(group)?.versions ?? []) {
      const resource = this.find(group, version, plural);
      if (resource) return resource;
    }
    return undefined;
  }

  byKind(group: string, version: string, kind: string): Resource | undefined {
    for (const resource of this.resources(group, version)?.values() ?? []) {
      if (resource.kind === kind && resource.verbs.length > 0) return resource;
    }
    return undefined;
  }

  /** Whether a group is there without anybody's definitions. */
  isBuiltIn(group: string): boolean {
    const versions = this.group(group)?.versions ?? [];
    return versions.some((version) =>
      [...(this.resources(group, version)?.values() ?? [])].some(({ custom }) => !custom),
    );
  }

  group(name: string): ApiGroup | undefined {
    return this.data.groups.find((group) => group.name === name);
  }
}

/** The resources that every cluster of this version serves. */
export const readRegistry = (): RegistryData => readJsonAsset<RegistryData>('fixtures/schema/registry.json');
