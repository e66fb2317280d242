import type { KubeObject } from '../../types/objects.ts';
import { conflict, notFound } from '../errors.ts';
import { nonNegative } from '../kinds/shared/checks.ts';
import { subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import { type Answer, type ResourceRequest, subjectOf, type WrittenKind } from '../world.ts';
import { appliedTo } from './apply.ts';
import { decodeBody } from './body.ts';
import { checkIdentity, checkUid } from './identity.ts';
import { invalidObject } from './invalid.ts';
import { managersOfScale, managersOfScaled } from './managed-fields/scale-managers.ts';
import { tracked, trackUpdate } from './managed-fields/track.ts';
import { normalize } from './normalize.ts';
import { isObject } from './patch/json-value.ts';
import { applyBody, checkPatchType, isApply, patchedObject } from './patch.ts';
import { loadNamed } from './persist.ts';
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

/** The names of a dotted path: `.spec.replicas` */
const namesOf = (path: string): string[] => path.split('.').filter((name) => name !== '');

const at = (object: unknown, path: string): unknown =>
  namesOf(path).reduce((value: unknown, part) => (isObject(value) ? value[part] : undefined), object);

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
  const { resource, name, verb } = request;
  if (verb === 'patch') checkPatchType(request);
  const old = loadNamed(request);
  if (!old) throw notFound(subjectOf(request), name);
  if (verb === 'get') return { status: 200, object: scaleOf(request, old) };
  const path = replicasPath(resource);
  const asScale = scaleRequest(request);
  const current = scaleOf(request, old);
  const owned = {
    ...current,
    metadata: { ...current.metadata, managedFields: managersOfScale(old.metadata.managedFields, path) },
  };
  const wanted = wantedScale(asScale, owned);
  if (verb === 'update') checkUid(request, wanted, old);
  checkScale(request, wanted, old);
  const version = groupVersion(resource.group, resource.version);
  const managedFields = managersOfScaled(old.metadata.managedFields, wanted.metadata.managedFields, path, version);
  const draft = withReplicas(old, path, wanted.spec?.replicas ?? 0);
  draft.metadata = { ...draft.metadata, resourceVersion: wanted.metadata.resourceVersion, managedFields };
  const scaling = { ...request, written: { ...SCALE, of: (object: KubeObject) => scaleOf(request, object) } };
  return {
    status: 200,
    object: scaleOf(
      request,
      updateObject(scaling, draft, old, (given) => given),
    ),
  };
}

/** What a request makes of a Scale, and who owns it then. */
function wantedScale(request: ResourceRequest, current: Scale): Scale {
  if (isApply(request)) return checked(request, appliedTo(request, current, applyBody(request)));
  const draft = request.verb === 'patch' ? patchedObject(request, current) : decodeBody(request);
  return tracked(request, checked(request, draft), (given) =>
    trackUpdate(request, current, given, request.manager),
  ) as Scale;
}

function checked(request: ResourceRequest, draft: KubeObject): Scale {
  if (!draft.metadata.name && request.trusted) draft.metadata = { ...draft.metadata, name: request.name };
  checkIdentity(request, draft);
  return draft as Scale;
}

/** Throws what ScaleREST has against a Scale. */
function checkScale(request: ResourceRequest, { metadata, spec }: Scale, old: KubeObject): void {
  const { verb, name, resource } = request;
  const { uid } = old.metadata;
  if (verb === 'patch' && metadata.uid && metadata.uid !== uid)
    throw conflict(
      { ...subjectOf(request), plural: `${resource.plural}/scale` },
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    );
  const errors = [
    ...validateObjectMeta(metadata, true, subdomainName),
    ...nonNegative('spec.replicas', spec?.replicas ?? 0),
  ];
  if (errors.length > 0) throw invalidObject(SCALE.group, SCALE.kind, name, errors);
}

/** A Scale is read, patched and owned as such, whatever it scales. */
const scaleRequest = (request: ResourceRequest): ResourceRequest => ({
  ...request,
  resource: { ...request.resource, ...SCALE, custom: undefined },
});

const replicasPath = ({ custom }: Resource): string => custom?.scale?.specReplicasPath ?? '.spec.replicas';

/** The object with its replicas at a dotted path. */
function withReplicas(old: KubeObject, path: string, replicas: number): KubeObject {
  const set = (value: unknown, [first, ...rest]: string[]): unknown =>
    first === undefined
      ? replicas
      : { ...(isObject(value) ? value : {}), [first]: set(isObject(value) ? value[first] : undefined, rest) };
  return set(old, namesOf(path)) as KubeObject;
}
