import { compareStrings, goJson } from '../../base/go-json.ts';
import { parseGoJson } from '../../base/go-json-parse.ts';
import type { KubeObject } from '../../types/objects.ts';
import { prune } from '../custom/structural.ts';
import { badRequest } from '../errors.ts';
import { ApiError } from '../request.ts';
import { groupVersion, type Resource } from '../schema/registry.ts';
import { goTypeOf, internalPackage, isUnversioned, splitVersion } from '../schema/scheme.ts';
import { typeNameOf } from '../schema/types.ts';
import type { ResourceRequest, WrittenKind } from '../world.ts';
import { DecodeError, decodeStrict, jsonKind } from './decode.ts';
import { normalize, type Sharing } from './normalize.ts';
import { isObject, type JsonObject } from './patch/json-value.ts';
import { asWarnings, strictErrors } from './strict-errors.ts';

/** The Go type of a resource's objects. */
export const typeOf = (resource: Resource): string => typeNameOf(resource.group, resource.version, resource.kind);

/** Custom objects are maps in Go: all their keys are written sorted. */
export function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortKeys) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort(compareStrings)
      .map((key) => [key, sortKeys(value[key])]),
  ) as T;
}

/** A private copy of an object as the API writes it: Go's order of fields, canonical values. */
export function canonical<T extends KubeObject>(resource: Resource, object: T, sharing: Sharing = 'none'): T {
  if (!resource.custom) return normalize<T>(typeOf(resource), object, sharing);
  const metadata = normalize<KubeObject['metadata']>('meta/v1.ObjectMeta', object.metadata);
  return sortKeys({ ...object, metadata });
}

/** A custom object without what its schema does not know; the paths of that go into `unknown`. */
export const pruned = (resource: Resource, object: JsonObject, unknown: string[]): JsonObject =>
  prune(resource.custom?.schema, object, unknown) as JsonObject;

/** The JSON of a body that came as text; throws a 400 in Go's words. */
function parseJson(text: string, kind: string, source: unknown): unknown {
  try {
    return parseGoJson(text);
  } catch (error) {
    throw unrecognized(kind, `${NO_KIND}: ${(error as Error).message}`, source);
  }
}

const NO_KIND = "couldn't get version/kind; json parse error";

