import { formatTime } from '../../base/time.ts';
import type { KubeObject, Namespace } from '../../types/objects.ts';
import { admit, admitted } from '../admission/index.ts';
import { markTerminating } from '../custom/controller.ts';
import { type CustomResourceDefinition, DEFINITIONS } from '../custom/definition.ts';
import { badRequest, conflict, detailsOf, notFound } from '../errors.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { decodeOptions } from './body.ts';
import { beforeWrite } from './compaction.ts';
import { storageName } from './conversion.ts';
import { type FieldError, invalid, notSupported } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { dryRunProblems } from './options.ts';
import { loadNamed, save } from './persist.ts';
import { RequestContext } from './request-context.ts';
import { isTrue } from './routing.ts';

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

/** The options of a delete, from its body or else its query; throws what the real server says of those that are none. */
export function deleteOptions(request: ResourceRequest): DeleteOptions {
  const { body, query, yaml } = request;
  const options =
    (body === undefined || body === '') && !yaml
      ? queryOptions(query)
      : decodeOptions<DeleteOptions>(request, 'meta/v1.DeleteOptions');
  checkDeleteOptions(options);
  request.dryRun = options.dryRun?.includes('All') ?? false;
  return options;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** validation.ValidateDeleteOptions */
export function checkDeleteOptions({ propagationPolicy: policy, orphanDependents, dryRun }: DeleteOptions): void {
  const errors: FieldError[] = [];
  if (policy !== undefined && orphanDependents !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  else if (policy !== undefined && !POLICIES.includes(policy))
    errors.push(notSupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  errors.push(...dryRunProblems(dryRun ?? []));
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'DeleteOptions', '', errors);
}

/** Those of a query count only without a body (Convert_url_Values_To_v1_DeleteOptions). */
function queryOptions(query: URLSearchParams): DeleteOptions {
  const [grace, policy, orphan, uid, resourceVersion] = [
    'gracePeriodSeconds',
    'propagationPolicy',
    'orphanDependents',
    'uid',
    'resourceVersion',
  ].map((name) => query.get(name) ?? undefined);
  return {
    ...(grace !== undefined && { gracePeriodSeconds: int64(grace) }),
    ...(policy !== undefined && { propagationPolicy: policy as DeleteOptions['propagationPolicy'] }),
    ...(orphan !== undefined && { orphanDependents: isTrue(orphan) }),
    ...((uid !== undefined || resourceVersion !== undefined) && { preconditions: { uid, resourceVersion } }),
    dryRun: query.getAll('dryRun'),
  };
}

/** strconv.ParseInt of 64 bits, or a 400 in its words. */
function int64(text: string): number {
  const refused = (why: string) => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[-+]?[0-9]+$/.test(text)) throw refused('invalid syntax');
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) throw refused('value out of range');
  return Number(text);
}

