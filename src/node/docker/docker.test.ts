import { expect, test } from 'vitest';
import { RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { testHost } from '../testing.ts';
import { docker } from './index.ts';

const NOW = Date.UTC(2026, 10, 21, 1);
const POD = { name: 'web', namespace: 'default', uid: 'u' };

async function call(line: string) {
  const { host, state } = testHost({ now: NOW, record: { containerRuntimeVersion: 'docker://28.1.1' } });
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
  const context = { argv: line.split(' '), env: {}, cwd: '/', user: 'root', stdin: '', machine: { flavour: 'bash' } };
  return await docker(host, context as never);
}

test.each([
  [
    'docker ps',
    'CONTAINER ID   IMAGE                        COMMAND    CREATED         STATUS         PORTS     NAMES\n5bbbbbbbbbbb   registry.k8s.io/pause:3.10   "/pause"   5 minutes ago   Up 5 minutes             k8s_POD_web_default_u_0\n',
  ],
  ['docker ps -aq', 'cccccccccccc\n5bbbbbbbbbbb\n'],
  ['docker ps -a --filter name=nginx --format {{.Status}}', 'Exited (1) About a minute ago\n'],
  ['docker container ls --filter status=exited --format {{.Command}}', '"/docker-entrypoint.…"\n'],
  ['docker images -q', 'aaaaaaaaaaaa\n'],
  ['docker images --format {{.Repository}}:{{.Tag}}={{.Size}}', 'nginx:1.27=72MB\n'],
  ['docker inspect -f {{.State.Status}} k8s_nginx_web_default_u_2', 'exited\n'],
])('%s', async (line, stdout) => {
  const result = await call(line);
  expect(result).toEqual({ stdout, stderr: '', code: 0 });
});

test.each([
  ['docker logs nope', 'Error response from daemon: No such container: nope\n', 1],
  ['docker rmi nginx:1.27', /^Error response from daemon: conflict: .*container cccccccccccc is using/, 1],
  ['docker ps --bad', "unknown flag: --bad\nSee 'docker ps --help'.\n", 125],
  ['docker dance', "docker: unknown command: docker dance\n\nRun 'docker --help' for more information\n", 1],
])('%s is refused', async (line, stderr, code) => {
  const result = await call(line);
  expect(result.code).toBe(code);
  expect(result.stderr).toMatch(stderr);
});
