import { expect, test } from 'vitest';
import { webHost } from '../docker/testing.ts';
import { nerdctl } from './index.ts';

async function call(line: string) {
  const context = { argv: line.split(' '), env: {}, cwd: '/', user: 'root', stdin: '', machine: { flavour: 'bash' } };
  return await nerdctl(webHost('containerd://1.7.27'), context as never);
}

test.each([
  ['nerdctl ps', 'CONTAINER ID    IMAGE    COMMAND    CREATED    STATUS    PORTS    NAMES\n'],
  [
    'nerdctl -n k8s.io ps',
    'CONTAINER ID    IMAGE                        COMMAND     CREATED          STATUS    PORTS    NAMES\n5bbbbbbbbbbb    registry.k8s.io/pause:3.10    "/pause"    5 minutes ago    Up                 k8s://default/web\n'.replace(
      'IMAGE                        COMMAND',
      'IMAGE                         COMMAND',
    ),
  ],
  ['nerdctl --namespace=k8s.io ps -aq', 'cccccccccccc\n5bbbbbbbbbbb\n'],
  ['nerdctl -nk8s.io ps -a --filter name=nginx --format {{.Status}}', 'Exited (1) About a minute ago\n'],
  ['nerdctl -n k8s.io container ls -n 1 --format {{.Names}}', 'k8s://default/web/nginx\n'],
  ['nerdctl image ls -q --namespace k8s.io', 'aaaaaaaaaaaa\naaaaaaaaaaaa\n'],
  ['nerdctl -n k8s.io images --format {{.Repository}}:{{.Tag}}={{.BlobSize}} nginx:1.27', 'nginx:1.27=72MB\n'],
  ['nerdctl -n k8s.io inspect -f {{.State.Status}} ccc', 'exited\n'],
  ['nerdctl ns ls -q', 'k8s.io\n'],
  ['nerdctl -v', 'nerdctl version 2.1.6\n'],
])('%s', async (line, stdout) => {
  expect(await call(line)).toEqual({ stdout, stderr: '', code: 0 });
});

const FATAL = 'time="2026-11-21T01:00:00Z" level=fatal msg=';

test.each([
  ['nerdctl -n k8s.io logs nope', '"no such container: nope"'],
  ['nerdctl logs ccc', '"no such container: ccc"'],
  [
    'nerdctl -n k8s.io rm 5bb nope',
    /"2 errors:\\ncontainer 5b+ is in running status. unpause.*\\nno such container: nope"/,
  ],
  [
    'nerdctl -n k8s.io rmi nginx:1.27',
    /conflict: unable to delete nginx:1.27 \(must be forced\) - image is being used by stopped container c+"/,
  ],
  ['nerdctl -n k8s.io kill ccc', /cannot kill container c+: container is not running/],
  ['nerdctl -n k8s.io exec ccc sh', /no running task found/],
  ['nerdctl exec', '"requires at least 2 arg(s), only received 0"'],
  ['nerdctl -n k8s.io stop k8s://default/web', /is not supported \(Hint: specify ID instead\)/],
  ['nerdctl ps --bad', '"unknown flag: --bad"'],
  ['nerdctl dance', '"unknown subcommand \\"dance\\" for \\"nerdctl\\""'],
  ['nerdctl -a /tmp/x.sock ps', /cannot access containerd socket \\"\/tmp\/x.sock\\": no such file or directory/],
])('%s is refused', async (line, message) => {
  const { stderr, code } = await call(line);
  expect(code).toBe(1);
  if (typeof message === 'string') expect(stderr).toBe(`${FATAL}${message}\n`);
  else expect(stderr).toMatch(message);
});
