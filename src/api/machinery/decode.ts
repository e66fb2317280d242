import { compareStrings } from '../../base/go-json.ts';
import { canonicalQuantity } from '../../base/quantity.ts';
import { formatMicroTime, formatTime, parseTime } from '../../base/time.ts';
import {
  type FieldInfo,
  type GoType,
  goType,
  type ScalarName,
  type SpecialName,
  type StructInfo,
} from '../schema/types.ts';

/** Why a body is no object of its type; `message` is what Go's decoder says. */
export class DecodeError extends Error {
  constructor(
    message: string,
    /** What the converter from maps says, which reads strategic merge patches. */
    readonly fromMap = message,
  ) {
    super(message);
  }
}

/** What Go calls the kind of a value that came as JSON. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return { boolean: 'bool', bigint: 'int64', object: 'map' }[typeof value as string] ?? typeof value;
}

function fromMapMessage(json: unknown, type: GoType): string {
  switch (type.kind) {
    case 'struct':
      return `cannot restore struct from: ${goKind(json)}`;
    case 'slice':
    case 'map':
      return `cannot restore ${type.kind} from ${goKind(json)}`;
    case 'scalar':
      return type.scalar === 'bytes'
        ? `cannot restore slice from ${goKind(json)}`
        : `unrecognized type: ${type.scalar}`;
    default:
      return `unrecognized type: ${type.go}`;
  }
}

type Json = Record<string, unknown>;

const INTEGER_LIMITS = { int32: 2 ** 31, int64: 2 ** 63 } as const;
/** A time that Go would write again as it stands; days that not every month has are looked at. */
const CANONICAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** What JSON calls a value, as json.UnmarshalTypeError prints it. */
function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'number';
  return typeof value;
}

/**
 * Reads JSON as Go reads it into a struct and writes it again: fields in the struct's order, keys of maps sorted, empty values
 * left out unless the field is always written, times and quantities in their canonical form, unknown fields dropped.
 */
class Decoder {
  private readonly path: (string | number)[] = [];
  private struct = '';
  readonly unknown: string[] = [];

