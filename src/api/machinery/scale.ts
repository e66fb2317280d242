import type { KubeObject } from '../../types/objects.ts';
import { badRequest, modified, notFound } from '../errors.ts';
import { type Answer, type ResourceRequest, subjectOf, type WrittenKind } from '../world.ts';
import { decodeWritten } from './body.ts';
import { invalid } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { difference, type Fields, isEmpty } from './managed-fields/fields.ts';
import { readManagers } from './managed-fields/managers.ts';
import { trackUpdate, withManagers } from './managed-fields/track.ts';
import { normalize } from './normalize.ts';
import { equal, isObject } from './patch/json-value.ts';
import { patchedObject } from './patch.ts';
import { load } from './persist.ts';
import { formatLabelSelector, requirementsOf } from './selectors.ts';
import { updateObject } from './update.ts';

interface Scalable extends KubeObject {
  spec?: { replicas?: number; selector?: { matchLabels?: Record<string, string> } | Record<string, string> };
  status?: { replicas?: number };
}

interface Scale extends KubeObject {
  spec: { replicas?: number };
  status: { replicas: number; selector?: string };
}

const REPLICAS: Fields = { 'f:spec': { 'f:replicas': {} } };

const at = (object: unknown, path: string): unknown =>
  path
    .split('.')
    .filter((part) => part !== '')
    .reduce((value: unknown, part) => (isObject(value) ? value[part] : undefined), object);

const SCALE: WrittenKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** The Scale of a workload, or of a custom resource that has one. */
export function scaleOf(request: ResourceRequest, object: KubeObject): Scale {
  const { resource } = request;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  const custom = resource.custom?.scale;
  const { spec, status } = object as Scalable;
  const wanted = custom ? (at(object, custom.specReplicasPath) as number | undefined) : spec?.replicas;
  const found = custom ? (at(object, custom.statusReplicasPath) as number | undefined) : status?.replicas;
  const selector = custom
    ? (at(object, custom.labelSelectorPath ?? '') as string | undefined)
    : formatLabelSelector(
        // A replication controller's selector is a plain map.
        requirementsOf(
          resource.plural === 'replicationcontrollers'
            ? { matchLabels: spec?.selector as Record<string, string> }
            : (spec?.selector as { matchLabels?: Record<string, string> }),
        ) ?? [],
      );
  return normalize<Scale>('autoscaling/v1.Scale', {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { replicas: wanted ?? 0 },
    status: { replicas: found ?? 0, ...(typeof selector === 'string' && { selector }) },
  });
}

/** GET, PUT and PATCH of the scale subresource. */
export function scale(request: ResourceRequest): Answer {
  const { world, resource, namespace, name, verb } = request;
  const old = load(world, resource, namespace, name);
  if (!old) throw notFound(subjectOf(request), name);
  const current = scaleOf(request, old);
  if (verb === 'get') return { status: 200, object: current };
  const wanted =
    verb === 'patch' ? (patchedObject(scaleRequest(request), current) as Scale) : decodeWritten<Scale>(request, SCALE);
  if (wanted.metadata.name !== name)
    throw badRequest(
      `the name of the object (${wanted.metadata.name ?? ''}) does not match the name on the URL (${name})`,
    );
  const { resourceVersion } = wanted.metadata;
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw modified(subjectOf(request), name);
  const replicas = wanted.spec.replicas ?? 0;
  if (replicas < 0)
    throw invalidObject('autoscaling', 'Scale', name, [
      invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  const draft = withReplicas(request, old, replicas);
  const scaling = {
    ...request,
    subresource: 'scale',
    written: { ...SCALE, of: (object: KubeObject) => scaleOf(request, object) },
  };
  const saved = updateObject(scaling, draft, old, (given) => {
    const tracked = trackUpdate(scaling, old, given, request.manager);
    return replicas === (current.spec.replicas ?? 0) ? withReplicasApart(tracked) : tracked;
  });
  return { status: 200, object: scaleOf(request, saved) };
}

/**
 * ScaleHandler.ToParent: the handler of Scales knows managers by the version of the Scale, and so takes an owner of replicas that
 * did not change for another one, who owns nothing else and acted at no known time.
 */
function withReplicasApart(object: KubeObject): KubeObject {
  const managers = readManagers(object.metadata.managedFields).flatMap((one) => {
    const rest = difference(one.fields, REPLICAS);
    if (one.operation === 'Apply' || equal(rest, one.fields)) return [one];
    const owner = { ...one, time: '', fields: REPLICAS };
    return isEmpty(rest) ? [owner] : [owner, { ...one, fields: rest }];
  });
  return withManagers(object, managers);
}

/** A patch of a Scale merges as a Scale does, whatever it scales. */
const scaleRequest = (request: ResourceRequest): ResourceRequest => ({
  ...request,
  resource: { ...request.resource, ...SCALE, custom: undefined },
});

function withReplicas({ resource }: ResourceRequest, old: KubeObject, replicas: number): KubeObject {
  const path = (resource.custom?.scale?.specReplicasPath ?? '.spec.replicas').split('.').filter((part) => part !== '');
  const set = (value: unknown, [first, ...rest]: string[]): unknown =>
    first === undefined
      ? replicas
      : { ...(isObject(value) ? value : {}), [first]: set(isObject(value) ? value[first] : undefined, rest) };
  return set(old, path) as KubeObject;
}
