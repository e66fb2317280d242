import { expect, test } from 'vitest';
import { MemoryFiles } from '../../sh/testing.ts';
import { apiServerConfiguration, apiServerConfigurationError } from './api-server-configuration.ts';

const POLICY = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]';
const PLUGIN = 'plugins: [{name: ImagePolicyWebhook, configuration: {imagePolicy: {kubeConfigFile: kc}}}]';
const files = () =>
  new MemoryFiles({
    '/etc/policy': POLICY,
    '/etc/adm': PLUGIN,
    '/etc/kc': 'clusters:\n- cluster:\n    server: https://check:1234/x\n',
    '/etc/bad': 'kind: Policy',
  });

const withFlags = (...flags: string[]) => ({ argv: ['kube-apiserver', ...flags], files: files() });

test('flags and their files say what an API server does beside answering', () => {
  expect(apiServerConfiguration(withFlags())).toEqual({
    encryption: [],
    admission: { enabled: [], disabled: [] },
    anonymous: true,
  });
  const given = withFlags(
    '--audit-policy-file=/etc/policy',
    '--audit-log-path=/var/log/a/audit.log',
    '--anonymous-auth=false',
    '--enable-admission-plugins=NodeRestriction,ImagePolicyWebhook',
    '--admission-control-config-file=/etc/adm',
  );
  expect(apiServerConfiguration(given)).toMatchObject({
    audit: { rules: [{ level: 'Metadata' }] },
    auditLog: '/var/log/a/audit.log',
    admission: { imagePolicy: { server: 'https://check:1234/x', defaultAllow: false } },
    anonymous: false,
  });
  expect(apiServerConfigurationError(given)).toBeUndefined();
  expect(given.files.stat('/var/log/a/audit.log')?.type).toBe('file');
});

test.each([
  ['--enable-admission-plugins=Foo', 'enable-admission-plugins plugin "Foo" is unknown'],
  ['--audit-policy-file=/etc/bad', "loading audit policy file: failed decoding: Object 'apiVersion' is missing"],
  ['--enable-admission-plugins=ImagePolicyWebhook', 'couldn\'t init admission plugin "ImagePolicyWebhook"'],
])('%s ends it', (flag, why) => {
  expect(apiServerConfigurationError(withFlags(flag))).toContain(why);
});
