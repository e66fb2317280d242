import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import { admit, admitted } from '../admission/index.ts';
import { alreadyExists, generateNameConflict } from '../errors.ts';
import { quantitiesAsGiven } from '../kinds/shared/go-value.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { decodeDraft } from './body.ts';
import type { FieldError } from './field-errors.ts';
import { matchNamespace } from './identity.ts';
import { invalidObject } from './invalid.ts';
import { tracked, trackUpdate } from './managed-fields/track.ts';
import { load, save } from './persist.ts';
import { RequestContext } from './request-context.ts';
import { revisionError } from './revision.ts';
import { validateObject } from './validate.ts';

/** The longest name to which a generated suffix is added (names.maxGeneratedNameLength). */
const MAX_GENERATED_PREFIX = 58;

/** POST: a new object. */
export function create(request: ResourceRequest): Answer {
  const draft = decodeDraft(request, true);
  return { status: 201, object: createObject(request, draft) };
}

/** The way of a decoded object into the store: rest.BeforeCreate, admission, validation. */
export function createObject(
  request: ResourceRequest,
  given: KubeObject,
  track = (draft: KubeObject) => trackUpdate(request, undefined, draft, request.manager),
): KubeObject {
  const { world, resource, warnings } = request;
  const strategy = world.strategy(resource);
  let draft = given;
  matchNamespace(request, draft);
  strategy.setDefaults?.(draft);
  const { metadata } = draft;
  const { resourceVersion = '' } = metadata;
  if (!request.dryRun && !revisionError(resourceVersion) && Number(resourceVersion) > 0)
    throw new ApiError(500, '', 'resourceVersion should not be set on objects to be created');
  draft = tracked(request, draft, track);
  fillSystemFields(request, draft);
  admit(request, draft, undefined);
  if (!draft.metadata.name && !draft.metadata.generateName && strategy.namesItself)
    draft.metadata = { ...draft.metadata, name: world.random.uuid() };
  if (!draft.metadata.name && draft.metadata.generateName)
    draft.metadata = { ...draft.metadata, name: generatedName(request, draft.metadata.generateName) };
  const context = new RequestContext(world, request.user, request.dryRun, warnings);
  const refuse = (errors: FieldError[]) => {
    if (errors.length === 0) return;
    const told = quantitiesAsGiven(errors, request.body);
    throw invalidObject(strategy.internalGroup ?? resource.group, resource.kind, draft.metadata.name ?? '', told);
  };
  refuse(strategy.allocate?.(draft, undefined, context) ?? []);
  strategy.prepareForCreate?.(draft, context);
  refuse([...validateObject(strategy, resource, draft, context), ...(strategy.validateCreate?.(draft, context) ?? [])]);
  // The cluster's own programs read no warnings.
  if (!request.trusted) warnings.push(...(strategy.warnings?.(draft) ?? []));
  admitted(request, draft, undefined);
  const name = draft.metadata.name ?? '';
  const taken = load(world, resource, request.namespace, name);
  if (taken) throw nameTaken(request, draft, taken);
  // What is stored is read again, with its defaults.
  strategy.setDefaults?.(draft);
  const saved = save(request, draft);
  if (!request.dryRun) strategy.afterWrite?.(saved, undefined, context);
  return saved;
}

/** The 409 of a name that is taken, which says why it may soon be free. */
function nameTaken(request: ResourceRequest, { metadata }: KubeObject, taken: KubeObject): ApiError {
  const subject = subjectOf(request);
  const error = metadata.generateName
    ? generateNameConflict(subject, metadata.name ?? '')
    : alreadyExists(subject, metadata.name ?? '');
  if (!taken.metadata.deletionTimestamp) return error;
  return new ApiError(error.code, error.reason, `object is being deleted: ${error.message}`, error.details);
}

function fillSystemFields({ world }: ResourceRequest, draft: KubeObject): void {
  draft.metadata = {
    ...draft.metadata,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
    creationTimestamp: formatTime(world.now()),
    uid: world.random.uuid(),
  };
}

/** names.SimpleNameGenerator; a name that is taken is drawn again. */
function generatedName({ world, resource, namespace }: ResourceRequest, prefix: string): string {
  if (world.strategy(resource).generatesNothing) return prefix;
  const base = prefix.slice(0, MAX_GENERATED_PREFIX);
  for (;;) {
    const name = base + world.random.suffix();
    if (!load(world, resource, namespace, name)) return name;
  }
}
