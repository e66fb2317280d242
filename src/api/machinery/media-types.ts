import { badRequest, unsupportedMediaType } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../request.ts';
import type { ResourceRequest } from '../world.ts';
import { APPLY_PATCH, mediaTypeOf, OBJECT_TYPES, YAML_TYPE } from './content-types.ts';
import { isJson } from './patch/json-value.ts';
import { strictErrors, YAML_CONVERSION } from './strict-errors.ts';

/** Refuses bodies of objects in a form that is not understood. */
export function checkMediaType({ verb, headers, trusted, body }: ResourceRequest): void {
  if (trusted || body === undefined || verb === 'patch') return;
  const type = mediaTypeOf(headers);
  if (type !== '' && !OBJECT_TYPES.includes(type)) throw unsupportedMediaType(OBJECT_TYPES);
}

/** The request with a body that came as YAML read into JSON; the reader is loaded only for that. Throws a 400 for an apply. */
export async function withYamlRead(request: ApiRequest): Promise<ApiRequest> {
  const { body: text, headers } = request;
  const type = mediaTypeOf(headers);
  if (typeof text !== 'string' || (type !== YAML_TYPE && type !== APPLY_PATCH)) return request;
  // JSON that says nothing twice is the same in YAML.
  if (/^\s*\{/.test(text) && isJson(text) && strictErrors(text).length === 0) return request;
  const { readYaml, yamlProblem } = await import('../../base/yaml/parse.ts');
  const problem = yamlProblem(text);
  if (problem && type === APPLY_PATCH) throw badRequest(`error decoding YAML: ${YAML_CONVERSION}${problem}`);
  if (problem) return { ...request, body: undefined, yaml: { text, problem } };
  const read = readYaml(text);
  return {
    ...request,
    // A text is told from one that is still to be read.
    body: typeof read === 'string' ? JSON.stringify(read) : read,
    yaml: { text, strict: yamlProblem(text, { strict: true }) },
  };
}

/** The answer as YAML text, where that was asked for. */
export async function inYamlIfAsked(response: ApiResponse): Promise<ApiResponse> {
  if (response.contentType !== YAML_TYPE || typeof response.body === 'string') return response;
  const { emitYaml } = await import('../../base/yaml/emit.ts');
  return { ...response, body: emitYaml(response.body) };
}
