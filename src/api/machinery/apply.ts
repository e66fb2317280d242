import type { KubeObject } from '../../types/objects.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { ApiError } from '../request.ts';
import { groupVersion } from '../schema/registry.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { canonical, pruned, typeOf } from './body.ts';
import { createObject } from './create.ts';
import { DecodeError, decodeMap } from './decode.ts';
import { checkIdentity } from './identity.ts';
import { applyConfiguration, configurationName } from './managed-fields/apply.ts';
import { isObject, type JsonObject } from './patch/json-value.ts';
import { loadNamed } from './persist.ts';
import { isTrue } from './routing.ts';
import { asWarnings, YAML_CONVERSION } from './strict-errors.ts';
import { updateObject } from './update.ts';

/** PATCH with application/apply-patch+yaml. */
export function apply(request: ResourceRequest, config: JsonObject): Answer {
  const { world, resource, name, subresource } = request;
  const old = loadNamed(request);
  if (!old && subresource !== '') throw notFound(subjectOf(request), name);
  const draft = appliedTo(request, old ?? emptyLive(request), config);
  if (!old && draft.metadata.uid)
    throw conflict(
      subjectOf(request),
      name,
      `uid mismatch: the provided object specified uid ${draft.metadata.uid}, and no existing object was found`,
    );
  checkIdentity(request, draft);
  if (!old) return { status: 201, object: createObject(request, draft, () => draft) };
  world.strategy(resource).setDefaults?.(draft);
  return { status: 200, object: updateObject(request, draft, old, (object) => object) };
}

/** What a configuration makes of an object of the request's kind, with its managers; throws the 409 of conflicts. */
export function appliedTo(request: ResourceRequest, live: KubeObject, config: JsonObject): KubeObject {
  const { yaml, fieldValidation, warnings } = request;
  check(request, config);
  const result = applyConfiguration(request, live, config, isTrue(request.query.get('force')));
  if (yaml?.strict && fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: ${YAML_CONVERSION}${yaml.strict}`);
  if (yaml?.strict && fieldValidation === 'Warn') warnings.push(...asWarnings([yaml.strict]));
  return read(request, config, result);
}

function check({ resource }: ResourceRequest, config: JsonObject): void {
  const version = groupVersion(resource.group, resource.version);
  const { apiVersion, kind, metadata } = config;
  if (apiVersion !== version || kind !== resource.kind) {
    const [given, named] = [apiVersion, kind].map((text) => (typeof text === 'string' ? text : ''));
    const parts = given!.split('/');
    const full = parts.length > 2 ? '/, Kind=' : `${parts.length === 2 ? given : `/${given}`}, Kind=${named}`;
    throw badRequest(`invalid object type: ${full}`);
  }
  if (isObject(metadata) && Array.isArray(metadata.managedFields))
    throw badRequest('metadata.managedFields must be nil');
}

function emptyLive({ resource }: ResourceRequest): KubeObject {
  const apiVersion = groupVersion(resource.group, resource.version);
  return canonical(resource, { kind: resource.kind, apiVersion, metadata: {} });
}

/** The result as an object of its kind. */
function read(
  { resource, fieldValidation, warnings }: ResourceRequest,
  config: JsonObject,
  result: KubeObject,
): KubeObject {
  if (resource.custom) {
    const unknown: string[] = [];
    const object = pruned(resource, result as unknown as JsonObject, unknown) as unknown as KubeObject;
    if (fieldValidation === 'Warn') warnings.push(...unknown);
    return canonical(resource, object);
  }
  try {
    return decodeMap<KubeObject>(typeOf(resource), result).object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const name = configurationName(config);
    const kind = `${resource.group}/${resource.version}, Kind=${resource.kind}`;
    throw new ApiError(
      500,
      '',
      `failed to convert new object (${name}) to proper version: unable to convert unstructured object to ${kind}: ${error.message}`,
    );
  }
}
