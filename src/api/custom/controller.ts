import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import { canonical } from '../machinery/body.ts';
import { aggregate } from '../machinery/invalid.ts';
import { trackUpdate } from '../machinery/managed-fields/track.ts';
import { equal } from '../machinery/patch/json-value.ts';
import { resourceName } from '../schema/registry.ts';
import type { ApiWorld, ResourceRequest } from '../world.ts';
import {
  APPROVED,
  type Condition,
  type CustomResourceDefinition,
  DEFINITIONS,
  type DefinitionNames,
  hasCondition,
  isProtected,
  isServed,
} from './definition.ts';

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

const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;

/** The names that a definition gets: its own where nobody else of the group has them, and why not all of them. */
function namesFor({ store }: ApiWorld, { spec, status }: CustomResourceDefinition) {
  const others = (store.list(DEFINITIONS) as CustomResourceDefinition[])
    .filter((other) => other.spec.group === spec.group)
    .map((other) => other.status?.acceptedNames);
  const resources = new Set(others.flatMap((names) => [names?.plural, names?.singular, ...(names?.shortNames ?? [])]));
  const kinds = new Set(others.flatMap((names) => [names?.kind, names?.listKind]));
  const wanted = spec.names;
  const accepted: DefinitionNames = status?.acceptedNames ?? { plural: '', kind: '' };
  const names: DefinitionNames = { ...accepted };
  let conflict: { reason: string; message: string } | undefined;
  const claim = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    taken: Set<string | undefined>,
    reason: string,
  ) => {
    const name = wanted[field] ?? '';
    if (name !== (accepted[field] ?? '') && taken.has(name)) conflict = { reason, message: inUse(name) };
    else if (name) names[field] = name;
  };
  claim('plural', resources, 'PluralConflict');
  claim('singular', resources, 'SingularConflict');
  const short = (wanted.shortNames ?? []).filter((one) => !accepted.shortNames?.includes(one) && resources.has(one));
  if (short.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregate(short.map(inUse)) };
  else if (wanted.shortNames) names.shortNames = wanted.shortNames;
  else delete names.shortNames;
  claim('kind', kinds, 'KindConflict');
  claim('listKind', kinds, 'ListKindConflict');
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  return { names, conflict };
}

type State = Omit<Condition, 'lastTransitionTime'>;

/** Whether a group of the community says who approved it. */
function approvalOf({ spec, metadata }: CustomResourceDefinition): State | undefined {
  if (!isProtected(spec.group)) return undefined;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const text = metadata.annotations?.[APPROVED] ?? '';
  if (text.startsWith('unapproved'))
    return { type, status: 'False', reason: 'UnapprovedAnnotation', message: `not approved: ${JSON.stringify(text)}` };
  return { type, status: 'True', reason: 'ApprovedAnnotation', message: `approved in ${text}` };
}

function accept(request: ResourceRequest, definition: CustomResourceDefinition): void {
  const { world } = request;
  const now = formatTime(world.now());
  const { names: acceptedNames, conflict } = namesFor(world, definition);
  const named: State = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const established: State =
    conflict && !isServed(definition)
      ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        };
  const states = [named, established, approvalOf(definition)].filter((state) => state !== undefined);
  const before = definition.status?.conditions ?? [];
  const conditions = states.map((state): Condition => {
    const old = before.find(({ type }) => type === state.type);
    const { type, status, reason, message } = state;
    return { type, status, lastTransitionTime: old?.status === status ? old.lastTransitionTime : now, reason, message };
  });
  if (equal(conditions, before) && equal(acceptedNames, definition.status?.acceptedNames)) return;
  const draft: CustomResourceDefinition = {
    ...definition,
    status: { ...definition.status, conditions, acceptedNames },
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
    metadata: {
      ...definition.metadata,
      deletionTimestamp: now,
      finalizers: [...(definition.metadata.finalizers ?? []), CLEANUP],
    },
    status: { ...definition.status, conditions: [...(definition.status?.conditions ?? []), terminating] },
  };
  const resource = world.registry.byName(DEFINITIONS)!;
  return world.store.write(DEFINITIONS, canonical(resource, draft as unknown as CustomResourceDefinition));
}

/** Empties a definition that goes; what objects with finalizers are left keep it, and it says so. */
function removeInstances(world: ApiWorld, definition: CustomResourceDefinition): void {
  const { group, names } = definition.spec;
  const resource = resourceName(names.plural, group);
  for (const { metadata } of world.store.list(resource))
    if (!metadata.finalizers?.length) world.store.remove(resource, metadata.namespace ?? '', metadata.name ?? '');
    else if (!metadata.deletionTimestamp) markInstance(world, resource, metadata.namespace ?? '', metadata.name ?? '');
  const name = definition.metadata.name ?? '';
  const held = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP);
  if (world.store.list(resource).length > 0) {
    const conditions = (definition.status?.conditions ?? []).map((condition) =>
      condition.type === 'Terminating' ? { ...condition, ...IN_PROGRESS } : condition,
    );
    if (!equal(conditions, definition.status?.conditions))
      world.store.write(DEFINITIONS, { ...definition, status: { ...definition.status, conditions } } as never);
  } else if (held.length === 0) world.store.remove(DEFINITIONS, '', name);
}

const IN_PROGRESS = { reason: 'InstanceDeletionInProgress', message: 'CustomResource deletion is in progress' };

function markInstance(world: ApiWorld, resource: string, namespace: string, name: string): void {
  const object = world.store.get(resource, namespace, name)!;
  const deletionTimestamp = formatTime(world.now());
  const metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
  world.store.write(resource, { ...object, metadata } as unknown as KubeObject);
}
