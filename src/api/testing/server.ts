import { Random } from '../../base/random.ts';
import { memoryStore } from '../../store/memory-store.ts';
import { MemoryState } from '../../store/state.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { NodeAgent } from '../node-agent.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../request.ts';
import { ApiServer } from '../server.ts';

export const ADMIN: UserInfo = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** A fresh API server with the namespace `default` and its service account, at a time that stands still. For tests. */
export async function testServer(nodeAgent?: NodeAgent) {
  const state = new MemoryState();
  const store = memoryStore(state);
  const clock = { now: Date.UTC(2026, 0, 1) };
  const server = new ApiServer({ store, state, random: new Random(1), now: () => clock.now, nodeAgent });
  await server.prepare();
  const put = (resource: string, kind: string, metadata: object, rest: object = {}) =>
    store.write(resource, { kind, apiVersion: 'v1', metadata, ...rest } as unknown as KubeObject);
  put(
    'namespaces',
    'Namespace',
    { name: 'default' },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  );
  put('serviceaccounts', 'ServiceAccount', { name: 'default', namespace: 'default', uid: 'account' });

  /** Sends a request; objects go as JSON text, as from a client. */
  const send = (
    method: ApiRequest['method'],
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
    user = ADMIN,
  ): Promise<ApiResponse> => {
    const [path = '', query = ''] = url.split('?');
    return server.request({
      user,
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'user-agent': 'test/1', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  };
  /** The message of a failure, or '' for a success. */
  const failure = async (...request: Parameters<typeof send>): Promise<string> => {
    const { status, body } = await send(...request);
    return status >= 400 ? (body as { message: string }).message : '';
  };
  return { server, store, state, clock, send, failure, put };
}
