import { createHash } from 'node:crypto';
import type { KubeObject } from '../../../types/objects.ts';
import { groupVersionText, type ResourceType, resourcePath } from '../../client/mapper.ts';
import { CLIENT } from '../../client/version.ts';
import type { Invocation } from '../../command.ts';
import { cascadingStrategy, deleteOptions } from '../../delete-options.ts';
import { asError, CommandError, isConflict, isNotFound, throwCollected } from '../../errors.ts';
import { type DryRun, dryRunQuery, dryRunStrategy, validationDirective } from '../../flags/common.ts';
import { klogHeader } from '../../log/klog.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode } from './annotation.ts';
import { GROUP_KINDS, gvText, kindText, type Members, membersOf, NAMESPACES, TOOLING } from './apply-set-members.ts';

/** Labels of the specification: the parent's, its members', and the one of definitions whose objects may be parents. */
const ID = 'applyset.kubernetes.io/id';
const PART_OF = 'applyset.kubernetes.io/part-of';
const PARENT_TYPE = 'applyset.kubernetes.io/is-parent-type';

const TOOL = 'kubectl';
const FIELD_MANAGER = `${TOOL}-applyset`;
const BUILT_IN_PARENTS = ['secrets', 'configmaps'];
const APPLY_PATCH = 'application/apply-patch+yaml';

/** The object that keeps what an ApplySet consists of. */
type Parent = Pick<Info, 'type' | 'name' | 'namespace'>;

const isBuiltIn = ({ type }: Parent): boolean =>
  type.group === '' && type.version === 'v1' && BUILT_IN_PARENTS.includes(type.resource);

/** `secrets./team-a`, quoted */
const quoted = ({ type, name }: Parent): string => JSON.stringify(`${type.resource}.${type.group}/${name}`);

/** The tool in `helm/v3`: all that stands before the last slash. */
const toolOf = (tooling: string): string => tooling.replace(/\/[^/]*$/, '');

/** The parent that `[RESOURCE][.GROUP]/NAME` refers to: a Secret where no type is said. */
async function parseParent({ factory }: Invocation, reference: string, namespace: string): Promise<Parent> {
  const refuse = (why: string) => new CommandError(`invalid parent reference ${JSON.stringify(reference)}: ${why}`);
  const slash = reference.indexOf('/');
  const name = reference.slice(slash + 1);
  if (name === '') throw refuse('name cannot be blank');
  const [, resource = '', group = ''] =
    /^([^.]*)\.?(.*)$/.exec(slash < 0 ? 'secrets' : reference.slice(0, slash)) ?? [];
  if (resource === '') throw refuse('a resource must be present, got: /, Resource=');
  const type = await factory.mapper.typeOfGroupResource(resource, group);
  if (!type) throw refuse(`no matches for ${group}/, Resource=${resource}`);
  return { type, name, namespace: type.namespaced ? namespace : '' };
}

/** The ApplySet that --applyset names; `namespace` is what -n says, '' without it. Throws for a reference to no known type. */
export async function openApplySet(invocation: Invocation, namespace: string): Promise<ApplySet> {
  return new ApplySet(invocation, await parseParent(invocation, invocation.flags.string('applyset'), namespace));
}

/** A set of objects that are applied together, and pruned when they are not any more: KEP 3659. */
export class ApplySet {
  private current: Members = { types: new Map(), namespaces: new Set() };
  private readonly updated: Members = { types: new Map(), namespaces: new Set() };
  private readonly id: string;
  private readonly dryRun: DryRun;

  constructor(
    private readonly invocation: Invocation,
    private readonly parent: Parent,
  ) {
    const { type, name, namespace } = parent;
    const hash = createHash('sha256').update([name, namespace, type.kind, type.group].join('.'));
    this.id = `applyset-${hash.digest('base64url')}-v1`;
    this.dryRun = dryRunStrategy(invocation);
  }

