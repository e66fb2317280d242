import { formatTime } from '../../base/time.ts';
import type { KubeObject, Namespace } from '../../types/objects.ts';
import { admit, admitted } from '../admission/index.ts';
import { markTerminating } from '../custom/controller.ts';
import { type CustomResourceDefinition, DEFINITIONS } from '../custom/definition.ts';
import { conflict, detailsOf, notFound } from '../errors.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { parseJson } from './body.ts';
import { storageName } from './conversion.ts';
import { type FieldError, invalid } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { isObject } from './patch/json-value.ts';
import { load, RequestContext, save } from './persist.ts';

interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: string[];
}

/** Kinds whose deletion answers the object instead of a Status (ReturnDeletedObject). */
const RETURNS_OBJECT = new Set([
  'persistentvolumes',
  'persistentvolumeclaims',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'storageclasses.storage.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

/** The options of a delete, from its body and its query. */
export function deleteOptions(request: ResourceRequest): DeleteOptions {
  const { body, query } = request;
  const json = typeof body === 'string' && body !== '' ? parseJson(body, 'DeleteOptions') : body;
  const options: DeleteOptions = isObject(json) ? { ...(json as DeleteOptions) } : {};
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  if (grace !== null) options.gracePeriodSeconds = Number(grace);
  if (policy !== null) options.propagationPolicy = policy as DeleteOptions['propagationPolicy'];
  if (query.get('orphanDependents') !== null) options.orphanDependents = query.get('orphanDependents') === 'true';
  const errors: FieldError[] = [];
  if (options.propagationPolicy && !['Orphan', 'Background', 'Foreground'].includes(options.propagationPolicy))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      value: options.propagationPolicy,
      detail: 'supported values: "Background", "Foreground", "Orphan"',
    });
  if (options.propagationPolicy && options.orphanDependents !== undefined)
    errors.push(
      invalid(
        'propagationPolicy',
        options.propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'DeleteOptions', '', errors);
  if (options.dryRun?.includes('All')) request.dryRun = true;
  return options;
}

/** DELETE of one object. */
export function remove(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const options = deleteOptions(request);
  const old = load(world, resource, namespace, name);
  if (!old) throw notFound(subjectOf(request), name);
  const { object, gone } = deleteObject(request, old, options);
  if (!gone || RETURNS_OBJECT.has(resource.name)) return { status: 200, object };
  return {
    status: 200,
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: detailsOf(subjectOf(request), name, { uid: old.metadata.uid }),
    },
  };
}

/** rest.BeforeDelete and registry.Store.Delete: at once, after a grace period, or when the finalizers are gone. */
export function deleteObject(
  request: ResourceRequest,
  old: KubeObject,
  options: DeleteOptions,
): { object: KubeObject; gone: boolean } {
  const { world, resource } = request;
  const { metadata } = old;
  checkPreconditions(request, old, options.preconditions);
  admit(request, undefined, old);
  admitted(request, undefined, old);
  const strategy = world.strategy(resource);
  const grace = gracePeriod(request, old, options);
  const finalizers = finalizersFor(old, options, strategy.defaultDeletion);
  const context = new RequestContext(world);
  const emptied = deleteInSteps(request, old);
  if (emptied) return { object: emptied, gone: false };
  if (metadata.deletionTimestamp) {
    const pending = metadata.deletionGracePeriodSeconds ?? 0;
    if (pending > 0 && options.gracePeriodSeconds !== undefined && grace < pending) {
      if (grace === 0 && finalizers.length === 0) return removed(request, old, context);
      const start = Date.parse(String(metadata.deletionTimestamp)) - pending * 1000;
      return { object: mark(request, old, finalizers, grace, start + grace * 1000), gone: false };
    }
    if (pending === 0 && finalizers.length === 0) return removed(request, old, context);
    if (finalizers.join() !== (metadata.finalizers ?? []).join())
      return {
        object: mark(request, old, finalizers, pending, Date.parse(String(metadata.deletionTimestamp))),
        gone: false,
      };
    return { object: old, gone: false };
  }
  if (grace === 0 && finalizers.length === 0) return removed(request, old, context);
  return { object: mark(request, old, finalizers, grace, world.now() + grace * 1000), gone: false };
}

