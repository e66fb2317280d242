import { compareStrings } from '../../base/go-json.ts';
import { canonicalQuantity } from '../../base/quantity.ts';
import { formatMicroTime, formatTime, parseMicroTime, parseTime } from '../../base/time.ts';
import {
  type FieldInfo,
  type GoType,
  goType,
  type ScalarName,
  type SpecialName,
  type StructInfo,
} from '../schema/types.ts';

/** Why a body is no object of its type; `message` is what Go's decoder says. */
export class DecodeError extends Error {}

type Json = Record<string, unknown>;

/**
 * How a value is read: `plain` reads what is known to fit, and stops at the first thing that does not; `text` is encoding/json,
 * which goes on after a wrong type and meets members in the order of the text; `map` is the converter from maps, which reads what a
 * strategic merge patch has made.
 */
type Mode = 'plain' | 'text' | 'map';

const INTEGER_LIMITS = { int32: 2 ** 31, int64: 2 ** 63 } as const;
/** A time that Go would write again as it stands; days that not every month has are looked at. */
const CANONICAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const QUANTITY_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** What JSON calls a value, as json.UnmarshalTypeError prints it. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'number';
  return typeof value;
}

/** What Go calls the kind of a value that came as JSON. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return { boolean: 'bool', bigint: 'int64', object: 'map' }[typeof value as string] ?? typeof value;
}

/** The converter's words for a value that is none of the type's. */
function fromMapMessage(json: unknown, type: GoType): string {
  const found = goKind(json);
  switch (type.kind) {
    case 'struct':
      return `cannot restore struct from: ${found}`;
    case 'slice':
    case 'map':
      return `cannot restore ${type.kind} from ${found}`;
    case 'scalar': {
      if (type.scalar === 'bytes') return `cannot restore slice from ${found}`;
      // Go converts an integer to a string, and a number to another, were it not for JSON.
      const convertible = found === 'int64' ? type.scalar === 'string' : found === 'float64' && isInteger(type.scalar);
      return convertible ? `cannot convert ${found} to ${type.go}` : `unrecognized type: ${type.scalar}`;
    }
    default:
      return `json: cannot unmarshal ${jsonKind(json)} into Go value of type string`;
  }
}

/** What is stored knows no nil among the bytes of a map. */
export const isBytes = (type: GoType): boolean => type.kind === 'scalar' && type.scalar === 'bytes';

const isInteger = (scalar: ScalarName): scalar is 'int32' | 'int64' => scalar === 'int32' || scalar === 'int64';

/** Where Go's decoder of base64 stops: with padding, line breaks ignored; undefined when all is well. */
export function corruptBase64(text: string): number | undefined {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\n' || character === '\r') continue;
    if (/[A-Za-z0-9+/]/.test(character)) {
      digits++;
      continue;
    }
    if (character !== '=' || digits % 4 < 2) return at;
    const rest = text.slice(at + 1);
    const next = rest.search(/[^\r\n]/);
    if (digits % 4 === 3) return next < 0 ? undefined : at + 1 + next;
    if (next < 0) return text.length;
    if (rest[next] !== '=') return at + next;
    const trailing = rest.slice(next + 1).search(/[^\r\n]/);
    return trailing < 0 ? undefined : at + 2 + next + trailing;
  }
  return digits % 4 === 0 ? undefined : text.length - (digits % 4);
}

/**
 * Reads JSON as Go reads it into a struct and writes it again: fields in the struct's order, keys of maps sorted, empty values
 * left out unless the field is always written, times and quantities in their canonical form, unknown fields dropped.
 */
class Decoder {
  private readonly path: (string | number)[] = [];
  private struct = '';
  /** Paths of members that no field has, and of those whose value is kept as it is: nothing below them is looked at. */
  readonly unknown = new Set<string>();
  readonly opaque = new Set<string>();
  /** The first wrong type that encoding/json met, and went on. */
  saved?: DecodeError;

  constructor(
    private readonly mode: Mode,
    private readonly reportUnknown: boolean,
    /** The text was written by Go from a map. */
    private readonly sortedKeys = false,
    /** Whether any list and map that is given empty is there, not only those that are always written. */
    private readonly empties = false,
  ) {}

