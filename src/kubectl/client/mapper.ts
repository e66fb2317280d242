import { isPathSegmentName } from '../../base/names.ts';
import { CommandError, ExitError } from '../errors.ts';
import type { Klog } from '../log/klog.ts';
import { TransportError } from '../transport.ts';
import type { ApiObject, RestClient } from './rest.ts';

/** A resource as discovery describes it (meta.RESTMapping and APIResource in one). */
export interface ResourceType {
  group: string;
  version: string;
  /** Plural name: `pods`. */
  resource: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: string[];
  categories: string[];
  verbs: string[];
  subresources: { name: string; verbs: string[]; kind: string }[];
}

export interface GroupVersion {
  group: string;
  version: string;
}

interface DiscoveredResource {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope: string;
  singularResource?: string;
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
  subresources?: { subresource: string; verbs?: string[]; responseKind?: { kind?: string } }[];
}

interface GroupDiscovery {
  metadata?: { name?: string };
  versions: { version: string; resources?: DiscoveredResource[]; freshness?: string }[];
}

const ACCEPT_AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

export const groupVersionText = ({ group, version }: GroupVersion): string => (group ? `${group}/${version}` : version);

export function parseGroupVersion(text: string): GroupVersion {
  const at = text.indexOf('/');
  return at < 0 ? { group: '', version: text } : { group: text.slice(0, at), version: text.slice(at + 1) };
}

/** `pods`, `deployments.apps`: how kubectl prints a type. */
export const groupResourceText = ({ resource, group }: { resource: string; group: string }): string =>
  group ? `${resource}.${group}` : resource;

/** Throws for what no part of a path can be (path.IsValidPathSegmentName). */
function checkSegment(what: string, text: string): void {
  const problems = isPathSegmentName(text);
  if (problems.length > 0) throw new CommandError(`invalid ${what} ${JSON.stringify(text)}: [${problems.join(' ')}]`);
}

/** The collection or object path of a type; throws for names that no path can have. */
export function resourcePath(type: ResourceType, namespace: string, name = '', subresource = ''): string {
  if (type.namespaced) checkSegment('namespace', namespace);
  checkSegment('resource name', name);
  const prefix = type.group ? `/apis/${type.group}/${type.version}` : `/api/${type.version}`;
  const scope = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name ? `/${encodeURIComponent(name)}` : '';
  return `${prefix}${scope}/${type.resource}${object}${subresource ? `/${subresource}` : ''}`;
}

/** `TYPE[.VERSION][.GROUP]`: the readings of a resource argument, most specific first (schema.ParseResourceArg). */
function readings(argument: string): { name: string; group?: string; version?: string }[] {
  const [name = '', ...rest] = argument.split('.');
  if (rest.length === 0) return [{ name }];
  const group = { name, group: rest.join('.') };
  if (rest.length === 1) return [group];
  return [{ name, version: rest[0]!, group: rest.slice(1).join('.') }, group];
}

/** What the server's discovery knows, in its order of preference, core group first: as it was kept, until something is missed. */
export class RESTMapper {
  private groups: Promise<GroupDiscovery[]> | undefined;
  private types: Promise<ResourceType[]> | undefined;
  /** Whether the server was asked, and what is kept is not to be believed. */
  private fresh = false;
  /** Whether the groups were known before the server was asked. */
  known = false;
  /** Whether it is a file's object whose type is asked for. */
  file = false;

  constructor(
    private readonly client: () => Promise<RestClient>,
    private readonly warn: (text: string) => void,
    private readonly log: Klog,
    readonly commandPath: string,
  ) {}

  /** Forgets what was kept: the server is asked again. */
  invalidate(): void {
    this.fresh = true;
    this.groups = undefined;
    this.types = undefined;
  }

