/** What is no resource and no discovery: loaded by those who ask for it. */
import { openId } from './authentication/openid.ts';
import { metrics } from './machinery/metrics.ts';
import { openApi } from './machinery/openapi.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import type { ApiWorld } from './world.ts';

/** The schemas of everything that is served. */
export const schemas = (world: ApiWorld, { path, headers }: ApiRequest): ApiResponse | undefined =>
  openApi(world.registry, path, headers.accept, world.kubernetesVersion);

/** What the server counts, and who signs its tokens. */
export const reports = (world: ApiWorld, { path }: ApiRequest): ApiResponse | undefined =>
  metrics(world, path) ?? openId(world, path);