  /** The value as Go would write it again; undefined when it is Go's nil or the zero of a scalar. */
  value(type: GoType, json: unknown): unknown {
    if (json === null || json === undefined) return undefined;
    switch (type.kind) {
      case 'pointer':
        return this.pointer(type.elem, json);
      case 'struct':
        return this.object(type.struct, type, json);
      case 'slice':
        return this.slice(type, type.elem, json);
      case 'map':
        return this.map(type, type.elem, json);
      case 'special':
        return this.special(type.special, json);
      case 'scalar':
        return this.scalar(type.scalar, type, json);
    }
  }

  private pointer(elem: GoType, json: unknown): unknown {
    return this.value(elem, json) ?? this.zero(elem);
  }

  private object(struct: StructInfo, type: GoType, json: unknown): unknown {
    if (typeof json !== 'object' || Array.isArray(json)) return this.wrongType(json, type);
    const outer = this.struct;
    this.struct = struct.name.slice(struct.name.indexOf('.') + 1);
    const source = json as Json;
    if (this.reportUnknown) this.findUnknown(struct, source);
    const result: Json = {};
    for (const field of this.mode === 'text' ? this.givenFields(struct, source) : struct.fields) {
      const given = source[field.name];
      if (given === undefined || given === null) {
        this.writeZero(result, field);
        continue;
      }
      this.path.push(field.name);
      const value = this.value(field.type, given);
      this.path.pop();
      if (value !== undefined) result[field.name] = value;
      // What a client sends empty is there until it is stored.
      else if (this.keepsEmpty(field) && Array.isArray(given)) result[field.name] = [];
      else if (this.keepsEmpty(field) && field.type.kind === 'map') result[field.name] = {};
      else this.writeZero(result, field);
    }
    this.struct = outer;
    return result;
  }

  private keepsEmpty({ name, type, always = false }: FieldInfo): boolean {
    const isKept = always || this.empties || name === 'managedFields';
    return this.reportUnknown && isKept && (type.kind === 'slice' || type.kind === 'map');
  }

  /** What a client leaves out is not there, not even as null, until it is stored. */
  private writeZero(target: Json, field: FieldInfo): void {
    if (!writesZero(field)) return;
    const zero = this.zero(field.type);
    if (zero !== null || !this.reportUnknown) target[field.name] = zero;
  }

  private zero(type: GoType): unknown {
    if (type.kind !== 'struct' || !this.reportUnknown) return zeroOf(type);
    const result: Json = {};
    for (const field of type.struct.fields) this.writeZero(result, field);
    return result;
  }

  private givenFields(struct: StructInfo, source: Json): FieldInfo[] {
    return this.keysOf(source).flatMap((key) => struct.byName.get(key) ?? []);
  }

  private keysOf(source: Json): string[] {
    const keys = Object.keys(source);
    return this.sortedKeys ? keys.sort(compareStrings) : keys;
  }

  private findUnknown(struct: StructInfo, source: Json): void {
    for (const key of Object.keys(source)) if (!struct.byName.has(key)) this.unknown.add(this.pathOf(key));
  }

  private slice(type: GoType, elem: GoType, json: unknown): unknown {
    if (!Array.isArray(json)) return this.wrongType(json, type);
    if (json.length === 0) return undefined;
    return json.map((item: unknown, index) => {
      this.path.push(index);
      const value = this.value(elem, item) ?? this.zero(elem);
      this.path.pop();
      return value;
    });
  }

  private map(type: GoType, elem: GoType, json: unknown): unknown {
    if (typeof json !== 'object' || Array.isArray(json)) return this.wrongType(json, type);
    const keys = this.mode === 'text' ? this.keysOf(json as Json) : Object.keys(json as Json);
    if (keys.length === 0) return undefined;
    const result: Json = {};
    for (const key of keys.length > 1 && this.mode !== 'text' ? keys.sort(compareStrings) : keys) {
      this.path.push(`.${key}`);
      const value = this.value(elem, (json as Json)[key]) ?? (isBytes(elem) ? '' : this.zero(elem));
      this.path.pop();
      if (key === '__proto__') Object.defineProperty(result, key, { value, enumerable: true });
      else result[key] = value;
    }
    return result;
  }

