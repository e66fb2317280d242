import { expect, test } from 'vitest';
import { readAsset } from '../../../base/assets.ts';
import { runToEnd } from '../../evaluator.ts';
import type { Machine } from '../../process.ts';
import { etcd } from '../../servers/etcd.ts';
import type { ServerCall } from '../../servers/server.ts';
import { MemoryFiles, testMachine } from '../../testing.ts';

const CA = readAsset('fixtures/pki/ca.crt');
const FILES = { '/ca.crt': CA, '/ca.key': readAsset('fixtures/pki/ca.key'), '/other.crt': 'x' };
const ETCD = 'etcd --listen-client-urls=https://127.0.0.1:2379 --listen-metrics-urls=http://127.0.0.1:2381';
const argv = `${ETCD} --client-cert-auth=true --trusted-ca-file=/ca.crt`.split(' ');

/** On 6443 an API server named `kube` whose authority is ours, on the others etcd. */
const network = {
  query: () => ({ failure: 'timeout' }),
  http({ port, ...request }: { port: number; method: string; path: string; headers: Record<string, string> }) {
    const machine = testMachine({ files: new MemoryFiles(FILES) });
    const signedBy = { authority: CA, names: ['10.96.0.1'] };
    const api = { status: 200, reason: 'OK', headers: {}, body: 'ok\n', tls: true, h2: true, signedBy };
    if (port === 6443) return api;
    return etcd.http!({ argv, port, machine } as unknown as ServerCall, request)!.response;
  },
} as unknown as Machine['network'];

test.each([
  ['curl -k https://127.0.0.1:2379/health', '(56) OpenSSL SSL_read: OpenSSL/3.0.15: error:0A00045C', 56],
  ['curl -k --cert /ca.crt --key /ca.key https://127.0.0.1:2379/health', '{"health":"true","reason":""}', 0],
  [
    'curl -k --cert /ca.crt https://127.0.0.1:2379/health',
    "(58) unable to set private key file: '/ca.crt' type PEM",
    58,
  ],
  [
    'curl -k --cert /nosuch https://127.0.0.1:2379/health',
    '(58) could not load PEM client certificate from /nosuch',
    58,
  ],
  ['curl --cacert /nosuch https://127.0.0.1:2379/health', '(77) error setting certificate file: /nosuch', 77],
  ['curl http://127.0.0.1:2379/health', 'Client sent an HTTP request to an HTTPS server.', 0],
  ['curl http://127.0.0.1:2381/health', '{"health":"true","reason":""}', 0],
  ['curl --cacert /ca.crt https://10.96.0.1:6443/', 'ok', 0],
  ['curl --cacert /ca.crt https://127.0.0.1:6443/', "target host name '127.0.0.1'", 60],
  ['curl --cacert /other.crt https://10.96.0.1:6443/', 'unable to get local issuer certificate', 60],
  ['curl -ik https://10.96.0.1:6443/', 'HTTP/2 200 \r\n', 0],
])('%s', async (script, said, code) => {
  const machine = testMachine({ flavour: 'bash', network, files: new MemoryFiles(FILES) });
  const run = { argv: ['sh', '-c', script], env: { PATH: '/bin' }, cwd: '/', user: 'root' };
  const { stdout, stderr, code: ended } = await runToEnd(machine, run);
  expect([(stdout + stderr).includes(said) ? said : stdout + stderr, ended]).toEqual([said, code]);
});
