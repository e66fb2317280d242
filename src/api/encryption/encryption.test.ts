import { expect, test } from 'vitest';
import { MemoryState } from '../../store/state.ts';
import type { KubeObject } from '../../types/objects.ts';
import { type Provider, type Rule, readEncryption } from './configuration.ts';
import { beginEncryption, isStale, sealUsed, unreadableNow } from './history.ts';
import { sealed, unreadable } from './sealing.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n';
const SECRET = Buffer.alloc(32, 7).toString('base64');
const written = (providers: string, resources = '[secrets]') =>
  `${HEAD}resources: [{resources: ${resources}, providers: ${providers}}]`;

test.each([
  ['', 'encryption provider configuration file "/e" is empty'],
  [`${HEAD}resources: []`, 'resources: Required value: at least one resources is required'],
  [written('[]'), 'resources[0].providers: Required value: at least one resources[0].providers is required'],
  [
    written('[{aescbc: {keys: [{name: a, secret: c2hvcnQ=}]}}]'),
    'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 5, expected one of [16 24 32]',
  ],
  [
    written('[{secretbox: {keys: [{name: a, secret: "!"}]}}]'),
    'resources[0].providers[0].secretbox.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
  ],
  [
    written('[{identity: {}}]', '["*"]'),
    `resources[0].resources[0]: Invalid value: "*": use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources`,
  ],
  [
    `${HEAD}resources: [{resource: [secrets]}]`,
    'error decoding encryption provider configuration file "/e": strict decoding error: unknown field "resources[0].resource"',
  ],
])('%s is refused', (text, why) => {
  expect(() => readEncryption(text, '/e')).toThrow(`error while parsing file: ${why}`);
});

const key = (name: string, secret = SECRET) => ({ name, secret });
const aescbc = (...keys: ReturnType<typeof key>[]): Provider => ({ cipher: 'aescbc', keys });
const IDENTITY: Provider = { cipher: 'identity' };

test('what is read is what was written', () => {
  const rules = readEncryption(written(`[{aescbc: {keys: [{name: k, secret: ${SECRET}}]}}, {identity: {}}]`), '/e');
  expect(rules).toEqual([{ resources: ['secrets'], providers: [aescbc(key('k')), IDENTITY] }]);
});

test('a sealed value names its cipher and its key, and is as long as it would be', () => {
  const bytes = sealed({ cipher: 'aescbc', key: key('k') }, Buffer.from('mydata'), 'x');
  expect(bytes.toString().startsWith('k8s:enc:aescbc:v1:k:')).toBe(true);
  expect(bytes.length).toBe('k8s:enc:aescbc:v1:k:'.length + 16 + 16);
});

test.each([
  [[IDENTITY], 'no matching prefix found'],
  [[aescbc(key('other'))], 'no matching key was found for the provided AES transformer'],
  [[aescbc(key('k', Buffer.alloc(32, 8).toString('base64')))], 'invalid padding on input'],
  [[IDENTITY, aescbc(key('new'), key('k'))], undefined],
])('providers %j', (providers, why) => {
  expect(unreadable(providers, { cipher: 'aescbc', key: key('k') })).toBe(why);
});

test('what was written before a configuration is as it was then', () => {
  const state = new MemoryState();
  const secret = (resourceVersion: string) => ({ metadata: { name: 's', resourceVersion } }) as KubeObject;
  const rules: Rule[] = [{ resources: ['secrets'], providers: [aescbc(key('k')), IDENTITY] }];
  beginEncryption(state, 10, rules);
  expect(sealUsed(state, 'secrets', secret('10'))).toBeUndefined();
  expect(sealUsed(state, 'secrets', secret('11'))).toEqual({ cipher: 'aescbc', key: key('k') });
  expect(sealUsed(state, 'configmaps', secret('11'))).toBeUndefined();
  expect(isStale(state, 'secrets', secret('10'))).toBe(true);
  beginEncryption(state, 20, []);
  expect(unreadableNow(state, 'secrets', secret('11'))).toBe('identity transformer tried to read encrypted data');
  expect(unreadableNow(state, 'secrets', secret('10'))).toBeUndefined();
});