  private scalar(scalar: ScalarName, type: GoType, json: unknown): unknown {
    switch (scalar) {
      case 'string':
        if (typeof json !== 'string') return this.wrongType(json, type);
        return json === '' ? undefined : json;
      case 'bool':
        if (typeof json !== 'boolean') return this.wrongType(json, type);
        return json || undefined;
      case 'bytes':
        return this.bytes(type, json);
      case 'float64':
        if (typeof json !== 'number') return this.wrongType(json, type);
        return json || undefined;
      default:
        return this.integer(scalar, type, json);
    }
  }

  private integer(scalar: 'int32' | 'int64', type: GoType, json: unknown): unknown {
    if (typeof json === 'bigint') {
      if (scalar === 'int32' || BigInt.asIntN(64, json) !== json) return this.wrongType(json, type, ` ${json}`);
      return json;
    }
    if (typeof json !== 'number') return this.wrongType(json, type);
    if (this.mode === 'map' && scalar === 'int32' && Number.isInteger(json)) return json | 0 || undefined;
    const limit = INTEGER_LIMITS[scalar];
    if (!Number.isInteger(json) || json >= limit || json < -limit) return this.wrongType(json, type, ` ${json}`);
    return json === 0 ? undefined : json;
  }

  private bytes(type: GoType, json: unknown): unknown {
    if (Array.isArray(json) && this.mode !== 'map') return this.listedBytes(json);
    if (typeof json !== 'string') return this.wrongType(json, type);
    const at = corruptBase64(json);
    if (at === undefined) return json.replace(/[\r\n]/g, '') || (this.empties ? '' : undefined);
    const message = `illegal base64 data at input byte ${at}`;
    return this.fail(new DecodeError(this.mode === 'map' ? `error decoding from json: ${message}` : message));
  }

  /** Bytes may also be listed one by one. */
  private listedBytes(json: unknown[]): string | undefined {
    for (const one of json) {
      const fits = typeof one === 'number' && Number.isInteger(one) && one >= 0 && one <= 255;
      if (!fits && one !== null) this.fail(this.within(one, 'uint8', typeof one === 'number' ? ` ${one}` : ''));
    }
    return Buffer.from(json.map(Number)).toString('base64') || undefined;
  }

  private special(special: SpecialName, json: unknown): unknown {
    switch (special) {
      case 'Time':
        return CANONICAL_TIME.test(json as string)
          ? json
          : formatTime(plainError(() => parseTime(this.plainString(json))));
      case 'MicroTime':
        return formatMicroTime(plainError(() => parseMicroTime(this.plainString(json))));
      case 'Duration':
        return this.plainString(json);
      case 'Quantity':
        if (typeof json !== 'string' && typeof json !== 'number') throw new DecodeError(QUANTITY_WRONG);
        return plainError(() => canonicalQuantity(String(json).trim()));
      case 'IntOrString':
        if (typeof json === 'string') return json;
        if (typeof json !== 'number' || !Number.isInteger(json) || json !== (json | 0))
          throw this.within(json, 'int32', typeof json === 'number' || typeof json === 'bigint' ? ` ${json}` : '');
        return json;
      case 'Raw':
        if (this.reportUnknown) this.opaque.add(this.pathOf());
        return json;
      case 'SchemaOrRaw': {
        const schema = goType('apiextensions/v1.JSONSchemaProps');
        if (Array.isArray(json))
          return json.map((item: unknown) => (typeof item === 'object' ? this.value(schema, item) : item));
        return typeof json === 'object' ? this.value(schema, json) : json;
      }
    }
  }

  private plainString(json: unknown): string {
    if (typeof json !== 'string') throw this.within(json, 'string');
    return json;
  }

  /** A value that is none of the type's. */
  private wrongType(json: unknown, type: GoType, literal = ''): undefined {
    return this.fail(
      this.mode === 'map' ? new DecodeError(fromMapMessage(json, type)) : this.within(json, type.go, literal),
    );
  }

  /** encoding/json remembers the first such failure, and reads on. */
  private fail(error: DecodeError): undefined {
    if (this.mode !== 'text') throw error;
    this.saved ??= error;
    return undefined;
  }

