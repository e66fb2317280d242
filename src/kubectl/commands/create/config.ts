import { isUtf8 } from 'node:buffer';
import { isConfigMapKey } from '../../../base/names.ts';
import type { Flag } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { contentHash } from '../../generate/content-hash.ts';
import { type AddKey, addEnvFiles, addFiles, addLiterals } from '../../generate/key-sources.ts';
import type { Printable } from '../../printers/print-flags.ts';
import { type Generator, type GeneratorInput, newMetadata } from './generator.ts';

const APPEND_HASH: Flag = { name: 'append-hash', type: 'bool', usage: 'Put a hash of the content behind the name.' };
const SOURCES: Flag[] = [
  {
    name: 'from-file',
    type: 'stringSlice',
    usage: 'A file whose name becomes the key, key=file to choose the key, or a folder of such files.',
  },
  { name: 'from-literal', type: 'stringArray', usage: 'A key and its value (as in mykey=somevalue).' },
  { name: 'from-env-file', type: 'stringSlice', usage: 'A file with lines of key=value pairs.' },
];

const base64 = (value: Uint8Array): string => Buffer.from(value).toString('base64');
const sorted = (map: Map<string, string>): Record<string, string> =>
  Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));

function refuseMixedSources({ flags }: GeneratorInput): void {
  const mixed =
    flags.strings('from-env-file').length &&
    (flags.strings('from-file').length || flags.strings('from-literal').length);
  if (mixed) throw new CommandError('from-env-file cannot be combined with from-file or from-literal');
}

export const configmap: Generator = {
  name: 'configmap',
  aliases: ['cm'],
  use: 'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a config map from a local file, directory or literal value',
  long: 'Create a config map from files, folders or literal values. A file becomes a key of its own name unless the flag names one.',
  examples:
    '  # One key from the command line, one from a file\n  kubectl create configmap app --from-literal=mode=prod --from-file=settings.ini',
  flags: [...SOURCES, APPEND_HASH],
  api: { prefix: '/api/v1', resource: 'configmaps' },
  failure: 'failed to create configmap: ',
  generate(input): Printable {
    const { name, namespace, flags, invocation } = input;
    refuseMixedSources(input);
    const data = new Map<string, string>();
    const binary = new Map<string, string>();
    const add: AddKey = (key, value) => {
      const errors = isConfigMapKey(key);
      if (errors.length)
        throw new CommandError(`${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${errors.join(',')}`);
      for (const [map, place] of [
        [data, 'Data'],
        [binary, 'BinaryData'],
      ] as const)
        if (map.has(key))
          throw new CommandError(
            `cannot add key ${JSON.stringify(key)}, another key by that name already exists in ${place} for ConfigMap ${JSON.stringify(name)}`,
          );
      if (isUtf8(value)) data.set(key, new TextDecoder('utf-8', { ignoreBOM: true }).decode(value));
      else binary.set(key, base64(value));
    };
    addFiles(flags.strings('from-file'), invocation.environment.host, add);
    addLiterals(flags.strings('from-literal'), add);
    addEnvFiles(flags.strings('from-env-file'), 'config', invocation.environment.host, add);
    const content = { ...(data.size && { data: sorted(data) }), ...(binary.size && { binaryData: sorted(binary) }) };
    const hash = () =>
      contentHash({ kind: 'ConfigMap', name, data: sorted(data), ...(binary.size && { binaryData: sorted(binary) }) });
    const fullName = flags.bool('append-hash') ? `${name}-${hash()}` : name;
    return { kind: 'ConfigMap', apiVersion: 'v1', metadata: newMetadata({ name: fullName, namespace }), ...content };
  },
};

/** A secret of a type with the keys that `fill` adds. */
function makeSecret({ name, namespace, flags }: GeneratorInput, type: string, fill: (add: AddKey) => void): Printable {
  const data = new Map<string, string>();
  fill((key, value) => {
    const errors = isConfigMapKey(key);
    if (errors.length)
      throw new CommandError(`${JSON.stringify(key)} is not valid key name for a Secret ${errors.join(';')}`);
    if (data.has(key)) throw new CommandError(`cannot add key ${key}, another key by that name already exists`);
    data.set(key, base64(value));
  });
  const fullName = flags.bool('append-hash')
    ? `${name}-${contentHash({ kind: 'Secret', type, name, data: sorted(data) })}`
    : name;
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: newMetadata({ name: fullName, namespace }),
    ...(data.size && { data: sorted(data) }),
    ...(type && { type }),
  };
}

