import { goJson } from '../../base/go-json.ts';
import { parseGoJson } from '../../base/go-json-parse.ts';
import { goValue } from '../../base/go-quote.ts';
import type { KubeObject } from '../../types/objects.ts';
import { badRequest, notFound, unsupportedMediaType } from '../errors.ts';
import { ApiError } from '../request.ts';
import { groupVersion } from '../schema/registry.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { apply } from './apply.ts';
import { canonical, kindProblem, noObject, pruned, typeOf } from './body.ts';
import { APPLY_PATCH, JSON_PATCH, MERGE_PATCH, mediaTypeOf, STRATEGIC_PATCH } from './content-types.ts';
import { DecodeError, decodeMap, decodeStrict, jsonKind } from './decode.ts';
import { invalid } from './field-errors.ts';
import { checkIdentity } from './identity.ts';
import { invalidObject } from './invalid.ts';
import { JsonPatchError, type JsonPatchOperation, jsonPatch } from './patch/json-patch.ts';
import { isObject, type JsonObject } from './patch/json-value.ts';
import { mergePatch } from './patch/merge-patch.ts';
import { consumeStrategicPatch, patchSchema } from './patch/strategic-merge.ts';
import { StrategicMergeError } from './patch/strategic-order.ts';
import { loadNamed } from './persist.ts';
import { strictErrors } from './strict-errors.ts';
import { updateObject } from './update.ts';

/** Content types in the order in which a refusal names them. */
const BUILT_IN = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
const CUSTOM = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

/** The patch as JSON; throws a 400 in Go's words. */
function patchBody({ body, headers }: ResourceRequest): unknown {
  if (typeof body !== 'string') return body;
  try {
    return parseGoJson(body);
  } catch (error) {
    const strategic = mediaTypeOf(headers) === STRATEGIC_PATCH;
    throw badRequest(`${strategic ? '' : 'error decoding patch: '}${(error as Error).message}`);
  }
}

