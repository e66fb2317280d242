import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parse } from 'yaml';
import { unauthorized } from '../../src/api/errors.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../../src/api/request.ts';
import { authenticate } from '../../src/cluster/authenticate.ts';
import { validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';

export const ADMIN: UserInfo = {
  username: 'kubernetes-admin',
  uid: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

export type Sent = Pick<ApiRequest, 'method' | 'body'> & { path: string; headers?: Record<string, string> };

/** The cluster of the recordings with all its controllers, new, and a way to send it requests as its administrator. */
export async function recordedCluster() {
  const folder = mkdtempSync(join(tmpdir(), 'kubemu-api-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const described = readFileSync(new URL('../timelines/cluster.yaml', import.meta.url), 'utf8');
  const path = join(folder, 'state.json');
  await createCluster({ config: validateConfig(parse(described), 'cluster.yaml'), path });
  const session = new ClusterSession({ path, command: 'test' });
  const cluster = await session.writing();
  await cluster.wire();
  const api = await cluster.api();

  const send = async ({ method, path: target, headers = {}, body }: Sent): Promise<ApiResponse> => {
    const [where = '', query = ''] = target.split('?');
    const { authorization, ...rest } = headers;
    const token = authorization?.replace(/^Bearer /, '');
    const user = authorization === undefined ? ADMIN : await authenticate(cluster, { ...(token && { token }) });
    if (!user) return { status: 401, contentType: '', warnings: [], body: unauthorized().toStatus() };
    return await api.request({
      user,
      method,
      path: where,
      query: new URLSearchParams(query),
      headers: { 'user-agent': 'recorder', ...rest },
      body,
    });
  };
  /** Lets the cluster live for so many ms. */
  const live = (ms: number) => cluster.simulation.runUntil(cluster.clock.now() + ms);
  return { cluster, send, live };
}
