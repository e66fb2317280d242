import { splitDocuments } from '../../base/yaml/documents.ts';
import { readYaml, yamlProblem } from '../../base/yaml/parse.ts';
import { CommandError } from '../errors.ts';

/** A flag by its long name, and what it is unless the command line says it. */
export interface FlagDefault {
  name: string;
  default: string;
}

/** Another name of a command, with arguments around those that are given. */
export interface Alias {
  name: string;
  command: string;
  prependArgs: string[];
  appendArgs: string[];
  flags: FlagDefault[];
}

/** What a kuberc says (config/v1alpha1.Preference). */
export interface Preference {
  overrides: { command: string; flags: FlagDefault[] }[];
  aliases: Alias[];
}

type Shape = 'string' | [Shape] | { [field: string]: Shape };
type Fields = Record<string, unknown>;

const FLAGS: Shape = [{ name: 'string', default: 'string' }];

const PREFERENCE: Shape = {
  apiVersion: 'string',
  kind: 'string',
  overrides: [{ command: 'string', flags: FLAGS }],
  aliases: [{ name: 'string', command: 'string', prependArgs: ['string'], appendArgs: ['string'], flags: FLAGS }],
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads values of a shape: null is the empty value, what has no place is noted, and what does not fit is thrown. */
class Reader {
  readonly unknown: string[] = [];

  constructor(private readonly inOrder: boolean) {}

  read(value: unknown, shape: Shape, path = ''): unknown {
    if (shape === 'string') {
      if (typeof (value ?? '') !== 'string') throw new Error(`${path} is no string`);
      return value ?? '';
    }
    if (Array.isArray(shape)) {
      const items: unknown = value ?? [];
      if (!Array.isArray(items)) throw new Error(`${path} is no list`);
      return items.map((item, index) => this.read(item, shape[0], `${path}[${index}]`));
    }
    const fields: unknown = value ?? {};
    if (!isFields(fields)) throw new Error(`${path} is no object`);
    return this.struct(fields, shape, path && `${path}.`);
  }

  private struct(fields: Fields, shape: { [field: string]: Shape }, prefix: string): Fields {
    const names = this.inOrder ? Object.keys(fields) : Object.keys(fields).sort();
    const read: Fields = {};
    for (const name of names) {
      const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (inner) read[name] = this.read(fields[name], inner, prefix + name);
      else this.unknown.push(`unknown field ${JSON.stringify(prefix + name)}`);
    }
    for (const [name, inner] of Object.entries(shape)) read[name] ??= this.read(undefined, inner);
    return read;
  }
}

/** A document as a Preference, and what strict reading has against it; undefined when it is none. */
function decode(document: string): { preference: Preference; problems: string[] } | undefined {
  const isJson = /^\s*\{/.test(document);
  const reader = new Reader(isJson);
  try {
    const value = readYaml(document);
    if (!isFields(value)) return undefined;
    if (value.apiVersion !== 'kubectl.config.k8s.io/v1alpha1' || value.kind !== 'Preference') return undefined;
    const preference = reader.read(value, PREFERENCE) as Preference;
    const twice = isJson ? undefined : yamlProblem(document, { strict: true });
    return { preference, problems: [...(twice === undefined ? [] : [twice]), ...reader.unknown] };
  } catch {
    return undefined;
  }
}

/**
 * The first Preference among a file's documents, with what strict decoding says of it; undefined for a file without documents.
 * Throws when none of them is one.
 */
export function decodePreference(
  text: string,
  file: string,
): { preference: Preference; problem: string | undefined } | undefined {
  let attempted = false;
  for (const document of splitDocuments(text)) {
    if (document.trim() === '') continue;
    attempted = true;
    const found = decode(document);
    if (!found) continue;
    const { preference, problems } = found;
    return {
      preference,
      problem: problems.length > 0 ? `strict decoding error: ${problems.join(', ')}` : undefined,
    };
  }
  if (attempted) throw new CommandError(`no valid preferences found in ${file}, use --v=5 to see details`);
  return undefined;
}

const ALIAS_NAME = /^[a-zA-Z]+$/;

/** Throws for aliases and flags whose names cannot be. */
export function validatePreference({ aliases, overrides }: Preference): void {
  const names = new Set<string>();
  const checkFlags = (flags: FlagDefault[]) => {
    const dashed = flags.find(({ name }) => name.startsWith('-'));
    if (dashed) throw new CommandError(`flag name ${dashed.name} should be in long form without dashes`);
  };
  for (const { name, flags } of aliases) {
    if (!ALIAS_NAME.test(name)) {
      throw new CommandError('invalid alias name, can only include alphabetical characters');
    }
    checkFlags(flags);
    if (names.has(name)) throw new CommandError(`duplicate alias name ${name}`);
    names.add(name);
  }
  for (const { flags } of overrides) checkFlags(flags);
}