  /** Throws unless the parent may be one. */
  async validate(): Promise<void> {
    const { parent } = this;
    const errors: Error[] = [];
    if (parent.type.namespaced && parent.namespace === '') {
      errors.push(new CommandError('namespace is required to use namespace-scoped ApplySet'));
    }
    if (!isBuiltIn(parent)) {
      const allowed = await this.customParents().catch((error: unknown): string[] => {
        errors.push(new CommandError(`identifying allowed custom resource parent types: ${asError(error).message}`));
        return [];
      });
      const { group, version, resource } = parent.type;
      if (!allowed.includes(`${resource}.${group}`)) {
        const text = JSON.stringify(`${group}/${version}, Resource=${resource}`);
        errors.push(new CommandError(`resource ${text} is not permitted as an ApplySet parent`));
      }
    }
    throwCollected(errors);
  }

  /** The object of a file as a member; throws when it says already of which set it is one. */
  label(info: Info): Info {
    const { metadata } = info.object!;
    if (metadata.labels && PART_OF in metadata.labels) {
      throw new CommandError(`ApplySet label ${JSON.stringify(PART_OF)} already set in input data`);
    }
    const labels = { ...metadata.labels, [PART_OF]: this.id };
    return { ...info, object: { ...info.object!, metadata: { ...metadata, labels } } };
  }

  /** Lets the parent cover what will be applied besides what was, so that nothing gets lost on the way. */
  async beforeApply(infos: Info[]): Promise<void> {
    await this.fetchParent();
    const { types, namespaces } = this.updated;
    for (const { type, namespace } of infos) {
      if (!types.has(kindText(type))) types.set(kindText(type), type);
      if (type.namespaced && namespace) namespaces.add(namespace);
    }
    await this.updateParent({
      types: new Map([...this.current.types, ...types]),
      namespaces: new Set([...this.current.namespaces, ...namespaces]),
    });
  }

  /** Deletes the members that were not visited, and lets the parent cover the others alone. */
  async prune(visited: Set<string>, print: (object: KubeObject) => void): Promise<void> {
    const found = await this.findUnvisited(visited);
    for (const { type, object } of found) {
      const { namespace = '', name = '' } = object.metadata;
      if (this.dryRun !== 'client') {
        await this.delete({ type, namespace, name }).catch((error: unknown) => {
          const place = namespace ? `${namespace}/${name}` : name;
          throw new CommandError(`pruning ${kindText(type)} ${place}: ${asError(error).message}`);
        });
      }
      print(object);
    }
    await this.updateParent(this.updated).catch((error: unknown) => {
      throw new CommandError(`apply and prune succeeded, but ApplySet update failed: ${asError(error).message}`);
    });
  }

  /** `resource.group` of the definitions whose objects may be parents. */
  private async customParents(): Promise<string[]> {
    const client = await this.invocation.factory.client();
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const definitions = await client.list<KubeObject>(path, { labelSelector: PARENT_TYPE }, 0);
    return definitions.map(({ metadata }) => metadata.name ?? '');
  }

  /** Reads what the set consists of; throws when the parent is not one of ours. */
  private async fetchParent(): Promise<void> {
    const { parent, id } = this;
    const { mapper } = this.invocation.factory;
    const object = await this.parentObject();
    if (!object) return;
    const { labels = {}, annotations = {} } = object.metadata;
    const refuse = (why: string) => new CommandError(`ApplySet parent object ${quoted(parent)} ${why}`);
    const tooling = annotations[TOOLING];
    if (tooling === undefined) {
      throw refuse(`already exists and is missing required annotation ${JSON.stringify(TOOLING)}`);
    }
    const tool = toolOf(tooling);
    if (tool !== TOOL) {
      throw refuse(
        `already exists and is managed by tooling ${JSON.stringify(tool)} instead of ${JSON.stringify(TOOL)}`,
      );
    }
    const label = labels[ID];
    if (label === undefined) throw refuse(`exists and does not have required label ${ID}`);
    if (label !== id) {
      throw refuse(`exists and has incorrect value for label ${JSON.stringify(ID)} (got: ${label}, want: ${id})`);
    }
    this.current = await membersOf(annotations, mapper).catch((error: unknown) => {
      throw new CommandError(`parsing ApplySet annotation on ${quoted(parent)}: ${asError(error).message}`);
    });
    if (parent.type.namespaced) this.current.namespaces.add(parent.namespace);
  }

