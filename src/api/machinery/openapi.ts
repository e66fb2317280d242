import type { ApiResponse } from '../request.ts';
import { openApiDocument, openApiIndex } from '../schema/openapi.ts';
import type { Registry } from '../schema/registry.ts';

const json = (body: unknown): ApiResponse => ({ status: 200, contentType: 'application/json', warnings: [], body });

/** Answers /openapi/v3 and the documents below it; undefined for other paths. */
export function openApi(registry: Registry, path: string): ApiResponse | undefined {
  if (path === '/openapi/v3') return json(openApiIndex(registry));
  const [, group = '', version = ''] = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const document = version && openApiDocument(registry, group, version);
  if (document) return json(document);
  // Paths of no group have a document too, of which nobody needs more than that it is there.
  const listed = openApiIndex(registry).paths[path.slice('/openapi/v3/'.length)];
  return (
    listed &&
    json({ openapi: '3.0.0', info: { title: 'Kubernetes', version: 'unversioned' }, paths: {}, components: {} })
  );
}
