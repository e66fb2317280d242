import { readYaml } from '../../base/yaml/parse.ts';
import { type FieldError, invalid, required } from '../machinery/field-errors.ts';
import { aggregate, errorText, GoSyntax } from '../machinery/invalid.ts';

export interface Key {
  name: string;
  /** In base64. */
  secret: string;
}

/** Ciphers whose keys stand in the configuration itself, with the lengths that their keys may have (bytes). */
const KEY_SIZES = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32], secretbox: [32] } as const;
export type Cipher = keyof typeof KEY_SIZES;

export type Provider = { cipher: Cipher; keys: Key[] } | { cipher: 'identity' };

/** Resources and how they are written (the first provider) and read (any of them). */
export interface Rule {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.`, `*.*` */
  resources: string[];
  providers: Provider[];
}

/** Why an API server does not start with such a configuration; `message` is what it says. */
export class EncryptionError extends Error {}

interface Written {
  apiVersion?: unknown;
  kind?: unknown;
  resources?: { resources?: string[]; providers?: Record<string, { keys?: Partial<Key>[] }>[] }[];
}

const FIELDS = {
  '': ['apiVersion', 'kind', 'resources'],
  resources: ['resources', 'providers'],
  providers: ['aescbc', 'aesgcm', 'identity', 'kms', 'secretbox'],
};

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const NO_PROVIDER = 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity';

const parts = (resource: string): [name: string, group: string] => {
  const dot = resource.indexOf('.');
  return dot < 0 ? [resource, ''] : [resource.slice(0, dot), resource.slice(dot + 1)];
};

/** What is wrong with the name of a resource, in the order in which it is asked. */
const NAME_RULES: [refused: (resource: string) => boolean, why: string][] = [
  [(name) => name !== name.toLowerCase(), 'resource name should not contain capital letters'],
  [(name) => name === '*', "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources"],
  [
    (name) => ['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations'].includes(name),
    'resources which do not have REST API/s cannot be encrypted',
  ],
  [
    (name) => parts(name)[1] === 'events.k8s.io',
    "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file",
  ],
  [(name) => parts(name)[1] === 'extensions', "'extensions' group has been removed and cannot be used for encryption"],
  [
    (name) => parts(name)[1] === '*' && parts(name)[0] !== '*',
    'encrypting the same resource across groups is not supported',
  ],
];

function overlapping(resources: string[]): string[] {
  const wrong: string[] = [];
  if (new Set(resources).size < resources.length) wrong.push('the same resource cannot be specified multiple times');
  const masks = resources.some((one, i) =>
    resources.some((other, j) => {
      if (i === j || one === other) return false;
      if (one === '*.*') return true;
      return parts(one)[1] === parts(other)[1] && (parts(one)[0] === '*' || parts(other)[0] === '*');
    }),
  );
  if (masks)
    wrong.push(
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
    );
  return wrong;
}

const atLeastOne = (field: string, what = field): FieldError => required(field, `at least one ${what} is required`);

function keyErrors(keys: Partial<Key>[], field: string, sizes: readonly number[]): FieldError[] {
  if (keys.length === 0) return [atLeastOne(field, 'keys')];
  return keys.flatMap(({ name, secret }, i) => {
    const errors: FieldError[] = [];
    const at = `${field}[${i}]`;
    if (!name) errors.push(required(`${at}.name`, 'name is a mandatory field for a key'));
    if (!secret) return [...errors, required(`${at}.secret`, 'secret is a mandatory field for a key')];
    if (!BASE64.test(secret.trim()))
      return [...errors, invalid(`${at}.secret`, 'REDACTED', 'secrets must be base64 encoded')];
    const { length } = Buffer.from(secret, 'base64');
    if (!sizes.includes(length))
      errors.push(
        invalid(
          `${at}.secret`,
          'REDACTED',
          `secret is not of the expected length, got ${length}, expected one of [${sizes.join(' ')}]`,
        ),
      );
    return errors;
  });
}

/** A ProviderConfiguration of pointers as Go prints it, none of which is set. */
const EMPTY_PROVIDER = new GoSyntax(
  'apiserver.ProviderConfiguration{AESGCM:(*apiserver.AESConfiguration)(nil), AESCBC:(*apiserver.AESConfiguration)(nil), Secretbox:(*apiserver.SecretboxConfiguration)(nil), Identity:(*apiserver.IdentityConfiguration)(nil), KMS:(*apiserver.KMSConfiguration)(nil)}',
);

/** ValidateEncryptionConfiguration. */
function validate({ resources = [] }: Written): FieldError[] {
  if (resources.length === 0) return [atLeastOne('resources')];
  return resources.flatMap(({ resources: names = [], providers = [] }, i) => {
    const at = `resources[${i}]`;
    const errors = names.length === 0 ? [atLeastOne(`${at}.resources`)] : [];
    errors.push(...overlapping(names).map((why) => invalid(`${at}.resources`, names, why)));
    for (const [j, name] of names.entries()) {
      const broken = NAME_RULES.find(([refused]) => refused(name));
      if (broken) errors.push(invalid(`${at}.resources[${j}]`, name, broken[1]));
    }
    if (providers.length === 0) errors.push(atLeastOne(`${at}.providers`));
    for (const [j, provider] of providers.entries()) {
      const field = `${at}.providers[${j}]`;
      const [name = '', ...more] = Object.keys(provider);
      if (name === '') errors.push(invalid(field, EMPTY_PROVIDER, NO_PROVIDER));
      if (more.length > 0)
        errors.push(
          invalid(
            field,
            EMPTY_PROVIDER,
            'more than one provider specified in a single element, should split into different list elements',
          ),
        );
      const sizes = KEY_SIZES[name as Cipher];
      if (sizes) errors.push(...keyErrors(provider[name]?.keys ?? [], `${field}.${name}.keys`, sizes));
    }
    return errors;
  });
}

/** Fields that the configuration does not have: strict decoding refuses them. */
function unknownFields({ resources = [], ...rest }: Written): string[] {
  const of = (object: object, known: string[], at: string) =>
    Object.keys(object)
      .filter((name) => !known.includes(name))
      .map((name) => `unknown field ${JSON.stringify(at + name)}`);
  return [
    ...of(rest, FIELDS[''], ''),
    ...resources.flatMap((rule, i) => [
      ...of(rule, FIELDS.resources, `resources[${i}].`),
      ...(rule.providers ?? []).flatMap((provider, j) =>
        of(provider, FIELDS.providers, `resources[${i}].providers[${j}].`),
      ),
    ]),
  ];
}

function decode(text: string): Written {
  const written = readYaml(text) as Written | null;
  if (typeof written !== 'object' || written === null || Array.isArray(written))
    throw new Error("couldn't get version/kind; json parse error");
  if (!written.kind) throw new Error(`Object 'Kind' is missing in '${text}'`);
  if (!written.apiVersion) throw new Error(`Object 'apiVersion' is missing in '${text}'`);
  if (written.kind !== 'EncryptionConfiguration' || written.apiVersion !== 'apiserver.config.k8s.io/v1')
    throw new Error(
      `no kind ${JSON.stringify(written.kind)} is registered for version ${JSON.stringify(written.apiVersion)} in scheme "pkg/server/options/encryptionconfig/config.go"`,
    );
  const unknown = unknownFields(written);
  if (unknown.length > 0) throw new Error(`strict decoding error: ${unknown.join(', ')}`);
  return written;
}

/** Reads an EncryptionConfiguration (encryptionconfig.LoadEncryptionConfig); throws EncryptionError. `path`: where it stands. */
export function readEncryption(text: string, path: string): Rule[] {
  const failed = (why: string): never => {
    throw new EncryptionError(`error while parsing file: ${why}`);
  };
  const file = `encryption provider configuration file ${JSON.stringify(path)}`;
  if (text === '') failed(`${file} is empty`);
  let written: Written = {};
  try {
    written = decode(text);
  } catch (error) {
    failed(`error decoding ${file}: ${(error as Error).message}`);
  }
  const errors = validate(written);
  if (errors.length > 0) failed(aggregate(errors.map(errorText)));
  return written.resources!.map(({ resources, providers }) => ({
    resources: resources!,
    providers: providers!.map((provider): Provider => {
      const [name = ''] = Object.keys(provider);
      if (name === 'kms') throw new EncryptionError('error while building transformers: kubemu has no KMS plugins');
      return name === 'identity'
        ? { cipher: 'identity' }
        : { cipher: name as Cipher, keys: provider[name]!.keys as Key[] };
    }),
  }));
}
