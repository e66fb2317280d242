import type { KubeObject, Namespace } from '../../types/objects.ts';
import { admit, admitted } from '../admission/index.ts';
import { isStale } from '../encryption/history.ts';
import { modified, notFound } from '../errors.ts';
import { quantitiesAsGiven } from '../kinds/shared/go-value.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { canonical, decodeDraft } from './body.ts';
import { storageName } from './conversion.ts';
import { createObject } from './create.ts';
import { removeObject } from './delete.ts';
import { type FieldError, invalid } from './field-errors.ts';
import { checkIdentity, checkUid } from './identity.ts';
import { GoSyntax, invalidObject } from './invalid.ts';
import { tracked, trackUpdate, withoutFieldTimes } from './managed-fields/track.ts';
import { equal } from './patch/json-value.ts';
import { loadNamed, saveCanonical } from './persist.ts';
import { RequestContext } from './request-context.ts';
import { revisionOf } from './revision.ts';
import { scoped } from './subresource-scope.ts';
import { validateUpdate } from './validate.ts';

/** PUT of an object or of its status. */
export function update(request: ResourceRequest): Answer {
  const { world, resource, name } = request;
  const draft = decodeDraft(request, true);
  if (!draft.metadata.name && !draft.metadata.namespace && request.trusted)
    draft.metadata = { ...draft.metadata, name };
  checkIdentity(request, draft);
  const old = loadNamed(request);
  const strategy = world.strategy(resource);
  if (!old && strategy.createsOnUpdate && !request.subresource && !request.trusted)
    return { status: 201, object: createObject(request, draft) };
  if (!old) throw notFound(subjectOf(request), name);
  checkUid(request, draft, old);
  if (!sharesSpec(draft, old)) strategy.setDefaults?.(draft);
  return { status: 200, object: updateObject(request, draft, old) };
}

/** A specification that is the stored one has its defaults, and is nobody's to change. */
function sharesSpec(draft: KubeObject, old: KubeObject): boolean {
  const spec = (object: KubeObject) => (object as { spec?: unknown }).spec;
  return spec(draft) !== undefined && spec(draft) === spec(old);
}

/** What a change of `old` to `draft` leads to: rest.BeforeUpdate, admission, validation, and deletion of what waited for it. */
export function updateObject(
  request: ResourceRequest,
  given: KubeObject,
  old: KubeObject,
  track: (draft: KubeObject) => KubeObject = (draft) => trackUpdate(request, old, draft, request.manager),
): KubeObject {
  const { world, resource, warnings, subresource } = request;
  const strategy = world.strategy(resource);
  const name = old.metadata.name ?? '';
  const revision = revisionOf(given.metadata.resourceVersion);
  if (strategy.needsVersion && revision === 0 && !request.trusted)
    throw invalidObject(resource.group, resource.plural, name, [
      invalid('metadata.resourceVersion', new GoSyntax('0x0'), 'must be specified for an update'),
    ]);
  if (revision !== 0 && revision !== revisionOf(old.metadata.resourceVersion)) throw modified(subjectOf(request), name);
  let draft = tracked(request, { ...given, metadata: systemFieldsOf(given, old) }, track);
  admit(request, draft, old);
  const context = new RequestContext(world, request.user, request.dryRun);
  const refuse = (errors: FieldError[]) => {
    if (errors.length === 0) return;
    const told = quantitiesAsGiven(errors, request.verb === 'update' ? request.body : undefined);
    throw invalidObject(strategy.internalGroup ?? resource.group, resource.kind, name, told);
  };
  if (subresource === '') refuse(strategy.allocate?.(draft, old, context) ?? []);
  if (subresource === 'status' && strategy.prepareForStatusUpdate) strategy.prepareForStatusUpdate(draft, old, context);
  else if (subresource !== '' && subresource !== 'scale') {
    draft = scoped(subresource, draft, old, subresource === 'status' ? strategy.statusKeeps : []);
    strategy.prepareForSubresource?.[subresource]?.(draft, old, context);
  } else strategy.prepareForUpdate?.(draft, old, context);
  refuse(validateUpdate(strategy, resource, subresource, [draft, old], context));
  if (!request.trusted) {
    const whole = subresource === '' || subresource === 'scale';
    const warn = whole ? strategy.warnings : strategy.warningsForSubresource?.[subresource];
    warnings.push(...(warn?.(draft, old) ?? []));
  }
  admitted(request, draft, old);
  const final = canonical(resource, draft, 'settle');
  if (old.metadata.deletionTimestamp && isReadyToGo(final)) {
    if (!request.dryRun) removeObject(request, final, context);
    return final;
  }
  const stale = isStale(world.state, storageName(resource), old);
  if (!stale && equal(withoutFieldTimes(final), withoutFieldTimes(old))) return old;
  const saved = saveCanonical(request, final);
  if (!request.dryRun) strategy.afterWrite?.(saved, old, context);
  return saved;
}

const SYSTEM_FIELDS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
] as const;

/** What only the server sets stays as it was; what a client may not change, but may say, is left to validation. */
function systemFieldsOf(draft: KubeObject, old: KubeObject): KubeObject['metadata'] {
  const { metadata } = old;
  const given = draft.metadata;
  if (SYSTEM_FIELDS.every((field) => given[field] === metadata[field])) return given;
  return {
    ...given,
    uid: given.uid || metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    creationTimestamp: metadata.creationTimestamp ?? given.creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp ?? given.deletionTimestamp,
    deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? metadata.deletionGracePeriodSeconds,
    selfLink: metadata.selfLink,
  };
}

/** Nothing holds it any more: no finalizers (a namespace has its own), no grace. */
const isReadyToGo = ({ kind, metadata, ...rest }: KubeObject): boolean =>
  (metadata.finalizers ?? []).length === 0 &&
  (metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
  (kind !== 'Namespace' || ((rest as unknown as Namespace).spec?.finalizers ?? []).length === 0);
