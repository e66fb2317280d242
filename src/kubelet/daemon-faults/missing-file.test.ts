import { expect, test } from 'vitest';
import { MemoryFiles } from '../../sh/testing.ts';
import { missingFile } from './index.ts';

test.each([
  ['--client-ca-file=/etc/there', undefined],
  ['--client-ca-file=/nope', 'open /nope: no such file or directory'],
  [
    '--audit-policy-file=/nope',
    'loading audit policy file: failed to read file path "/nope": open /nope: no such file or directory',
  ],
  [
    '--encryption-provider-config=/nope',
    'error while parsing file: error reading encryption provider configuration file "/nope": open /nope: no such file or directory',
  ],
])('%s', (word, expected) => {
  const files = new MemoryFiles({ '/etc/there': '' });
  expect(missingFile({ argv: ['kube-apiserver', word], files })).toBe(expected);
});
