import { goJson } from '../../base/go-json.ts';
import { goValue } from '../../base/go-quote.ts';
import type { KubeObject } from '../../types/objects.ts';
import { badRequest, notFound, unsupportedMediaType } from '../errors.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { apply } from './apply.ts';
import { canonical, pruned, typeOf } from './body.ts';
import { DecodeError, decodeStrict } from './decode.ts';
import { findDuplicates } from './duplicates.ts';
import { invalid } from './field-errors.ts';
import { invalidObject } from './invalid.ts';
import { type JsonPatchOperation, jsonPatch } from './patch/json-patch.ts';
import { isObject, type JsonObject } from './patch/json-value.ts';
import { mergePatch } from './patch/merge-patch.ts';
import { patchSchema, StrategicMergeError, strategicMergePatch } from './patch/strategic-merge.ts';
import { load } from './persist.ts';
import { updateObject } from './update.ts';

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** Content types in the order in which a refusal names them. */
const BUILT_IN = [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH];
const CUSTOM = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];

/** The content type without its parameters. */
export const mediaTypeOf = (headers: Record<string, string>): string =>
  (headers['content-type'] ?? '').split(';')[0]!.trim();

/** The patch as JSON; throws a 400 in Go's words. */
export function patchBody({ body, headers }: ResourceRequest): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    const strategic = mediaTypeOf(headers) === STRATEGIC_PATCH;
    throw badRequest(`${strategic ? '' : 'error decoding patch: '}${jsonProblem(body)}`);
  }
}

function jsonProblem(text: string): string {
  const first = /^\s*([^{["0-9tfn-])/.exec(text);
  if (first) return `invalid character '${first[1]}' looking for beginning of value`;
  const key = /^\s*\{\s*([^"}\s])/.exec(text);
  return key
    ? `invalid character '${key[1]}' looking for beginning of object key string`
    : 'unexpected end of JSON input';
}

/** The configuration of an apply. YAML has been read by the time that it comes here. */
function applyBody({ body }: ResourceRequest): JsonObject {
  const config = typeof body === 'string' ? parseApplied(body) : body;
  if (!isObject(config))
    throw badRequest(
      'error decoding YAML: error unmarshaling JSON: json: cannot unmarshal into Go value of type map[string]interface {}',
    );
  return config;
}

function parseApplied(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest('error decoding YAML: yaml: the body is neither JSON nor YAML that was read');
  }
}

/** PATCH of an object or one of its views. */
export function patch(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const type = mediaTypeOf(request.headers);
  const accepted = resource.custom ? CUSTOM : BUILT_IN;
  if (!BUILT_IN.includes(type))
    throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type\n\nAvailable representations: ', {});
  if (!accepted.includes(type)) throw unsupportedMediaType(accepted);
  if (type === APPLY_PATCH) return apply(request, applyBody(request));
  const old = load(world, resource, namespace, name);
  if (!old) throw notFound(subjectOf(request), name);
  const strict: string[] = [];
  if (typeof request.body === 'string' && request.fieldValidation !== 'Ignore' && type !== JSON_PATCH)
    strict.push(...findDuplicates(request.body));
  const patched = applyPatch(request, type, old as unknown as JsonObject);
  const draft = readPatched(request, patched, strict);
  checkIdentity(request, draft);
  world.strategy(resource).setDefaults?.(draft);
  return { status: 200, object: updateObject(request, draft, old) };
}

/** A patch cannot make another object of it. */
function checkIdentity({ name, namespace, resource }: ResourceRequest, { metadata }: KubeObject): void {
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name ?? ''}) does not match the name on the URL (${name})`);
  if (resource.namespaced && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** The JSON that a patch of this content type makes of an object. */
export function applyPatch(request: ResourceRequest, type: string, old: JsonObject): JsonObject {
  const body = patchBody(request);
  switch (type) {
    case JSON_PATCH: {
      if (!Array.isArray(body))
        throw badRequest(
          `error decoding patch: json: cannot unmarshal ${isObject(body) ? 'object' : typeof body} into Go value of type []handlers.jsonPatchOp`,
        );
      try {
        return jsonPatch(old, body as JsonPatchOperation[]);
      } catch {
        throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
      }
    }
    case MERGE_PATCH:
      if (!isObject(body))
        throw badRequest(
          `error decoding patch: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
        );
      return mergePatch(old, body) as JsonObject;
    default:
      if (!isObject(body))
        throw badRequest(
          `error decoding patch: json: cannot unmarshal ${Array.isArray(body) ? 'array' : typeof body} into Go value of type map[string]interface {}`,
        );
      try {
        return strategicMergePatch(old, body, patchSchema(typeOf(request.resource)));
      } catch (error) {
        if (error instanceof StrategicMergeError) throw strategicFailure(error.message);
        throw error;
      }
  }
}

/** The formats that a strategic merge patch can have wrong (interpretStrategicMergePatchError). */
const BAD_FORMATS = /^(invalid JSON document|invalid patch format of|strategic merge patch format is not supported)/;
const UNPROCESSABLE = /^(lists of lists are not supported|patch content doesn't match retainKeys list)/;

function strategicFailure(message: string): ApiError {
  if (BAD_FORMATS.test(message)) return badRequest(message);
  if (UNPROCESSABLE.test(message))
    return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  return new ApiError(500, '', message);
}

/** The patched JSON as an object of its kind; what does not fit is told with the whole of it, as the real server does. */
function readPatched(request: ResourceRequest, patched: JsonObject, strict: string[]): KubeObject {
  const { resource, fieldValidation, warnings } = request;
  const strategic = mediaTypeOf(request.headers) === STRATEGIC_PATCH;
  const value = () => (strategic ? goValue(patchBody(request)) : goJson(patched));
  const refused = (why: string) => invalidObject('', '', '', [invalid('patch', value(), why)]);
  if (resource.custom) {
    const found = [...strict];
    const object = canonical(resource, pruned(resource, patched, found) as unknown as KubeObject);
    if (found.length > 0 && fieldValidation === 'Strict') throw refused(`strict decoding error: ${found.join(', ')}`);
    if (fieldValidation === 'Warn') warnings.push(...found);
    return object;
  }
  try {
    const { object, unknown } = decodeStrict<KubeObject>(typeOf(resource), patched);
    const found = fieldValidation === 'Ignore' ? [] : [...strict, ...unknown];
    if (found.length > 0 && fieldValidation === 'Strict') throw refused(`strict decoding error: ${found.join(', ')}`);
    warnings.push(...found);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw refused(strategic ? error.fromMap : error.message);
    throw error;
  }
}
