import type { KubeObject } from '../../types/objects.ts';
import { badRequest, notFound } from '../errors.ts';
import { groupVersion } from '../schema/registry.ts';
import { type Answer, type ResourceRequest, subjectOf } from '../world.ts';
import { canonical, pruned, typeOf } from './body.ts';
import { createObject } from './create.ts';
import { DecodeError, decodeStrict, unknownField } from './decode.ts';
import { applyConfiguration } from './managed-fields/apply.ts';
import { isObject, type JsonObject } from './patch/json-value.ts';
import { load } from './persist.ts';
import { isTrue } from './routing.ts';
import { updateObject } from './update.ts';

/** PATCH with application/apply-patch+yaml. */
export function apply(request: ResourceRequest, config: JsonObject): Answer {
  const { world, resource, namespace, name, query } = request;
  check(request, config);
  const old = load(world, resource, namespace, name);
  if (!old && request.subresource !== '') throw notFound(subjectOf(request), name);
  const complete = withIdentity(request, config);
  const live = old ?? emptyLive(request);
  const result = applyConfiguration(request, live, complete, isTrue(query.get('force')));
  const draft = read(request, result);
  if (!old) return { status: 201, object: createObject(request, draft, () => draft) };
  world.strategy(resource).setDefaults?.(draft);
  return { status: 200, object: updateObject(request, draft, old, (object) => object) };
}

function check({ resource, name, namespace }: ResourceRequest, config: JsonObject): void {
  const metadata = isObject(config.metadata) ? config.metadata : {};
  const version = groupVersion(resource.group, resource.version);
  if (metadata.managedFields !== undefined && metadata.managedFields !== null)
    throw badRequest('metadata.managedFields must be nil');
  if (config.apiVersion === undefined || config.kind === undefined)
    throw badRequest(
      config.kind === undefined
        ? `Object 'Kind' is missing in '${JSON.stringify(config)}'`
        : `invalid object type: /, Kind=${String(config.kind)}`,
    );
  if (config.apiVersion !== version)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${String(config.apiVersion)}, expected: ${version}`,
    );
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(`the name of the object (${String(metadata.name)}) does not match the name on the URL (${name})`);
  if (metadata.namespace !== undefined && resource.namespaced && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

const withIdentity = ({ resource, name, namespace }: ResourceRequest, config: JsonObject): JsonObject => ({
  ...config,
  metadata: { ...(config.metadata as JsonObject | undefined), name, ...(resource.namespaced && { namespace }) },
});

function emptyLive({ resource, name, namespace }: ResourceRequest): KubeObject {
  const apiVersion = groupVersion(resource.group, resource.version);
  const metadata = { name, ...(resource.namespaced && { namespace }) };
  return canonical(resource, { kind: resource.kind, apiVersion, metadata });
}

function read({ resource, fieldValidation, warnings }: ResourceRequest, result: KubeObject): KubeObject {
  if (resource.custom) {
    const unknown: string[] = [];
    const object = canonical(
      resource,
      pruned(resource, result as unknown as JsonObject, unknown) as unknown as KubeObject,
    );
    if (fieldValidation === 'Warn') warnings.push(...unknown);
    return object;
  }
  try {
    const { object, unknown } = decodeStrict<KubeObject>(typeOf(resource), result);
    if (unknown.size > 0 && fieldValidation === 'Strict')
      throw badRequest(`failed to create typed patch object: ${[...unknown].map(unknownField).join(', ')}`);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`failed to create typed patch object: ${error.message}`);
    throw error;
  }
}
