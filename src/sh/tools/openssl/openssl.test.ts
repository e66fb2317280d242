import { expect, test } from 'vitest';
import { runToEnd } from '../../evaluator.ts';
import { MemoryFiles, testMachine } from '../../testing.ts';

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