  private async parentObject(): Promise<KubeObject | undefined> {
    const { parent } = this;
    const client = await this.invocation.factory.client();
    try {
      return await client.request<KubeObject>('GET', infoPath(parent));
    } catch (error) {
      if (!isNotFound(error)) {
        throw new CommandError(`failed to fetch ApplySet parent object ${quoted(parent)}: ${asError(error).message}`);
      }
      if (isBuiltIn(parent)) return undefined;
      throw new CommandError('custom resource ApplySet parents cannot be created automatically');
    }
  }

  private async updateParent(members: Members): Promise<void> {
    if (this.dryRun === 'client') return;
    const { io, now } = this.invocation.environment;
    try {
      await this.applyParent(members, false).catch((error: unknown) => {
        if (!isConflict(error)) throw error;
        io.err(
          `${klogHeader(now())} applyset.go:447] WARNING: failed to update ApplySet: ${asError(error).message}\nApplySet field manager ${FIELD_MANAGER} should own these fields. Retrying with conflicts forced.\n`,
        );
        return this.applyParent(members, true);
      });
    } catch (error) {
      throw new CommandError(`failed to update ApplySet: ${asError(error).message}`);
    }
  }

  private async applyParent({ types, namespaces }: Members, force: boolean): Promise<void> {
    const { parent, invocation } = this;
    const { type, name, namespace } = parent;
    const others = [...namespaces].filter((each) => each !== namespace);
    const client = await invocation.factory.client();
    await client.request('PATCH', infoPath(parent), {
      contentType: APPLY_PATCH,
      body: encode({
        kind: type.kind,
        apiVersion: groupVersionText(type),
        metadata: {
          name,
          ...(namespace && { namespace }),
          creationTimestamp: null,
          labels: { [ID]: this.id },
          annotations: {
            [TOOLING]: `${TOOL}/${CLIENT.gitVersion}`,
            [GROUP_KINDS]: [...types.keys()].sort().join(','),
            [NAMESPACES]: others.sort().join(','),
          },
        },
      }),
      query: {
        fieldManager: FIELD_MANAGER,
        fieldValidation: validationDirective(invocation),
        force,
        ...dryRunQuery(this.dryRun),
      },
    });
  }

  private async findUnvisited(visited: Set<string>): Promise<{ type: ResourceType; object: KubeObject }[]> {
    const client = await this.invocation.factory.client();
    const { types, namespaces } = this.current;
    const found: { type: ResourceType; object: KubeObject }[] = [];
    for (const type of types.values()) {
      for (const namespace of type.namespaced ? namespaces : ['']) {
        const labelSelector = `${PART_OF}=${this.id}`;
        const listing = client.list<KubeObject>(resourcePath(type, namespace), { labelSelector }, 0);
        const objects = await listing.catch((error: unknown) => {
          throw new CommandError(`listing ${gvText(type)} objects for pruning: ${asError(error).message}`);
        });
        for (const object of objects.filter(({ metadata }) => !visited.has(metadata.uid ?? ''))) {
          found.push({ type, object: { ...object, apiVersion: groupVersionText(type), kind: type.kind } });
        }
      }
    }
    return found;
  }

  private async delete({ type, namespace, name }: Parent): Promise<void> {
    const { flags, factory } = this.invocation;
    const client = await factory.client();
    await client.request('DELETE', resourcePath(type, namespace, name), {
      body: {
        ...deleteOptions(flags.int('grace-period'), cascadingStrategy(flags)),
        ...(this.dryRun === 'server' && { dryRun: ['All'] }),
      },
    });
  }
}
