import { notAcceptable } from '../errors.ts';
import type { ApiResponse } from '../request.ts';
import { documentVersion, openApiDocument, openApiIndex } from '../schema/openapi.ts';
import type { Registry } from '../schema/registry.ts';
import { swaggerDocument } from '../schema/swagger.ts';

const json = (body: unknown): ApiResponse => ({ status: 200, contentType: 'application/json', warnings: [], body });

/**
 * Answers /openapi/v2, /openapi/v3 and the documents below it; undefined for other paths. Throws a 406 for
 * the form of v2 that only old clients want.
 */
export function openApi(
  registry: Registry,
  path: string,
  accept = '',
  clusterVersion = 'v1.33',
): ApiResponse | undefined {
  if (path === '/openapi/v2') {
    if (accept !== '' && !/json|\*\/\*/.test(accept)) throw notAcceptable();
    return json(swaggerDocument(registry, clusterVersion));
  }
  if (path === '/openapi/v3' || path === '/openapi/v3/') return json(openApiIndex(registry));
  const [, group = '', version = ''] = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const document = version && openApiDocument(registry, group, version, clusterVersion);
  if (document) return json(document);
  // Paths of no group have a document too, of which nobody needs more than that it is there.
  const listed = openApiIndex(registry).paths[path.slice('/openapi/v3/'.length)];
  return (
    listed &&
    json({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: documentVersion(clusterVersion) },
      paths: {},
      components: {},
    })
  );
}