/** The configuration of an apply. YAML has been read by the time that it comes here. */
export function applyBody({ body }: ResourceRequest): JsonObject {
  const config = (typeof body === 'string' && body !== '' ? (JSON.parse(body) as unknown) : body) || {};
  if (!isObject(config))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(config)} into Go value of type map[string]interface {}`,
    );
  return config;
}

/** PATCH of an object or one of its views. */
export function patch(request: ResourceRequest): Answer {
  checkPatchType(request);
  const { world, resource, name } = request;
  if (isApply(request)) return apply(request, applyBody(request));
  const old = loadNamed(request);
  if (!old) throw notFound(subjectOf(request), name);
  const draft = patchedObject(request, old);
  checkIdentity(request, draft);
  world.strategy(resource).setDefaults?.(draft);
  return { status: 200, object: updateObject(request, draft, old) };
}

/** Throws a 415 for a patch of a type that the resource does not take. */
export function checkPatchType({ headers, resource }: ResourceRequest): void {
  const type = mediaTypeOf(headers);
  const accepted = resource.custom ? CUSTOM : BUILT_IN;
  if (!BUILT_IN.includes(type))
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type\n\nAvailable representations: ', {});
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
}

export const isApply = ({ verb, headers }: ResourceRequest): boolean =>
  verb === 'patch' && mediaTypeOf(headers) === APPLY_PATCH;

/** What the patch of a request makes of an object of the request's kind; throws what the real server answers. */
export function patchedObject(request: ResourceRequest, old: KubeObject): KubeObject {
  const type = mediaTypeOf(request.headers);
  const before = old as unknown as JsonObject;
  const body = patchBody(request);
  if (type === JSON_PATCH) return readPatched(request, applyJsonPatch(before, body), goJson);
  if (type === MERGE_PATCH && body === null) throw badRequest('Invalid JSON Patch');
  if (body !== null && !isObject(body))
    throw badRequest(
      `${type === MERGE_PATCH ? 'error decoding patch: ' : ''}json: cannot unmarshal ${jsonKind(body)} into Go value of type map[string]interface {}`,
    );
  if (type === MERGE_PATCH) return readPatched(request, mergePatch(before, body) as JsonObject, goJson);
  const patch = structuredClone(body ?? {});
  return readPatched(request, mergeStrategically(request, before, patch), () => goValue(patch));
}

function mergeStrategically({ resource }: ResourceRequest, old: JsonObject, patch: JsonObject): JsonObject {
  try {
    return consumeStrategicPatch(old, patch, patchSchema(typeOf(resource)));
  } catch (error) {
    if (error instanceof StrategicMergeError) throw strategicFailure(error.message);
    throw error;
  }
}

/** Members of an operation and what each must be; `value` may be anything (handlers.jsonPatchOp). */
const OPERATION = { op: 'string', path: 'string', from: 'string', value: undefined };
const MAX_OPERATIONS = 10_000;

function applyJsonPatch(old: JsonObject, body: unknown): JsonObject {
  const wrong = (value: unknown, where: string) =>
    badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(value)} into ${where}`);
  if (body === null) return old;
  if (!Array.isArray(body)) throw wrong(body, 'Go value of type []handlers.jsonPatchOp');
  for (const operation of body as unknown[]) {
    if (operation === null) continue;
    if (!isObject(operation)) throw wrong(operation, 'Go value of type handlers.jsonPatchOp');
    for (const [name, type] of Object.entries(OPERATION)) {
      const given = operation[name];
      if (type && given !== undefined && given !== null && typeof given !== type)
        throw wrong(given, `Go struct field jsonPatchOp.${name} of type ${type}`);
    }
  }
  if (body.length > MAX_OPERATIONS)
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${body.length}`,
    );
  let patched: unknown;
  try {
    patched = jsonPatch(old, body as JsonPatchOperation[]);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw unprocessable();
  }
  if (isObject(patched)) return patched;
  throw invalidObject('', '', '', [invalid('patch', goJson(patched), noObject(patched))]);
}

/** What strict decoding says of the patch itself. */
function strictErrorsOf({ body }: ResourceRequest, type: string): string[] {
  if (typeof body !== 'string') return [];
  if (type !== JSON_PATCH) return strictErrors(body);
  const operations = parseGoJson(body) as unknown[] | null;
  const unknown = (operations ?? []).flatMap((operation, index) =>
    Object.keys(operation ?? {})
      .filter((name) => !Object.hasOwn(OPERATION, name))
      .map((name) => `[${index}].${name}`),
  );
  return strictErrors(body, { unknown: new Set(unknown), opaque: new Set() }).map((error) => `json patch ${error}`);
}

const unprocessable = (): ApiError =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/** The formats that a strategic merge patch can have wrong (interpretStrategicMergePatchError). */
const BAD_FORMATS = /^(invalid JSON document|invalid patch format of|strategic merge patch format is not supported)/;
const UNPROCESSABLE = /^(lists of lists are not supported|patch content doesn't match retainKeys list)/;

function strategicFailure(message: string): ApiError {
  if (BAD_FORMATS.test(message)) return badRequest(message);
  return UNPROCESSABLE.test(message) ? unprocessable() : new ApiError(500, '', message);
}

/** The patched JSON as an object of its kind; what does not fit is told with all that `show` says, as the real server does. */
function readPatched(request: ResourceRequest, patched: JsonObject, show: (patched: JsonObject) => string): KubeObject {
  const { fieldValidation, warnings } = request;
  const type = mediaTypeOf(request.headers);
  const refused = (why: string) => invalidObject('', '', '', [invalid('patch', show(patched), why)]);
  let read: { object: KubeObject; strict: string[] };
  try {
    read = decodePatched(request, type, patched);
  } catch (error) {
    if (error instanceof DecodeError) throw refused(error.message);
    throw error;
  }
  // A list that is emptied forgets its managers, one that is absent does not.
  const { metadata } = patched;
  if (isObject(metadata) && Array.isArray(metadata.managedFields) && metadata.managedFields.length === 0)
    read.object.metadata.managedFields = [];
  if (fieldValidation === 'Ignore') return read.object;
  const found = [...strictErrorsOf(request, type), ...read.strict];
  if (found.length > 0 && fieldValidation === 'Strict') throw refused(`strict decoding error: ${found.join(', ')}`);
  warnings.push(...found);
  return read.object;
}

function decodePatched(
  request: ResourceRequest,
  type: string,
  patched: JsonObject,
): { object: KubeObject; strict: string[] } {
  const { resource } = request;
  const kinds = { kind: resource.kind, apiVersion: groupVersion(resource.group, resource.version) };
  if (resource.custom) {
    const strict: string[] = [];
    const object = pruned(resource, { ...patched, ...kinds }, strict) as unknown as KubeObject;
    return { object: canonical(resource, object), strict };
  }
  if (type === STRATEGIC_PATCH) {
    const { object, unknown } = decodeMap<KubeObject>(typeOf(resource), patched);
    return { object: { ...object, ...kinds }, strict: unknown };
  }
  const given = [patched.kind, patched.apiVersion].map((text) => (typeof text === 'string' ? text : ''));
  const problem = kindProblem(request, given[0] || kinds.kind, given[1] || kinds.apiVersion, patched);
  if (problem) throw new DecodeError(problem);
  const { object, ...findings } = decodeStrict<KubeObject>(typeOf(resource), patched, false, true);
  return {
    object: { ...object, ...kinds },
    strict: findings.unknown.size > 0 ? strictErrors(goJson(patched), findings) : [],
  };
}
