import type { ApiResponse } from '../request.ts';
import { openApiDocument, openApiIndex } from '../schema/openapi.ts';
import type { Registry } from '../schema/registry.ts';

const json = (body: unknown): ApiResponse => ({ status: 200, contentType: 'application/json', warnings: [], body });

/** Answers /openapi/v3 and the documents below it; undefined for other paths. */
export function openApi(registry: Registry, path: string): ApiResponse | undefined {
  if (path === '/openapi/v3') return json(openApiIndex(registry));
  const [, group = '', version = ''] = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/([^/]+)$/.exec(path) ?? [];
  const document = version && openApiDocument(registry, group, version);
  return document ? json(document) : undefined;
}
