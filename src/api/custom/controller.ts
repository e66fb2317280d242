import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import { canonical } from '../machinery/body.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import { resourceName } from '../schema/registry.ts';
import type { ApiWorld, ResourceRequest } from '../world.ts';
import { type Condition, type CustomResourceDefinition, DEFINITIONS, hasCondition, isServed } from './definition.ts';

/** kube-apiserver's own part in definitions: it accepts their names, and empties them when they go. */
export function settleDefinitions(request: ResourceRequest): void {
  const { world } = request;
  for (const definition of world.store.list(DEFINITIONS) as CustomResourceDefinition[]) {
    if (definition.metadata.deletionTimestamp) removeInstances(world, definition);
    else if (!isServed(definition) || !sameNames(definition)) accept(request, definition);
  }
}

const sameNames = ({ spec, status }: CustomResourceDefinition): boolean =>
  JSON.stringify(spec.names) === JSON.stringify(status?.acceptedNames);

/** Names that another definition of the group, or a built-in resource, already has. */
function conflicts({ store }: ApiWorld, { spec, metadata }: CustomResourceDefinition): string | undefined {
  const others = (store.list(DEFINITIONS) as CustomResourceDefinition[]).filter(
    (other) => other.spec.group === spec.group && other.metadata.name !== metadata.name && isServed(other),
  );
  const taken = new Set(
    others.flatMap(({ spec: { names } }) => [names.plural, names.singular ?? '', ...(names.shortNames ?? [])]),
  );
  const kinds = new Set(others.map(({ spec: { names } }) => names.kind));
  const { plural, singular = '', shortNames = [], kind } = spec.names;
  const name = [plural, singular, ...shortNames].find((one) => taken.has(one));
  if (name) return `${JSON.stringify(name)} is already in use`;
  return kinds.has(kind) ? `${JSON.stringify(kind)} is already in use` : undefined;
}

function accept(request: ResourceRequest, definition: CustomResourceDefinition): void {
  const { world } = request;
  const now = formatTime(world.now());
  const conflict = conflicts(world, definition);
  const names: Condition = conflict
    ? { type: 'NamesAccepted', status: 'False', lastTransitionTime: now, reason: 'PluralConflict', message: conflict }
    : {
        type: 'NamesAccepted',
        status: 'True',
        lastTransitionTime: now,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      };
  const established: Condition = conflict
    ? {
        type: 'Established',
        status: 'False',
        lastTransitionTime: now,
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      }
    : {
        type: 'Established',
        status: 'True',
        lastTransitionTime: now,
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };
  const kept = (condition: Condition) =>
    definition.status?.conditions?.find((old) => old.type === condition.type && old.status === condition.status) ??
    condition;
  const draft: CustomResourceDefinition = {
    ...definition,
    status: {
      ...definition.status,
      conditions: [kept(names), kept(established)],
      ...(!conflict && { acceptedNames: definition.spec.names }),
    },
  };
  const resource = world.registry.byName(DEFINITIONS)!;
  const tracked = trackUpdate({ ...request, resource, subresource: 'status' }, definition, draft, 'kube-apiserver');
  world.store.write(DEFINITIONS, canonical(resource, tracked));
}

const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** A definition that is being deleted says so first; its objects go, then itself. */
export function markTerminating(world: ApiWorld, definition: CustomResourceDefinition): CustomResourceDefinition {
  if (hasCondition(definition, 'Terminating')) return definition;
  const now = formatTime(world.now());
  const terminating: Condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const draft = {
    ...definition,
    metadata: { ...definition.metadata, deletionTimestamp: now, finalizers: [CLEANUP] },
    status: { ...definition.status, conditions: [...(definition.status?.conditions ?? []), terminating] },
  };
  const resource = world.registry.byName(DEFINITIONS)!;
  return world.store.write(DEFINITIONS, canonical(resource, draft as unknown as CustomResourceDefinition));
}

function removeInstances(world: ApiWorld, definition: CustomResourceDefinition): void {
  const { group, names } = definition.spec;
  const resource = resourceName(names.plural, group);
  for (const { metadata } of world.store.list(resource))
    if (!metadata.finalizers?.length) world.store.remove(resource, metadata.namespace ?? '', metadata.name ?? '');
    else if (!metadata.deletionTimestamp) markInstance(world, resource, metadata.namespace ?? '', metadata.name ?? '');
  if (world.store.list(resource).length === 0) world.store.remove(DEFINITIONS, '', definition.metadata.name ?? '');
}

function markInstance(world: ApiWorld, resource: string, namespace: string, name: string): void {
  const object = world.store.get(resource, namespace, name)!;
  const deletionTimestamp = formatTime(world.now());
  const metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
  world.store.write(resource, { ...object, metadata } as unknown as KubeObject);
}
