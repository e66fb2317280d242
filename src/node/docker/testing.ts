import { RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { testHost } from '../testing.ts';

const NOW = Date.UTC(2026, 10, 21, 1);
const POD = { name: 'web', namespace: 'default', uid: 'u' };

/** A machine with one image, a sandbox, and a container of it that has ended. */
export function webHost(containerRuntimeVersion: string) {
  const { host, state } = testHost({ now: NOW, record: { containerRuntimeVersion } });
  const image = { id: `sha256:${'a'.repeat(64)}`, node: 'node-1', repoTags: ['docker.io/library/nginx:1.27'] };
  state.section(RUNTIME_SECTIONS.images).set('node-1/i', { ...image, repoDigests: [], size: 72_000_000, user: '' });
  const sandbox = { id: `5${'b'.repeat(63)}`, node: 'node-1', pod: POD, attempt: 0, state: 'ready', labels: {} };
  state.section(RUNTIME_SECTIONS.sandboxes).set('node-1/s', { ...sandbox, createdAt: NOW - 300_000, pid: 7 });
  state.section(RUNTIME_SECTIONS.containers).set('node-1/c', {
    id: `c${'c'.repeat(63)}`,
    node: 'node-1',
    sandbox: sandbox.id,
    pod: POD,
    name: 'nginx',
    attempt: 2,
    imageID: image.id,
    imageName: 'docker.io/library/nginx:1.27',
    imageRef: 'docker.io/library/nginx@sha256:1',
    state: 'exited',
    createdAt: NOW - 240_000,
    startedAt: NOW - 200_000,
    finishedAt: NOW - 65_000,
    exitCode: 1,
    argv: ['/docker-entrypoint.sh', 'nginx'],
    env: {},
    labels: {},
    mounts: [],
  });
  return host;
}
