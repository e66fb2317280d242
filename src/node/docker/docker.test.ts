import { expect, test } from 'vitest';
import { docker } from './index.ts';
import { webHost } from './testing.ts';

async function call(line: string) {
  const context = { argv: line.split(' '), env: {}, cwd: '/', user: 'root', stdin: '', machine: { flavour: 'bash' } };
  return await docker(webHost('docker://28.1.1'), context as never);
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