  /** Every resource of every group and version. */
  all(): Promise<ResourceType[]> {
    this.types ??= this.discover().then(
      (groups) => groups.flatMap(typesOfGroup),
      (error: unknown) => {
        this.groups = undefined;
        this.types = undefined;
        throw error;
      },
    );
    return this.types;
  }

  /** Group versions in discovery's order, as the server has them now. */
  async groupVersions(): Promise<GroupVersion[]> {
    this.invalidate();
    return (await this.discover()).flatMap(({ metadata, versions }) =>
      versions.map(({ version }) => ({ group: metadata?.name ?? '', version })),
    );
  }

  /** The type with a resource name (never a kind); throws when the server has none. */
  async resourceFor(argument: string): Promise<ResourceType> {
    await this.tryVersion(argument);
    const found = await this.lookUp((types) => this.findResource(types, argument));
    if (found) return found;
    const [resource = '', ...group] = argument.split('.');
    const where = group.length > 0 ? ` in group ${JSON.stringify(group.join('.'))}` : '';
    // The one failure of kubectl that has no "error: " before it.
    throw new ExitError(1, `the server doesn't have a resource type ${JSON.stringify(resource)}${where}`);
  }

  /** The type that a resource argument means; throws as kubectl does when the server has none. */
  async typeFor(argument: string): Promise<ResourceType> {
    const [kind = '', ...rest] = argument.split('.');
    await this.tryVersion(argument);
    const isNamed = (type: ResourceType) => type.kind === kind && (rest.length === 0 || type.group === rest.join('.'));
    const found = await this.lookUp((types) => this.findResource(types, argument) ?? types.find(isNamed));
    if (found) return found;
    throw new CommandError(`the server doesn't have a resource type ${JSON.stringify(argument.split('.')[0])}`);
  }

  /** The same for verbs that ask the mapper themselves: a type that nobody knows is told without "error: ". */
  async knownType(argument: string): Promise<ResourceType> {
    try {
      return await this.typeFor(argument);
    } catch (error) {
      throw error instanceof CommandError ? new ExitError(1, error.message) : error;
    }
  }

  /** The type of an object, by its apiVersion and kind; undefined when the server has none. */
  async typeOfKind(apiVersion: string, kind: string): Promise<ResourceType | undefined> {
    const { group, version } = parseGroupVersion(apiVersion);
    const matches = (type: ResourceType) => type.group === group && type.version === version && type.kind === kind;
    this.file = true;
    return await this.lookUp((types) => types.find(matches));
  }

  /** The type that a resource name means in a group, any without one; undefined when the server has none. */
  async typeOfGroupResource(resource: string, group: string): Promise<ResourceType | undefined> {
    return await this.lookUp((types) => this.find(types, resource, group || undefined));
  }

  /** The type of a kind in the version that the server prefers; undefined when it has none. */
  async typeOfGroupKind(group: string, kind: string): Promise<ResourceType | undefined> {
    return await this.lookUp((types) => types.find((type) => type.group === group && type.kind === kind));
  }

  /** What `find` finds among all types; the server is asked again before it is said to have none. */
  async lookUp<T>(find: (types: ResourceType[]) => T | undefined): Promise<T | undefined> {
    const found = find(await this.all());
    if (found !== undefined || this.fresh) return found;
    this.reset();
    return find(await this.all());
  }

  /** The resources of a category (`all`), each once, as `resource.group`; none when it is no category. */
  async category(name: string): Promise<string[]> {
    const members = (await this.all()).filter((type) => type.categories.includes(name));
    return [...new Set(members.map(groupResourceText))];
  }

  /** `widgets.example.com` may be of the group `com` in version `example`: the server is asked again before it is not. */
  private async tryVersion(argument: string): Promise<void> {
    const [first, second] = readings(argument);
    if (!second || this.fresh) return;
    if (!this.find(await this.all(), first!.name, first!.group, first!.version)) this.reset();
  }

  private reset(): void {
    this.log.info(5, 'discovery.go:214', 'Invalidating discovery information');
    this.invalidate();
  }