const SECRET_API = { prefix: '/api/v1', resource: 'secrets' };
const FAILURE = 'failed to create secret ';

const generic: Generator = {
  name: 'generic',
  use: 'generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a secret from a local file, directory, or literal value',
  examples:
    '  # A user and a password\n  kubectl create secret generic login --from-literal=user=admin --from-literal=password=S3cret',
  flags: [...SOURCES, { name: 'type', type: 'string', usage: 'The type of secret to create' }, APPEND_HASH],
  api: SECRET_API,
  failure: FAILURE,
  generate(input) {
    const { flags, invocation } = input;
    refuseMixedSources(input);
    return makeSecret(input, flags.string('type'), (add) => {
      addLiterals(flags.strings('from-literal'), add);
      addFiles(flags.strings('from-file'), invocation.environment.host, add);
      addEnvFiles(flags.strings('from-env-file'), 'secret', invocation.environment.host, add);
    });
  },
};

const DOCKER_KEY = '.dockerconfigjson';

const dockerRegistry: Generator = {
  name: 'docker-registry',
  use: 'docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  short: 'Create a secret for use with a Docker registry',
  examples:
    '  # Credentials for a registry\n  kubectl create secret docker-registry pull --docker-server=reg.example.com --docker-username=me --docker-password=S3cret',
  flags: [
    { name: 'docker-username', type: 'string', usage: 'User name for the registry' },
    { name: 'docker-password', type: 'string', usage: 'Password for the registry' },
    { name: 'docker-email', type: 'string', usage: 'Email for the registry' },
    { name: 'docker-server', type: 'string', default: 'https://index.docker.io/v1/', usage: 'Address of the registry' },
    {
      name: 'from-file',
      type: 'stringSlice',
      usage: `A docker configuration file, under the key ${DOCKER_KEY} unless key=file names another.`,
    },
    APPEND_HASH,
  ],
  api: SECRET_API,
  failure: FAILURE,
  generate(input) {
    const { flags, invocation } = input;
    const files = flags
      .strings('from-file')
      .map((source) => (source.includes('=') ? source : `${DOCKER_KEY}=${source}`));
    const [username, password, server, email] = [
      'docker-username',
      'docker-password',
      'docker-server',
      'docker-email',
    ].map((f) => flags.string(f));
    if (!files.length && (!username || !password || !server))
      throw new CommandError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      );
    return makeSecret(input, 'kubernetes.io/dockerconfigjson', (add) => {
      if (files.length) return addFiles(files, invocation.environment.host, add);
      const auth = base64(Buffer.from(`${username}:${password}`));
      const entry = { username, password, ...(email && { email }), auth };
      add(DOCKER_KEY, Buffer.from(JSON.stringify({ auths: { [server!]: entry } })));
    });
  },
};

const tls: Generator = {
  name: 'tls',
  use: 'tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  short: 'Create a TLS secret',
  examples: '  # A certificate and its key\n  kubectl create secret tls site --cert=tls.crt --key=tls.key',
  flags: [
    { name: 'cert', type: 'string', usage: 'Path of the PEM encoded certificate.' },
    { name: 'key', type: 'string', usage: 'Path of the private key of the certificate.' },
    APPEND_HASH,
  ],
  api: SECRET_API,
  failure: FAILURE,
  async generate(input) {
    const { flags, invocation } = input;
    if (!flags.string('key') || !flags.string('cert')) throw new CommandError('key and cert must be specified');
    const read = (path: string) => {
      try {
        return invocation.environment.host.readBytes(path);
      } catch (error) {
        throw new CommandError(`Cannot read file ${path}, ${(error as Error).message}`);
      }
    };
    const [cert, key] = [read(flags.string('cert')), read(flags.string('key'))];
    const { checkKeyPair } = await import('./key-pair.ts');
    checkKeyPair(Buffer.from(cert).toString(), Buffer.from(key).toString());
    return makeSecret(input, 'kubernetes.io/tls', (add) => {
      add('tls.crt', cert);
      add('tls.key', key);
    });
  },
};

export const secrets: Generator[] = [dockerRegistry, tls, generic];
