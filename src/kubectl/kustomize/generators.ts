import { basename } from 'node:path';
import { asError } from '../errors.ts';
import type { GeneratorArgs, GeneratorOptions } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { type Behavior, type Manifest, Resource } from './resource.ts';

type Pair = [key: string, value: Uint8Array];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** In lines of 70 characters, when longer than one. */
function base64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('base64');
  return text.length < 70 ? text : text.replace(/.{1,70}/g, '$&\n');
}

function envPairs(loader: Loader, file: string): Pair[] {
  const lines = loader
    .read(file)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/);
  return lines
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [key = '', value = ''] = line.split(/=(.*)/s);
      return [key, encode(value)];
    });
}

const unquote = (text: string) => (/^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text);

function literalPair(source: string): Pair {
  const at = source.indexOf('=');
  if (at <= 0) throw new Error(`invalid literal source ${source}, expected key=value`);
  return [source.slice(0, at), encode(unquote(source.slice(at + 1)))];
}

function filePair(loader: Loader, source: string): Pair {
  const parts = source.split('=');
  const [key = '', path = ''] = parts;
  const quoted = JSON.stringify(source);
  if (parts.length === 1) return [basename(source), loader.readBytes(source)];
  if (parts.length > 2) throw new Error(`source ${quoted} key name or file path contains '='`);
  if (key === '') throw new Error(`missing key name for file path ${JSON.stringify(path)} in source ${quoted}`);
  if (path === '') throw new Error(`missing file path for key name ${JSON.stringify(key)} in source ${quoted}`);
  return [key, loader.readBytes(path)];
}

/** What all sources of one kind give; failures are told with the sources. */
function collect(sources: string[] = [], what: string, read: (source: string) => Pair[]): Pair[] {
  try {
    return sources.flatMap(read);
  } catch (error) {
    throw new Error(`loading KV pairs: ${what} [${sources.join(' ')}]: ${asError(error).message}`);
  }
}

function readPairs(loader: Loader, args: GeneratorArgs): Map<string, Uint8Array> {
  const pairs = [
    ...collect(args.envs, 'env source files:', (file) => envPairs(loader, file)),
    ...collect(args.literals, 'literal sources', (source) => [literalPair(source)]),
    ...collect(args.files, 'file sources:', (source) => [filePair(loader, source)]),
  ];
  const known = new Map<string, Uint8Array>();
  for (const [key, value] of pairs) {
    if (known.has(key)) throw new Error(`configmap ${args.name} illegally repeats the key \`${key}\``);
    known.set(key, value);
  }
  return known;
}

const mergeOptions = (own: GeneratorOptions = {}, common: GeneratorOptions = {}): GeneratorOptions => ({
  labels: { ...common.labels, ...own.labels },
  annotations: { ...common.annotations, ...own.annotations },
  disableNameSuffixHash: own.disableNameSuffixHash || common.disableNameSuffixHash,
  immutable: own.immutable || common.immutable,
});

const isText = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes));

const BEHAVIORS: Record<string, Behavior> = { create: 'create', replace: 'replace', merge: 'merge' };

/** The ConfigMap or Secret that a generator makes. */
export function generate(
  kind: 'ConfigMap' | 'Secret',
  loader: Loader,
  args: GeneratorArgs,
  common?: GeneratorOptions,
): Resource {
  if (!args.name) throw new Error('a configmap must have a name');
  const pairs = readPairs(loader, args);
  const object: Manifest = { apiVersion: 'v1', kind, metadata: { name: args.name } };
  if (args.namespace) object.metadata!.namespace = args.namespace;
  if (kind === 'Secret') object.type = args.type || 'Opaque';
  for (const [key, value] of pairs) {
    const field = kind === 'Secret' || isText(value) ? 'data' : 'binaryData';
    const plain = kind === 'ConfigMap' && field === 'data';
    object[field] = { ...(object[field] as object), [key]: plain ? Buffer.from(value).toString() : base64(value) };
  }
  const options = mergeOptions(args.options, common);
  if (Object.keys(options.labels!).length > 0) object.metadata!.labels = options.labels;
  if (Object.keys(options.annotations!).length > 0) object.metadata!.annotations = options.annotations;
  if (options.immutable) object.immutable = true;
  const resource = new Resource(object);
  resource.needsHash = !options.disableNameSuffixHash;
  resource.behavior = BEHAVIORS[args.behavior ?? ''] ?? 'unspecified';
  return resource;
}
