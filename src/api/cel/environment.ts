import { Environment, Optional } from '@marcbachmann/cel-js';
import { type Declarations, declare, STANDARD } from './declarations.ts';
import { authorization } from './library/authorizer.ts';
import type { CelFunction, Library } from './library/library.ts';
import { lists, sets } from './library/lists.ts';
import { namedFormats } from './library/named-formats.ts';
import { networks } from './library/network.ts';
import { quantities } from './library/quantity.ts';
import { KNOWN_STRINGS, replacements, strings } from './library/strings.ts';
import { urls } from './library/url.ts';
import { registerMacros } from './macros.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
} from './types.ts';
import { celEqual } from './values.ts';

/** Kubernetes' CEL of 1.33, as new expressions see it: the library's environment, and what the checker knows. */
export interface CelEnvironment {
  runtime: Environment;
  functions: Declarations;
  /** Of the functions that are not cel-go's own. */
  extensions: ReadonlySet<string>;
  /** The names of types. */
  variables: ReadonlyMap<string, CelType>;
}

/** 0, '', false, null, and what is empty. */
const isZero = (value: unknown): boolean =>
  !value || (typeof value === 'object' && Object.keys(value).length === 0 && !(value instanceof Date));

export const optional = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value));

const libraries = (): Library[] => [
  strings,
  lists,
  sets,
  quantities,
  networks,
  urls,
  namedFormats(optional),
  authorization,
]; // prettier-ignore

/** A type as the library names it, as far as it must tell overloads apart. */
function erased(type: string): string {
  if (/^[A-Z]$/.test(type)) return 'dyn';
  if (type === 'timestamp') return 'google.protobuf.Timestamp';
  if (type === 'duration') return 'google.protobuf.Duration';
  return type.replace(/<.*$/, '');
}

const SIGNATURE = /^(?:(\w+):)?(?:(.+)\.)?(\w+)\((.*)\): .+$/;

/** Tells the library of functions. What a call gives is left open: the checker has checked it. */
function register(runtime: Environment, functions: CelFunction[]): void {
  const known = new Set<string>();
  for (const [signatures, handler] of functions) {
    for (const signature of [signatures].flat()) {
      const [, space, receiver, name, list = ''] = SIGNATURE.exec(signature)!;
      const parameters = list === '' ? [] : list.split(/, (?![^<]*>)/).map(erased);
      const target = space ? namespace(space) : receiver && erased(receiver);
      const text = `${target ? `${target}.` : ''}${name}(${parameters.join(', ')}): dyn`;
      if (known.has(text)) continue;
      known.add(text);
      const call = handler as (...args: unknown[]) => unknown;
      runtime.registerFunction(text, space ? (_: unknown, ...args: unknown[]) => call(...args) : call, {
        async: false,
      });
    }
  }
}

const namespace = (space: string): string => `k8s.${space}`;

/** A name before a dot, for functions like `sets.contains`. */
function registerNamespaces(runtime: Environment, functions: CelFunction[]): void {
  const spaces = new Set(
    functions.flatMap(([signatures]) => [signatures].flat()).flatMap((text) => /^(\w+):/.exec(text)?.[1] ?? []),
  );
  for (const space of spaces) {
    const Space = class {};
    runtime.registerType(namespace(space), Space);
    runtime.registerConstant(space, namespace(space), new Space());
  }
}

const TYPE_NAMES: [string, CelType][] = [
  ['bool', BOOL],
  ['bytes', BYTES],
  ['double', DOUBLE],
  ['int', INT],
  ['uint', UINT],
  ['string', STRING],
  ['null_type', NULL],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['type', typeOf(DYN)],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
]; // prettier-ignore

/** Builds the environment; expensive, to be kept. */
export function createEnvironment(): CelEnvironment {
  const runtime = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    unlistedVariablesAreDyn: true,
  });
  const all = libraries();
  for (const { types } of all)
    for (const [name, type] of Object.entries(types ?? {})) runtime.registerType(name, type as new () => object);
  const own = all.flatMap(({ functions }) => functions);
  registerNamespaces(runtime, own);
  register(runtime, [...own, ...replacements]);
  for (const name of all.flatMap(({ types }) => Object.keys(types ?? {})))
    runtime.registerOperator(`${name} == ${name}`, celEqual);
  runtime.registerFunction(
    'OptionalNamespace.ofNonZeroValue(dyn): dyn',
    (_: unknown, value: unknown) => optional(isZero(value) ? undefined : value),
    { async: false },
  );
  registerMacros(runtime);
  const functions: Declarations = new Map();
  declare(functions, STANDARD());
  declare(functions, KNOWN_STRINGS);
  for (const [signatures] of own) declare(functions, [signatures].flat());
  const declared = [...KNOWN_STRINGS, ...own.flatMap(([signatures]) => signatures)];
  const extensions = new Set(declared.flatMap((text) => /^[^:(]*?(\w+)\(/.exec(text)?.[1] ?? []));
  return { runtime, functions, extensions, variables: new Map(TYPE_NAMES.map(([name, type]) => [name, typeOf(type)])) };
}
