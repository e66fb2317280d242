import { badRequest, unsupportedMediaType } from '../errors.ts';
import type { ApiRequest, ApiResponse } from '../request.ts';
import type { ResourceRequest } from '../world.ts';
import { APPLY_PATCH, mediaTypeOf, OBJECT_TYPES, YAML_TYPE } from './content-types.ts';

/** Refuses bodies of objects in a form that is not understood. */
export function checkMediaType({ verb, headers, trusted, body }: ResourceRequest): void {
  if (trusted || body === undefined || verb === 'patch') return;
  const type = mediaTypeOf(headers);
  if (type !== '' && !OBJECT_TYPES.includes(type)) throw unsupportedMediaType(OBJECT_TYPES);
}

/** The request with a body that came as YAML read into JSON; the reader is loaded only for that. Throws a 400. */
export async function withYamlRead(request: ApiRequest): Promise<ApiRequest> {
  const { body, headers } = request;
  const type = mediaTypeOf(headers);
  if (typeof body !== 'string' || (type !== YAML_TYPE && type !== APPLY_PATCH)) return request;
  // An apply is YAML whatever it looks like; objects in JSON are told apart by those who decode them.
  if (/^\s*\{/.test(body) && (type !== APPLY_PATCH || isJson(body))) return request;
  const { parseYaml } = await import('../../base/yaml/parse.ts');
  try {
    const read = await parseYaml(body);
    // A text is told from one that is still to be read.
    return { ...request, body: typeof read === 'string' ? JSON.stringify(read) : read };
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The answer as YAML text, where that was asked for. */
export async function inYamlIfAsked(response: ApiResponse): Promise<ApiResponse> {
  if (response.contentType !== YAML_TYPE || typeof response.body === 'string') return response;
  const { emitYaml } = await import('../../base/yaml/emit.ts');
  return { ...response, body: emitYaml(response.body) };
}
