import { expect, test } from 'vitest';
import { readAsset } from '../../../base/assets.ts';
import { runToEnd } from '../../evaluator.ts';
import type { Machine } from '../../process.ts';
import { MemoryFiles, NO_NETWORK, testMachine } from '../../testing.ts';

const REQUEST = 'openssl genrsa -out k 2048; openssl req -new -key k -subj "/CN=mara/O=dev/O=ops" -out r';
const AUTHORITY =
  'openssl req -x509 -nodes -newkey rsa:2048 -keyout ca.key -out ca.crt -days 3650 -subj /CN=kubernetes 2>/dev/null';
const SIGN = 'openssl x509 -req -in r -CA ca.crt -CAkey ca.key -CAcreateserial -out c -days 365';

test.each([
  [`${REQUEST}; openssl req -in r -noout -subject`, 'subject=CN = mara, O = dev, O = ops\n'],
  [`${REQUEST}; ${AUTHORITY}; ${SIGN}`, 'Certificate request self-signature ok\nsubject=CN = mara, O = dev, O = ops\n'],
  [`${REQUEST}; ${AUTHORITY}; ${SIGN} 2>/dev/null; openssl verify -CAfile ca.crt c`, 'c: OK\n'],
  [
    `${REQUEST}; ${AUTHORITY}; ${SIGN} 2>/dev/null; openssl x509 -in c -noout -subject -issuer`,
    'subject=CN = mara, O = dev, O = ops\nissuer=CN = kubernetes\n',
  ],
  [
    `${AUTHORITY}; a=$(openssl x509 -noout -modulus -in ca.crt | openssl md5); b=$(openssl rsa -noout -modulus -in ca.key | openssl md5); [ "$a" = "$b" ] && echo pair`,
    'pair\n',
  ],
  [
    'printf abc | openssl dgst -sha256',
    `SHA2-256(stdin)= ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n`,
  ],
  ['openssl rand -hex 8 | wc -c', '17\n'],
  ['openssl x509 -in nope -noout 2>&1 | head -1', 'Could not open file or uri for loading certificate from nope\n'],
])('%s', async (script, out) => {
  const machine = testMachine({ flavour: 'bash', files: new MemoryFiles({ '/data/x': '' }) });
  const program = { argv: ['sh', '-c', script], env: { PATH: '/bin' }, cwd: '/data', user: 'root' };
  const { stdout, stderr } = await runToEnd(machine, program);
  expect(stdout + stderr).toBe(out);
});

const CA = readAsset('fixtures/pki/ca.crt');

/** On 6443 somebody with a certificate of its own making, on 80 somebody without; nobody elsewhere. */
const network = {
  ...NO_NETWORK,
  connect: (_: string, port: number) => (port === 6443 || port === 80 ? 'open' : 'refused'),
  http: ({ port }: { port: number }) => ({
    status: 200,
    reason: 'OK',
    headers: {},
    body: '',
    ...(port === 6443 && { tls: true, certificate: CA }),
  }),
} as Machine['network'];

test.each([
  [
    '127.0.0.1:6443',
    /\nsubject=CN = kubernetes\n[\s\S]*Verify return code: 21 \(unable to verify the first certificate\)/,
  ],
  ['127.0.0.1:6443 -CAfile /ca.crt', /New, TLSv1\.3, [\s\S]*Verify return code: 0 \(ok\)/],
  ['127.0.0.1:6443 -tls1_2', /New, TLSv1\.2, Cipher is ECDHE-RSA-AES128-GCM-SHA256/],
  ['127.0.0.1:6443 -tls1_1', /no peer certificate available[\s\S]*alert protocol version/],
  ['127.0.0.1:80', /wrong version number/],
  ['127.0.0.1:81', /connect:errno=111/],
])('openssl s_client -connect %s', async (words, out) => {
  const machine = testMachine({ flavour: 'bash', files: new MemoryFiles({ '/ca.crt': CA }), network });
  const argv = ['sh', '-c', `openssl s_client -connect ${words} < /dev/null`];
  const { stdout, stderr } = await runToEnd(machine, { argv, env: { PATH: '/bin' }, cwd: '/', user: 'root' });
  expect(stdout + stderr).toMatch(out);
});