  constructor(private readonly reportUnknown: boolean) {}

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
    return this.value(elem, json) ?? zeroOf(elem);
  }

  private object(struct: StructInfo, type: GoType, json: unknown): unknown {
    if (typeof json !== 'object' || Array.isArray(json)) throw this.typeError(json, type);
    const outer = this.struct;
    this.struct = struct.name.slice(struct.name.indexOf('.') + 1);
    const source = json as Json;
    if (this.reportUnknown) this.findUnknown(struct, source);
    const result: Json = {};
    for (const field of struct.fields) {
      const given = source[field.name];
      if (given === undefined || given === null) {
        writeZero(result, field);
        continue;
      }
      this.path.push(field.name);
      const value = this.value(field.type, given);
      this.path.pop();
      if (value === undefined) writeZero(result, field);
      else result[field.name] = value;
    }
    this.struct = outer;
    return result;
  }

  private findUnknown(struct: StructInfo, source: Json): void {
    for (const key of Object.keys(source)) {
      if (!struct.byName.has(key)) this.unknown.push(`unknown field ${JSON.stringify(this.strictPath(key))}`);
    }
  }

  private slice(type: GoType, elem: GoType, json: unknown): unknown {
    if (!Array.isArray(json)) throw this.typeError(json, type);
    if (json.length === 0) return undefined;
    return json.map((item: unknown, index) => {
      this.path.push(index);
      const value = this.value(elem, item) ?? zeroOf(elem);
      this.path.pop();
      return value;
    });
  }

  private map(type: GoType, elem: GoType, json: unknown): unknown {
    if (typeof json !== 'object' || Array.isArray(json)) throw this.typeError(json, type);
    const keys = Object.keys(json as Json);
    if (keys.length === 0) return undefined;
    const result: Json = {};
    for (const key of keys.length > 1 ? keys.sort(compareStrings) : keys) {
      this.path.push(`.${key}`);
      result[key] = this.value(elem, (json as Json)[key]) ?? zeroOf(elem);
      this.path.pop();
    }
    return result;
  }

  private scalar(scalar: ScalarName, type: GoType, json: unknown): unknown {
    switch (scalar) {
      case 'string':
        if (typeof json !== 'string') throw this.typeError(json, type);
        return json === '' ? undefined : json;
      case 'bool':
        if (typeof json !== 'boolean') throw this.typeError(json, type);
        return json || undefined;
      case 'bytes':
        return this.bytes(type, json);
      case 'float64':
        if (typeof json !== 'number') throw this.typeError(json, type);
        return json || undefined;
      default:
        return this.integer(scalar, type, json);
    }
  }

  private integer(scalar: 'int32' | 'int64', type: GoType, json: unknown): unknown {
    if (typeof json === 'bigint') {
      if (scalar === 'int32' || BigInt.asIntN(64, json) !== json) throw this.typeError(json, type, ` ${json}`);
      return json;
    }
    if (typeof json !== 'number') throw this.typeError(json, type);
    const limit = INTEGER_LIMITS[scalar];
    if (!Number.isInteger(json) || json >= limit || json < -limit) throw this.typeError(json, type, ` ${json}`);
    return json === 0 ? undefined : json;
  }

  private bytes(type: GoType, json: unknown): unknown {
    if (typeof json !== 'string') throw this.typeError(json, type);
    const text = json.replace(/[\r\n]/g, '');
    if (!BASE64.test(text) || text.length % 4 !== 0) {
      const bad = text.search(/[^A-Za-z0-9+/]/);
      throw new DecodeError(`illegal base64 data at input byte ${bad < 0 ? text.length - (text.length % 4) : bad}`);
    }
    return text === '' ? undefined : text;
  }

  private special(special: SpecialName, json: unknown): unknown {
    switch (special) {
      case 'Time':
        return CANONICAL_TIME.test(json as string) ? json : formatTime(plainError(() => parseTime(plainString(json))));
      case 'MicroTime':
        return formatMicroTime(plainError(() => parseTime(plainString(json))));
      case 'Duration':
        return plainString(json);
      case 'Quantity':
        if (typeof json !== 'string' && typeof json !== 'number')
          throw new DecodeError(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
          );
        return plainError(() => canonicalQuantity(json));
      case 'IntOrString':
        if (typeof json === 'string') return json;
        if (typeof json !== 'number' || !Number.isInteger(json))
          throw new DecodeError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type int32`);
        return json;
      case 'Raw':
        return json;
      case 'SchemaOrRaw': {
        const schema = goType('apiextensions/v1.JSONSchemaProps');
        if (Array.isArray(json))
          return json.map((item: unknown) => (typeof item === 'object' ? this.value(schema, item) : item));
        return typeof json === 'object' ? this.value(schema, json) : json;
      }
    }
  }

  private typeError(json: unknown, type: GoType, literal = ''): DecodeError {
    const fields = this.path.filter((part) => typeof part === 'string' && !part.startsWith('.'));
    const where = fields.length > 0 ? `Go struct field ${this.struct}.${fields.join('.')}` : 'Go value';
    return new DecodeError(
      `json: cannot unmarshal ${jsonKind(json)}${literal} into ${where} of type ${type.go}`,
      fromMapMessage(json, type),
    );
  }

  private strictPath(key: string): string {
    let text = '';
    for (const part of [...this.path, key]) {
      if (typeof part === 'number') text += `[${part}]`;
      else if (part.startsWith('.')) text += part;
      else text += text === '' ? part : `.${part}`;
    }
    return text;
  }
}

function plainString(json: unknown): string {
  if (typeof json !== 'string')
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(json)} into Go value of type string`);
  return json;
}

function plainError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new DecodeError((error as Error).message);
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
function writeZero(target: Json, field: FieldInfo): void {
  if (field.always || field.type.kind === 'struct' || field.type.kind === 'special')
    target[field.name] = zeroOf(field.type);
}

/** The object as Go would write it after reading it into `typeName` (`core/v1.Pod`); throws DecodeError. */
export function normalize<T>(typeName: string, json: unknown): T {
  const type = goType(typeName);
  return (new Decoder(false).value(type, json) ?? zeroOf(type)) as T;
}

/** The same, and what strict decoding finds: `unknown field "spec.foo"`. */
export function decodeStrict<T>(typeName: string, json: unknown): { object: T; unknown: string[] } {
  const type = goType(typeName);
  const decoder = new Decoder(true);
  const object = (decoder.value(type, json) ?? zeroOf(type)) as T;
  return { object, unknown: decoder.unknown };
}
