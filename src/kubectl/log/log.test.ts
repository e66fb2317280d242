import { describe, expect, test } from 'vitest';
import { runKubectl } from '../main.ts';
import { type FakeServer, fakeEnvironment } from '../testing/fake-environment.ts';
import { TransportError } from '../transport.ts';
import { Klog } from './klog.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' } };
const TYPE = {
  resource: 'pods',
  responseKind: { kind: 'Pod' },
  scope: 'Namespaced',
  singularResource: 'pod',
  verbs: ['get', 'list'],
};
const GROUPS = { items: [{ metadata: {}, versions: [{ version: 'v1', resources: [TYPE] }] }] };
const MISSING = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'gone',
  reason: 'NotFound',
  code: 404,
};

const server: FakeServer = ({ path }) => {
  if (path.startsWith('/apis?')) return { body: { items: [] } };
  if (path.startsWith('/api?')) return { body: GROUPS };
  return path.endsWith('/pods/a') ? { body: POD } : { status: 404, body: MISSING };
};

/** Standard error of a command, without what stands before the sources. */
async function told(argv: string[], environment = fakeEnvironment(server)): Promise<string> {
  await runKubectl(argv, environment);
  return environment.stderr.replace(/^[IEWF]\d{4} \S+ +\d+ /gm, '');
}

const HOST = 'https://cluster.kubemu:6443';

describe('-v', () => {
  test('6 tells of the configuration, the gates and each request', async () => {
    const lines = (await told(['get', 'pod', 'a', '-o', 'name', '-v=6'])).split('\n');
    expect(lines[0]).toBe('loader.go:402] Config loaded from file:  /kubeconfig');
    expect(lines.filter((line) => line.startsWith('envvar.go:172]'))).toHaveLength(5);
    expect(lines).toContain(
      `round_trippers.go:632] "Response" verb="GET" url="${HOST}/api/v1/namespaces/default/pods/a" status="200 OK" milliseconds=0`,
    );
  });

  test('8 tells of headers and bodies, never of tokens', async () => {
    const text = await told(['get', 'pod', 'a', '-o', 'name', '-v=8']);
    expect(text).toContain(
      'headers=<\n\tAccept: application/json\n\tAuthorization: Bearer <masked>\n\tUser-Agent: kubectl/',
    );
    expect(text).toContain('helper.go:105] "Request Body" body=""\n');
    expect(text).toContain(`"Response Body" body=<\n\t${JSON.stringify(POD)}\n >\n`);
  });

  test('9 tells a command for curl', async () => {
    expect(await told(['get', 'pod', 'a', '-o', 'name', '-v=9'])).toContain(
      `"Request" curlCommand=<\n\tcurl -v -XGET  -H "Accept: application/json" -H "Authorization: Bearer <masked>"`,
    );
  });

  test('4 shows the whole answer of a failure', async () => {
    expect(await told(['get', 'pod', 'b', '-v=4'])).toMatch(
      /helpers\.go:246\] server response object: %s\[\{\n {2}"kind": "Status",\n[\s\S]*\}\]\nError from server \(NotFound\): gone\n$/,
    );
  });

  test.each([
    ['round_trippers=6', /^round_trippers.go:632\] "Response"/m],
    ['round*=7', /^round_trippers.go:527\] "Request"/m],
    ['loader=6', /^loader.go:402\]/m],
  ])('--vmodule=%s tells of one source alone', async (setting, expected) => {
    const text = await told(['get', 'pod', 'a', '-o', 'name', `--vmodule=${setting}`]);
    expect(text).toMatch(expected);
    expect(text).not.toContain('envvar.go');
  });
});

test('long bodies are cut below level 10', () => {
  const lines: string[] = [];
  const log = new Klog({ verbosity: 1, modules: ['a=3', 'b?=4'], now: () => 0, write: (text) => lines.push(text) });
  expect(log.levelOf('a.go:1', [2, 3, 4])).toBe(3);
  expect(log.levelOf('bc.go:1', [4, 5])).toBe(4);
  expect(log.levelOf('other.go:1', [2])).toBe(0);
  log.details(1, 'x.go:1', 'Many', { lines: 'one\ntwo', word: 'a "b"', count: 2 });
  expect(lines.join('')).toBe(
    'I0101 00:00:00.000000    1000 x.go:1] "Many" lines=<\n\tone\n\ttwo\n > word="a \\"b\\"" count=2\n',
  );
});

describe('a server that does not answer', () => {
  const down = () => {
    const environment = fakeEnvironment(() => {
      throw new TransportError('dial tcp 10.0.0.1:6443: connect: connection refused', '10.0.0.1:6443');
    });
    environment.files.set('/home/user/a.yaml', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n');
    return environment;
  };
  const line = `memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: Get \\"${HOST}/api?timeout=32s\\": dial tcp 10.0.0.1:6443: connect: connection refused"\n`;
  const refused = 'The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n';
  test.each([
    [['get', 'pods'], `${line.repeat(5)}${refused}`],
    [['logs', 'a'], `${line.repeat(4)}${refused}`],
    [['api-resources'], `${line}${refused}`],
    [['version'], refused],
    [
      ['apply', '-f', 'a.yaml', '--validate=false'],
      `${line}error: unable to recognize "a.yaml": Get "${HOST}/api?timeout=32s": dial tcp 10.0.0.1:6443: connect: connection refused\n`,
    ],
    [
      ['create', '-f', 'a.yaml'],
      `error: error validating "a.yaml": error validating data: failed to download openapi: Get "${HOST}/openapi/v2?timeout=32s": dial tcp 10.0.0.1:6443: connect: connection refused; if you choose to ignore these errors, turn validation off with --validate=false\n`,
    ],
    [
      ['get', 'pods', '--match-server-version'],
      `error: couldn't read version from server: Get "${HOST}/version?timeout=32s": dial tcp 10.0.0.1:6443: connect: connection refused\n`,
    ],
  ])('%j', async (argv, expected) => {
    expect(await told(argv, down())).toBe(expected);
  });
});

test('--match-server-version refuses another build', async () => {
  const environment = fakeEnvironment(() => ({ body: { major: '1', minor: '34', gitVersion: 'v1.34.1' } }));
  expect(await told(['get', 'pods', '--match-server-version'], environment)).toMatch(
    /^error: server version \(&version\.Info\{Major:"1", Minor:"34", EmulationMajor:"", [^)]*GitVersion:"v1\.34\.1", [^)]*\}\) differs from client version \(version\.Info\{Major:"1", Minor:"33", .*Platform:"linux\/amd64"\}\)\n$/,
  );
});