  private findResource(types: ResourceType[], argument: string): ResourceType | undefined {
    for (const { name, group, version } of readings(argument)) {
      const found = this.find(types, name, group, version);
      if (found) return found;
    }
    return undefined;
  }

  private find(types: ResourceType[], shortName: string, group?: string, version?: string): ResourceType | undefined {
    // Resources are matched in lower case, their short names as they are written.
    const name = shortName.toLowerCase();
    const inVersion = types.filter((type) => version === undefined || type.version === version);
    const named = inVersion.filter((type) => type.resource === name || type.singular === name);
    const found = pickGroup(named, group);
    if (found) return found;
    // A short name stands for its type in the version that is asked for, else in whatever version there is.
    const short = types.filter((type) => type.shortNames.includes(shortName));
    const first = pickGroup([...short.filter((type) => inVersion.includes(type)), ...short], group);
    if (first && group === undefined) this.warnAboutOthers(shortName, first, short);
    return first;
  }

  private warnAboutOthers(name: string, first: ResourceType, matches: ResourceType[]): void {
    const others = new Set(matches.map(groupResourceText));
    others.delete(groupResourceText(first));
    for (const other of others) this.warn(`short name "${name}" could also match lower priority resource ${other}`);
  }

  private discover(): Promise<GroupDiscovery[]> {
    this.groups ??= this.loadGroups();
    return this.groups;
  }

  private async loadGroups(): Promise<GroupDiscovery[]> {
    const { discovery } = (await this.client()).transport;
    const groups = await this.fetchGroups().catch(async (error: unknown) => {
      if (error instanceof TransportError) {
        const { tellUnreachable } = await import('../log/unreachable.ts');
        tellUnreachable(this.log, error, this);
      }
      throw error;
    });
    this.known = true;
    if (!discovery) return groups;
    if (!this.fresh) return await discovery.recall(groups);
    await discovery.keep(groups);
    return groups;
  }

  private async fetchGroups(): Promise<GroupDiscovery[]> {
    const client = await this.client();
    const fetch = async (path: string) => {
      const { items } = await client.request<ApiObject & { items?: GroupDiscovery[] }>('GET', path, {
        query: { timeout: '32s' },
        accept: ACCEPT_AGGREGATED,
        cached: !this.fresh,
      });
      return items ?? [];
    };
    const core = await fetch('/api');
    return [...core, ...(await fetch('/apis'))].map(withoutStale).filter(({ versions }) => versions.length > 0);
  }
}

/** An API that cannot be reached is as good as none. */
const withoutStale = (group: GroupDiscovery): GroupDiscovery => ({
  ...group,
  versions: group.versions.filter(({ freshness }) => freshness !== 'Stale'),
});

/** An exact group wins over one that only begins so; without a group, the first. */
function pickGroup(types: ResourceType[], group: string | undefined): ResourceType | undefined {
  if (group === undefined) return types[0];
  return (
    types.find((type) => type.group === group) ??
    (group ? types.find((type) => type.group.startsWith(group)) : undefined)
  );
}

function typesOfGroup({ metadata, versions }: GroupDiscovery): ResourceType[] {
  const group = metadata?.name ?? '';
  return versions.flatMap(({ version, resources = [] }) =>
    resources.map((found) => ({
      group,
      version,
      resource: found.resource,
      singular: found.singularResource || (found.responseKind?.kind ?? '').toLowerCase(),
      kind: found.responseKind?.kind ?? '',
      namespaced: found.scope === 'Namespaced',
      shortNames: found.shortNames ?? [],
      categories: found.categories ?? [],
      verbs: found.verbs ?? [],
      subresources: (found.subresources ?? []).map(({ subresource, verbs = [], responseKind }) => ({
        name: subresource,
        verbs,
        kind: responseKind?.kind ?? '',
      })),
    })),
  );
}