  /** json.UnmarshalTypeError, with the field where it happened. */
  private within(json: unknown, go: string, literal = ''): DecodeError {
    const fields = this.path.filter((part) => typeof part === 'string' && !part.startsWith('.'));
    const known = this.mode !== 'map' && fields.length > 0;
    const where = known ? `Go struct field ${this.struct}.${fields.join('.')}` : 'Go value';
    return new DecodeError(`json: cannot unmarshal ${jsonKind(json)}${literal} into ${where} of type ${go}`);
  }

  private pathOf(...more: string[]): string {
    let text = '';
    for (const part of [...this.path, ...more]) {
      if (typeof part === 'number') text += `[${part}]`;
      else {
        // The converter from maps does not note the keys of maps.
        const key = part.startsWith('.') ? part.slice(1) : part;
        if (this.mode === 'map' && key !== part) continue;
        text += text === '' ? key : `.${key}`;
      }
    }
    return text;
  }
}

function plainError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof DecodeError ? error : new DecodeError((error as Error).message);
  }
}

/** What a Go value of that type is before anything is set, as JSON. */
export function zeroOf(type: GoType): unknown {
  switch (type.kind) {
    case 'scalar':
      return { string: '', bool: false, int32: 0, int64: 0, float64: 0, bytes: null }[type.scalar];
    case 'struct': {
      const result: Json = {};
      for (const field of type.struct.fields) writeZero(result, field);
      return result;
    }
    case 'special':
      if (type.special === 'Quantity') return '0';
      if (type.special === 'IntOrString') return 0;
      return type.special === 'Duration' ? '0s' : null;
    default:
      return null;
  }
}

/** omitempty leaves out empty scalars, pointers, slices and maps, but never a struct. */
export const writesZero = ({ always, type }: FieldInfo): boolean =>
  always === true || type.kind === 'struct' || type.kind === 'special';

function writeZero(target: Json, field: FieldInfo): void {
  if (writesZero(field)) target[field.name] = zeroOf(field.type);
}

/** What strict decoding finds: paths of members that no field has, and of values of which nobody knows what they hold. */
export interface Findings {
  unknown: Set<string>;
  opaque: Set<string>;
}

/**
 * The same as a draft, in which nothing is null, and what strict decoding finds. `sortedKeys` says that the JSON is what Go makes
 * of a map, `empties` that lists and maps that are given empty are there.
 */
export function decodeStrict<T>(
  typeName: string,
  json: unknown,
  sortedKeys = false,
  empties = false,
): { object: T } & Findings {
  const decoder = new Decoder('plain', true, false, empties);
  const object = read<T>(decoder, typeName, json, sortedKeys);
  return { object, unknown: decoder.unknown, opaque: decoder.opaque };
}

/** What runtime.DefaultUnstructuredConverter makes of a map, and `unknown field "spec.foo"` for what no field has; throws DecodeError. */
export function decodeMap<T>(typeName: string, json: unknown): { object: T; unknown: string[] } {
  const type = goType(typeName);
  const decoder = new Decoder('map', true, false, true);
  const object = (decoder.value(type, json) ?? zeroOf(type)) as T;
  return { object, unknown: [...decoder.unknown].map(unknownField).sort(compareStrings) };
}

export const unknownField = (path: string): string => `unknown field ${JSON.stringify(path)}`;

function read<T>(decoder: Decoder, typeName: string, json: unknown, sortedKeys: boolean): T {
  const type = goType(typeName);
  try {
    return (decoder.value(type, json) ?? zeroOf(type)) as T;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // Which of several failures Go tells depends on the order of the text.
    return decodeText<T>(type, json, sortedKeys);
  }
}

/** What encoding/json makes of a text; throws the DecodeError that it meets first. `sortedKeys`: Go wrote the text from a map. */
export function decodeText<T>(type: GoType, json: unknown, sortedKeys: boolean): T {
  const decoder = new Decoder('text', false, sortedKeys);
  const value = decoder.value(type, json) ?? zeroOf(type);
  if (decoder.saved) throw decoder.saved;
  return value as T;
}
