import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { etcdctl } from './etcd.ts';

const PKI = '/etc/kubernetes/pki/etcd';
const WITH = `--cacert=${PKI}/ca.crt --cert=${PKI}/server.crt --key=${PKI}/server.key`;

/** Types a line on a control plane whose etcd holds three keys. */
function typed(words: string) {
  const { host, run } = testHost({ record: { roles: ['control-plane'] } });
  const keys = ['/registry/pods/default/a', '/registry/pods/default/b', '/registry/secrets/default/s'];
  const etcd = {
    dump: () => ({ revision: 7, keys: 3, text: '' }),
    keys: () => keys,
    value: (key: string) => `<${key}>`,
  };
  const files = {
    stat: (path: string) => (path.startsWith(PKI) || path.endsWith('ca.crt') ? { type: 'file' } : undefined),
    read: (path: string) => (path === `${PKI}/ca.crt` ? 'own' : 'another'),
  };
  const own = Object.assign(Object.create(host) as typeof host, { etcd, files });
  return run((c) => etcdctl(own, c), { argv: ['etcdctl', ...words.split(' ')] });
}

it.each<[string, string]>([
  ['get /registry/pods --prefix --keys-only --limit 1', '/registry/pods/default/a\n\n'],
  ['get /registry/secrets/default/s --print-value-only', '</registry/secrets/default/s>\n'],
  ['get /registry/pods --prefix --count-only -w fields', '"Count" : 2\n'],
  ['alarm list', ''],
  ['compact 5', 'compacted revision 5\n'],
  ['defrag', 'Finished defragmenting etcd member[127.0.0.1:2379]. took 49.502781ms\n'],
  ['endpoint health -w json', '[{"endpoint":"127.0.0.1:2379","health":true,"took":"9.613205ms"}]\n'],
])('etcdctl %s', (words, stdout) => {
  expect(typed(`${WITH} ${words}`)).toEqual({ stdout, stderr: '', code: 0 });
});

it('what etcdctl refuses', () => {
  expect(typed(`${WITH} get / --prefix --count-only`)).toMatchObject({
    stderr: 'Error: --count-only is only for `--write-out=fields`\n',
    code: 128,
  });
  expect(typed(`${WITH} compact 9`).stderr).toBe('Error: etcdserver: mvcc: required revision is a future revision\n');
  expect(typed(`${WITH.replace(`${PKI}/ca.crt`, '/etc/kubernetes/pki/ca.crt')} member list`).stderr).toContain(
    'x509: certificate signed by unknown authority',
  );
  expect(typed('--cacert=/nosuch member list').stderr).toBe('Error: open /nosuch: no such file or directory\n');
});