/** The 400 for a body of which not even the kind can be told. */
const unrecognized = (kind: string, why: string, body: unknown): ApiError =>
  badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(typeof body === 'string' ? body : goJson(body))})`,
  );

/** What Go says of JSON that is no object where one should be. */
export const noObject = (json: unknown): string =>
  `${NO_KIND}: json: cannot unmarshal ${jsonKind(json)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;

const SUMMARY_LENGTH = 30;

/** The beginning of a body, in hexadecimal digits unless it looks like JSON (handlers.summarizeData). */
function summary(text: string): string {
  if (text === '') return '<empty>';
  const bytes = Buffer.from(text);
  const shown = bytes.subarray(0, SUMMARY_LENGTH).toString(text.startsWith('{') ? 'utf8' : 'hex');
  return bytes.length > SUMMARY_LENGTH ? `${shown} ...` : shown;
}

/** The object that a body is, with a kind and version that are texts if they are there; throws a 400 in Go's words. */
function objectOf({ body, yaml, resource, trusted }: ResourceRequest, kind: string): JsonObject {
  const source = yaml?.text ?? body;
  if (yaml?.problem) throw unrecognized(kind, yaml.problem, source);
  const json = typeof body === 'string' ? parseJson(body, kind, source) : (body ?? {});
  if (json === null) return {};
  if (!isObject(json)) throw unrecognized(kind, noObject(json), source);
  for (const name of ['kind', 'apiVersion']) {
    const value = json[name];
    if (value !== undefined && value !== null && typeof value !== 'string')
      throw unrecognized(
        kind,
        `${NO_KIND}: json: cannot unmarshal ${jsonKind(value)} into Go struct field .${name} of type string`,
        source,
      );
  }
  const { apiVersion } = json;
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    throw unrecognized(kind, `unexpected GroupVersion string: ${apiVersion}`, source);
  if (resource.custom && !trusted && !json.kind) {
    const text = typeof body === 'string' ? body : goJson(json, { sortKeys: true });
    throw unrecognized(kind, `Object 'Kind' is missing in '${text}'`, source);
  }
  return json;
}

/** The body as an object of the resource's kind, canonical; see `decodeDraft`. */
export const decodeBody = (request: ResourceRequest): KubeObject =>
  canonical(request.resource, decodeDraft(request), sharingOf(request));

/**
 * The body as an object of the resource's kind that is not yet canonical: what is absent is not null, and what is empty is there if
 * `empties` says so. Unknown and duplicate fields are refused, warned of or ignored, as the request says.
 */
export function decodeDraft(request: ResourceRequest, empties = false): KubeObject {
  const { resource } = request;
  const { body, fieldValidation, warnings } = request;
  const { kind } = resource;
  const version = groupVersion(resource.group, resource.version);
  const json = objectOf(request, kind);
  const givenKind = String(json.kind || kind);
  const givenVersion = String(json.apiVersion || version);
  const cannot = (why: string) =>
    badRequest(
      `${givenKind} in version ${JSON.stringify(givenVersion.split('/').at(-1))} cannot be handled as a ${kind}: ${why}`,
    );
  const isAlso = request.written?.alsoIn?.includes(givenVersion) ?? false;
  if (givenKind !== kind || (givenVersion !== version && !isAlso)) {
    const problem = resource.custom ? undefined : kindProblem(request, givenKind, givenVersion, json);
    if (problem) throw cannot(problem);
    throw badRequest(
      `the API version in the data (${givenVersion}) does not match the expected API version (${version})`,
    );
  }
  const source = json.kind === kind && json.apiVersion === version ? json : { ...json, kind, apiVersion: version };
  // The cluster's own programs hand in what they read, changed here and there: what they did not touch is kept as it is.
  if (request.trusted) return canonical(resource, source as unknown as KubeObject, sharingOf(request));
  const text = typeof body === 'string' ? body : undefined;
  let strict: string[];
  let object: KubeObject;
  try {
    if (resource.custom) {
      strict = text === undefined ? [] : strictErrors(text);
      // What was YAML has its keys sorted when it is JSON.
      const read = request.yaml ? sortKeys(source) : source;
      object = canonical(resource, pruned(resource, read, strict) as unknown as KubeObject);
    } else {
      const { object: decoded, ...findings } = decodeStrict<KubeObject>(
        typeOf(resource),
        source,
        text === undefined,
        empties,
      );
      object = decoded;
      // JSON that was never text has no key twice.
      const isClean = text === undefined && findings.unknown.size === 0;
      strict = isClean ? [] : strictErrors(text ?? goJson(source, { sortKeys: true }), findings);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw cannot(error.message);
  }
  if (fieldValidation === 'Ignore') return object;
  if (request.yaml?.strict) strict.unshift(request.yaml.strict);
  if (strict.length > 0 && fieldValidation === 'Strict') throw cannot(`strict decoding error: ${strict.join(', ')}`);
  if (fieldValidation === 'Warn') warnings.push(...asWarnings(strict));
  return object;
}

/** A status is stored as it was read; other drafts are still worked on. */
function sharingOf({ verb, subresource }: ResourceRequest): Sharing {
  if (verb !== 'update') return 'none';
  return subresource === 'status' ? 'settle' : 'reuse';
}

/** The body of a subresource that has a kind of its own, decoded as any object is; throws a 400 in Go's words. */
export function decodeWritten<T extends KubeObject>(request: ResourceRequest, written: WrittenKind): T {
  const { group, version, kind } = written;
  const resource = { ...request.resource, group, version, kind, custom: undefined };
  return decodeBody({ ...request, resource, written }) as T;
}

/** The options that a body is (`meta/v1.DeleteOptions`); what is wrong with them is nobody's fault to the real server: a 500. */
export function decodeOptions<T>(request: ResourceRequest, typeName: string): T {
  const { body, yaml } = request;
  if (yaml?.problem) throw new ApiError(500, '', yaml.problem);
  const [, , kind = ''] = /\/(\w+)\.(\w+)$/.exec(typeName) ?? [];
  try {
    const json = typeof body === 'string' ? parseGoJson(body) : body;
    if (json !== null && !isObject(json)) throw new DecodeError(noObject(json));
    const given = String(json?.kind || kind);
    const version = String(json?.apiVersion || 'meta.k8s.io/v1');
    if (version.split('/').length > 2) throw new DecodeError(`unexpected GroupVersion string: ${version}`);
    if (isUnversioned(given)) throw new DecodeError(`converting (v1.${given}) to (v1.${kind}): unknown conversion`);
    if (given !== kind)
      throw new DecodeError(
        `no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(version)} in scheme ${OPTIONS_SCHEME}`,
      );
    return normalize<T>(typeName, json ?? {});
  } catch (error) {
    if (error instanceof DecodeError) throw new ApiError(500, '', error.message);
    throw new ApiError(500, '', `${NO_KIND}: ${(error as Error).message}`);
  }
}

const OPTIONS_SCHEME = '"pkg/apis/meta/internalversion/scheme/register.go:27"';

/**
 * Why an object of this kind is none that the resource has, in the words of Go's scheme; undefined when it is one, if of another
 * version. `json` is read as what it says it is, if that is known.
 */
export function kindProblem(
  { world, resource }: ResourceRequest,
  kind: string,
  version: string,
  json: unknown,
): string | undefined {
  if (kind === resource.kind && version === groupVersion(resource.group, resource.version)) return undefined;
  const group = world.strategy(resource).internalGroup ?? resource.group;
  const wanted = `${internalPackage(group)}.${resource.kind}`;
  try {
    const found = goTypeOf(resource.group, version, kind);
    const other = world.registry.byKind(...splitVersion(version), kind);
    if (other) decodeStrict(typeOf(other), json);
    return kind === resource.kind ? undefined : `converting (${found}) to (${wanted}): unknown conversion`;
  } catch (error) {
    return (error as Error).message;
  }
}