/** DELETE of one object. */
export function remove(request: ResourceRequest): Answer {
  const { resource, name } = request;
  const options = deleteOptions(request);
  warnOfOrphans(request, options);
  const old = loadNamed(request);
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

/** Warns who says nothing of dependents, where they would stay. */
export function warnOfOrphans({ world, resource, warnings }: ResourceRequest, options: DeleteOptions): void {
  const { propagationPolicy, orphanDependents } = options;
  const { deletionWarning } = world.strategy(resource);
  if (deletionWarning && propagationPolicy === undefined && orphanDependents === undefined)
    warnings.push(deletionWarning);
}

/** An object as a deletion leaves it, and whether it is no more. */
interface Deleted {
  object: KubeObject;
  gone: boolean;
}

/** rest.BeforeDelete and registry.Store.Delete: at once, after a grace period, or when the finalizers are gone. */
export function deleteObject(request: ResourceRequest, old: KubeObject, options: DeleteOptions): Deleted {
  checkPreconditions(request, old, options.preconditions);
  admit(request, undefined, old);
  admitted(request, undefined, old);
  return deleteAdmitted(request, old, options);
}

/** The same, of what is no request for a deletion of its own. */
export function deleteAdmitted(request: ResourceRequest, old: KubeObject, options: DeleteOptions): Deleted {
  const { world, resource } = request;
  const { metadata } = old;
  const strategy = world.strategy(resource);
  const grace = gracePeriod(request, old, options);
  const finalizers = finalizersFor(old, options, strategy.defaultDeletion);
  const context = new RequestContext(world);
  const emptied = deleteInSteps(request, old, options);
  if (emptied) return { object: emptied, gone: false };
  if (metadata.deletionTimestamp) {
    const pending = metadata.deletionGracePeriodSeconds ?? 0;
    const end = Date.parse(String(metadata.deletionTimestamp));
    if (pending > 0) {
      // Only the grace can still become shorter, and finalizers change no more while there is any.
      if (options.gracePeriodSeconds === undefined || grace >= pending) return { object: old, gone: false };
      const shortened = end - pending * 1000 + grace * 1000;
      const left = shortened < world.now() ? Math.min(grace, 1) : grace;
      const marked = mark(request, old, finalizers, left, Math.max(shortened, world.now()));
      return grace === 0 && finalizers.length === 0
        ? removed(request, marked, context)
        : { object: marked, gone: false };
    }
    if (finalizers.length === 0) return removed(request, old, context);
    if (finalizers === metadata.finalizers) return { object: old, gone: false };
    return { object: mark(request, old, finalizers, 0, Math.min(end, world.now())), gone: false };
  }
  const atOnce = grace === 0 && finalizers.length === 0;
  // What ends gracefully is marked even when its end is now.
  if (atOnce && !strategy.gracePeriodSeconds) return removed(request, old, context);
  const marked = mark(request, old, finalizers, grace, world.now() + grace * 1000);
  return atOnce ? removed(request, marked, context) : { object: marked, gone: false };
}

/** Seconds of grace: what the client says counts only for kinds that end gracefully. */
function gracePeriod({ world, resource }: ResourceRequest, old: KubeObject, options: DeleteOptions): number {
  return Math.max(0, world.strategy(resource).gracePeriodSeconds?.(old, options.gracePeriodSeconds) ?? 0);
}

function removed(request: ResourceRequest, old: KubeObject, context: RequestContext): Deleted {
  const object = request.dryRun ? old : removeObject(request, old, context);
  return { object, gone: true };
}

/** Takes the object out of the store, for good. */
export function removeObject(request: ResourceRequest, last: KubeObject, context: RequestContext): KubeObject {
  const { world, resource } = request;
  const { namespace = '', name = '' } = last.metadata;
  beforeWrite(world);
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
  byDefault: 'background' | 'orphan' | 'unsupported' = 'background',
): string[] {
  const before = metadata.finalizers ?? [];
  // What the request says overrides the object's own finalizers, and these the default of its kind.
  let wanted = before.find((one) => one === ORPHAN || one === FOREGROUND) ?? (byDefault === 'orphan' ? ORPHAN : '');
  if (propagationPolicy) wanted = { Orphan: ORPHAN, Foreground: FOREGROUND, Background: '' }[propagationPolicy];
  if (orphanDependents !== undefined) wanted = orphanDependents ? ORPHAN : '';
  if (byDefault === 'unsupported') wanted = '';
  const others = before.filter((one) => one !== ORPHAN && one !== FOREGROUND);
  const after = wanted ? [...others, wanted] : others;
  return after.length === before.length && after.every((one) => before.includes(one)) ? before : after;
}

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** A namespace or a definition goes when it is empty: until then it only says so. */
function deleteInSteps(request: ResourceRequest, old: KubeObject, options: DeleteOptions): KubeObject | undefined {
  if (request.resource.name === DEFINITIONS)
    return request.dryRun ? old : markTerminating(request.world, old as CustomResourceDefinition);
  if (request.resource.name !== 'namespaces') return undefined;
  const namespace = old as Namespace;
  if (!namespace.spec?.finalizers?.length) return undefined;
  if (namespace.metadata.deletionTimestamp) return old;
  const deletionTimestamp = formatTime(request.world.now());
  const finalizers = finalizersFor(old, options);
  const draft = {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp, finalizers: finalizers.length > 0 ? finalizers : undefined },
    status: { ...namespace.status, phase: 'Terminating' },
  };
  return save(request, draft as unknown as KubeObject);
}

/** Kinds with a deletion of their own, which has words of its own. */
const OWN_WORDS = new Set(['namespaces', DEFINITIONS]);

/** Throws a 409 when the object is another one than the request means. */
export function checkPreconditions(
  request: ResourceRequest,
  { metadata }: KubeObject,
  { uid, resourceVersion }: NonNullable<DeleteOptions['preconditions']> = {},
): void {
  const { group, kind, name } = request.resource;
  const own = OWN_WORDS.has(name);
  const failed = (what: string, wanted: string, found: string | undefined, perhaps: string) =>
    conflict(
      own ? subjectOf(request) : { group, plural: kind },
      metadata.name ?? '',
      own
        ? `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`
        : `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${perhaps}`,
    );
  if (uid !== undefined && uid !== metadata.uid) throw failed('UID', uid, metadata.uid, 'deleted and then recreated');
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified');
}
