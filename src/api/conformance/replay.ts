import { readFileSync } from 'node:fs';
import { Random } from '../../base/random.ts';
import { memoryStore } from '../../store/memory-store.ts';
import { MemoryState } from '../../store/state.ts';
import type { KubeObject } from '../../types/objects.ts';
import { authenticate } from '../authentication/index.ts';
import type { ApiError, ApiRequest, UserInfo } from '../request.ts';
import { ApiServer } from '../server.ts';

export interface Recorded {
  step: number;
  method: ApiRequest['method'];
  path: string;
  headers: Record<string, string>;
  body?: string;
  status: number;
  response: unknown;
}

export interface Outcome {
  recorded: Recorded;
  status: number;
  warnings: string[];
  /** Masked JSON of what was answered, and of what was recorded. */
  got: string;
  expected: string;
}

const ADMIN: UserInfo = {
  username: 'kubernetes-admin',
  uid: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};
/** The watches that follow start at this step's revision. */
const BEFORE_WATCH = 182;
const START = Date.UTC(2026, 10, 21, 4, 13, 3);

export const recordings = (): Recorded[] =>
  readFileSync(new URL('requests.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

/** Hides what no two clusters share: uids, revisions, times, suffixes, allocated addresses, tokens. */
export function mask(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value))
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/g, 'TIME')
    .replace(/(resourceVersion\\?":\s*\\?"|resourceVersion: \\?")[0-9]+/g, '$1RV')
    .replace(/current: [0-9]+/g, 'current: RV')
    .replace(/"continue":"[^"]+"/g, '"continue":"TOKEN"')
    .replace(/"token":"[^"]+"/g, '"token":"TOKEN"')
    .replace(/gen-[a-z0-9]{5}/g, 'gen-SUFFIX')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-SUFFIX')
    .replace(/10\.(9[6-9]|1[01][0-9])\.[0-9]+\.[0-9]+/g, 'CLUSTERIP')
    .replace(/"columnDefinitions":\[.*?\],"rows"/g, '"columnDefinitions":[],"rows"');
}

/** What a controller manager would have made in a new namespace. */
function furnish(store: ReturnType<typeof memoryStore>): void {
  store.subscribe(({ type, resource, object }) => {
    if (type !== 'ADDED' || resource !== 'namespaces') return;
    const metadata = { namespace: object.metadata.name, uid: '00000000-0000-4000-8000-000000000000' };
    store.write('serviceaccounts', {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: { name: 'default', ...metadata },
    } as KubeObject);
    store.write('configmaps', {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'kube-root-ca.crt', ...metadata },
    } as KubeObject);
  });
}

/** Sends every recorded request to a fresh API server, in order. */
export async function replay(): Promise<Outcome[]> {
  const state = new MemoryState();
  const store = memoryStore(state);
  furnish(store);
  let now = START;
  const server = new ApiServer({ store, state, random: new Random(1), now: () => now });
  await server.prepare();
  for (const name of ['default', 'kube-system', 'kube-public'])
    store.write('namespaces', {
      kind: 'Namespace',
      apiVersion: 'v1',
      metadata: { name },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    } as unknown as KubeObject);
  const outcomes: Outcome[] = [];
  let beforeWatch = 0;
  for (const recorded of recordings()) {
    const { method, path, headers, body } = recorded;
    const [where = '', query = ''] = path.replace('resourceVersion=490', `resourceVersion=${beforeWatch}`).split('?');
    if (recorded.step === BEFORE_WATCH) beforeWatch = store.revision;
    let answer: { status: number; body: unknown; warnings: string[] };
    try {
      const user = headers.authorization === undefined ? ADMIN : authenticate(server.world, headers.authorization);
      answer = await server.request({
        user,
        method,
        path: where,
        query: new URLSearchParams(query),
        headers: { 'user-agent': 'recorder', ...headers },
        body,
      });
    } catch (error) {
      const status = (error as ApiError).toStatus();
      answer = { status: status.code ?? 500, body: status, warnings: [] };
    }
    outcomes.push({
      recorded,
      status: answer.status,
      warnings: answer.warnings,
      got: mask(answer.body),
      expected: mask(recorded.response),
    });
    // The recording paused where it waited for a list to time out.
    now += recorded.step === 106 || recorded.step === 181 ? 1000 : 3;
  }
  return outcomes;
}