/** Seconds of grace: what the client says counts only for kinds that end gracefully. */
function gracePeriod({ world, resource }: ResourceRequest, old: KubeObject, options: DeleteOptions): number {
  return Math.max(0, world.strategy(resource).gracePeriodSeconds?.(old, options.gracePeriodSeconds) ?? 0);
}

function removed(
  request: ResourceRequest,
  old: KubeObject,
  context: RequestContext,
): { object: KubeObject; gone: boolean } {
  const object = request.dryRun ? old : removeObject(request, old, context);
  return { object, gone: true };
}

/** Takes the object out of the store, for good. */
export function removeObject(request: ResourceRequest, last: KubeObject, context: RequestContext): KubeObject {
  const { world, resource } = request;
  const { namespace = '', name = '' } = last.metadata;
  const object = world.store.remove(storageName(resource), namespace, name);
  world.strategy(resource).afterDelete?.(last, context);
  return { ...last, metadata: { ...last.metadata, resourceVersion: object.metadata.resourceVersion } };
}

/** Sets what says that the object is being deleted. */
function mark(request: ResourceRequest, old: KubeObject, finalizers: string[], grace: number, at: number): KubeObject {
  const { metadata } = old;
  const draft: KubeObject = {
    ...old,
    metadata: {
      ...metadata,
      ...(metadata.generation !== undefined &&
        metadata.deletionTimestamp === undefined && { generation: metadata.generation + 1 }),
      deletionTimestamp: formatTime(at) as unknown as typeof metadata.deletionTimestamp,
      deletionGracePeriodSeconds: grace,
      finalizers: finalizers.length > 0 ? finalizers : undefined,
    },
  };
  return save(request, draft);
}

/** What garbage collection must do before the object may go (deletionFinalizersForGarbageCollection). */
function finalizersFor(
  { metadata }: KubeObject,
  { propagationPolicy, orphanDependents }: DeleteOptions,
  byDefault: 'background' | 'orphan' = 'background',
): string[] {
  const before = metadata.finalizers ?? [];
  let orphan: boolean;
  let foreground: boolean;
  if (orphanDependents !== undefined) [orphan, foreground] = [orphanDependents, false];
  else if (propagationPolicy)
    [orphan, foreground] = [propagationPolicy === 'Orphan', propagationPolicy === 'Foreground'];
  else {
    orphan = before.includes('orphan') || byDefault === 'orphan';
    foreground = before.includes('foregroundDeletion');
  }
  const others = before.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  return [...others, ...(orphan ? ['orphan'] : []), ...(foreground ? ['foregroundDeletion'] : [])];
}

/** A namespace or a definition goes when it is empty: until then it only says so. */
function deleteInSteps(request: ResourceRequest, old: KubeObject): KubeObject | undefined {
  if (request.resource.name === DEFINITIONS)
    return request.dryRun ? old : markTerminating(request.world, old as CustomResourceDefinition);
  if (request.resource.name !== 'namespaces') return undefined;
  const namespace = old as Namespace;
  if (!namespace.spec?.finalizers?.length) return undefined;
  if (namespace.metadata.deletionTimestamp) return old;
  const deletionTimestamp = formatTime(request.world.now());
  const draft = {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp },
    status: { ...namespace.status, phase: 'Terminating' },
  };
  return save(request, draft as unknown as KubeObject);
}

function checkPreconditions(
  request: ResourceRequest,
  { metadata }: KubeObject,
  preconditions: DeleteOptions['preconditions'],
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const failed = (what: string, wanted: string, found: string | undefined) =>
    conflict(
      subjectOf(request),
      metadata.name ?? '',
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`,
    );
  if (uid && uid !== metadata.uid) throw failed('UID', uid, metadata.uid);
  if (resourceVersion && resourceVersion !== metadata.resourceVersion)
    throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion);
}
