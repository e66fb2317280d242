import { compareStrings } from '../../base/go-json.ts';
import { canonicalQuantity } from '../../base/quantity.ts';
import { formatMicroTime, formatTime, parseMicroTime, parseTime } from '../../base/time.ts';
import { type FieldInfo, type GoType, goType, type ScalarName, type SpecialName } from '../schema/types.ts';
import { corruptBase64, decodeText, isBytes, writesZero, zeroOf } from './decode.ts';

type Json = Record<string, unknown>;

/** Whether parts that are settled are taken as they are, and whether what is read is settled from now on. */
export type Sharing = 'none' | 'reuse' | 'settle';

/**
 * How many levels of what is read are settled, from the object itself: those deeper are found by the ones around them, and
 * remembering each would cost more than it spares. Without any, settled parts are taken all the same, or not even that.
 */
const LEVELS: Record<Sharing, number> = { none: -1, reuse: 0, settle: 4 };

/** A value of one type as Go would write it again; undefined when it is Go's nil or the zero of a scalar. Throws Misfit. */
type Reader = (json: unknown, levels: number) => unknown;

/** A value that is none of its type: the decoder knows what Go says of it. */
class Misfit extends Error {}

/** A time that Go would write again as it stands; days that not every month has are looked at. */
const CANONICAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z$/;
const TIME_LENGTH = '2006-01-02T15:04:05Z'.length;
const INTEGER_LIMITS = { int32: 2 ** 31, int64: 2 ** 63 } as const;

/** Parts of stored objects, by the type that they are canonical values of: stored objects never change, so these stay so. */
const settledAs = new WeakMap<object, GoType>();

const readers = new Map<GoType, Reader>();

function readerOf(type: GoType): Reader {
  let reader = readers.get(type);
  if (!reader) {
    reader = makeReader(type);
    readers.set(type, reader);
  }
  return reader;
}

function makeReader(type: GoType): Reader {
  switch (type.kind) {
    case 'pointer': {
      const { elem } = type;
      const read = lazy(elem);
      return (json, levels) => read(json, levels) ?? zeroOf(elem);
    }
    case 'struct':
      return shared(type, structReader(type));
    case 'slice':
      return shared(type, sliceReader(type.elem));
    case 'map':
      return shared(type, mapReader(type.elem));
    case 'special':
      return specialReader(type.special);
    case 'scalar':
      return scalarReader(type.scalar);
  }
}

/** A type may be a part of itself: its reader is made when it is first needed. */
function lazy(type: GoType): Reader {
  let reader: Reader | undefined;
  return (json, levels) => {
    if (json === null || json === undefined) return undefined;
    reader ??= readerOf(type);
    return reader(json, levels);
  };
}

/** Takes settled values as they are, where that is wanted. */
const shared =
  (type: GoType, read: Reader): Reader =>
  (json, levels) => {
    if (typeof json !== 'object' || json === null) throw new Misfit();
    if (levels < 0) return read(json, levels);
    if (settledAs.get(json) === type) return json;
    if (levels === 0) return read(json, levels);
    const value = read(json, levels - 1);
    if (value !== undefined) settledAs.set(value as object, type);
    return value;
  };

/** A field in the order of its struct. */
interface Place {
  at: number;
  name: string;
  read: Reader;
  /** Written although nothing is given. */
  zero: (() => unknown) | undefined;
}

const zeroMaker = ({ type }: FieldInfo): (() => unknown) => {
  const zero = zeroOf(type);
  return typeof zero === 'object' && zero !== null ? () => zeroOf(type) : () => zero;
};

function structReader(type: GoType & { kind: 'struct' }): Reader {
  let places: Map<string, Place> | undefined;
  let always: Place[] = [];
  const load = (): Map<string, Place> => {
    const all = type.struct.fields.map((field, at): Place => {
      const { name } = field;
      return { at, name, read: readerOf(field.type), zero: writesZero(field) ? zeroMaker(field) : undefined };
    });
    always = all.filter(({ zero }) => zero);
    places = new Map(all.map((place) => [place.name, place]));
    return places;
  };
  return (json, levels) => {
    if (Array.isArray(json)) throw new Misfit();
    const source = json as Json;
    const result: Json = {};
    let next = 0;
    for (const { at, name, read, zero } of given(places ?? load(), source)) {
      for (; next < always.length && always[next]!.at <= at; next++)
        if (always[next]!.at < at) result[always[next]!.name] = always[next]!.zero!();
      const part = source[name];
      const value = part === null || part === undefined ? undefined : read(part, levels);
      if (value !== undefined) result[name] = value;
      else if (zero) result[name] = zero();
    }
    for (; next < always.length; next++) result[always[next]!.name] = always[next]!.zero!();
    return result;
  };
}

/** The fields that an object has, in the struct's order. */
function given(known: Map<string, Place>, source: Json): Place[] {
  const places: Place[] = [];
  let last = -1;
  let ordered = true;
  for (const key in source) {
    const place = known.get(key);
    if (!place) continue;
    places.push(place);
    if (place.at < last) ordered = false;
    last = place.at;
  }
  return ordered ? places : places.sort((a, b) => a.at - b.at);
}

function sliceReader(elem: GoType): Reader {
  const read = lazy(elem);
  return (json, levels) => {
    if (!Array.isArray(json)) throw new Misfit();
    if (json.length === 0) return undefined;
    return json.map((item: unknown) => read(item, levels) ?? zeroOf(elem));
  };
}

function mapReader(elem: GoType): Reader {
  const read = lazy(elem);
  return (json, levels) => {
    if (Array.isArray(json)) throw new Misfit();
    const keys = Object.keys(json as Json);
    if (keys.length === 0) return undefined;
    const result: Json = {};
    for (const key of keys.length > 1 ? keys.sort(compareStrings) : keys) {
      const value = read((json as Json)[key], levels) ?? (isBytes(elem) ? '' : zeroOf(elem));
      if (key === '__proto__') Object.defineProperty(result, key, { value, enumerable: true });
      else result[key] = value;
    }
    return result;
  };
}

function scalarReader(scalar: ScalarName): Reader {
  switch (scalar) {
    case 'string':
      return (json) => text(json) || undefined;
    case 'bool':
      return (json) => {
        if (typeof json !== 'boolean') throw new Misfit();
        return json || undefined;
      };
    case 'bytes':
      return (json) => {
        if (corruptBase64(text(json)) !== undefined) throw new Misfit();
        return text(json).replace(/[\r\n]/g, '') || undefined;
      };
    case 'float64':
      return (json) => {
        if (typeof json !== 'number') throw new Misfit();
        return json || undefined;
      };
    default: {
      const limit = INTEGER_LIMITS[scalar];
      return (json) => {
        if (typeof json === 'bigint' && scalar === 'int64' && BigInt.asIntN(64, json) === json) return json;
        if (typeof json !== 'number' || !Number.isInteger(json) || json >= limit || json < -limit) throw new Misfit();
        return json === 0 ? undefined : json;
      };
    }
  }
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw new Misfit();
  return json;
}

function specialReader(special: SpecialName): Reader {
  switch (special) {
    case 'Time':
      return (json) => {
        const time = text(json);
        return time.length === TIME_LENGTH && CANONICAL_TIME.test(time) ? time : formatTime(parseTime(time));
      };
    case 'MicroTime':
      return (json) => {
        const time = text(json);
        return time.length > TIME_LENGTH && CANONICAL_TIME.test(time) ? time : formatMicroTime(parseMicroTime(time));
      };
    case 'Duration':
      return text;
    case 'Quantity':
      return (json) => canonicalQuantity(typeof json === 'number' ? String(json) : text(json).trim());
    case 'IntOrString':
      return (json) => {
        if (typeof json !== 'string' && (typeof json !== 'number' || json !== (json | 0))) throw new Misfit();
        return json;
      };
    case 'Raw':
      return (json) => json;
    case 'SchemaOrRaw': {
      const schema = lazy(goType('apiextensions/v1.JSONSchemaProps'));
      return (json, levels) => {
        if (Array.isArray(json))
          return json.map((item: unknown) => (typeof item === 'object' ? schema(item, levels) : item));
        return typeof json === 'object' ? schema(json, levels) : json;
      };
    }
  }
}

/**
 * The object as Go would write it after reading it into `typeName` (`core/v1.Pod`): fields in the struct's order, keys of maps
 * sorted, empty values left out unless the field is always written, unknown fields dropped. Throws DecodeError. `sharing`: what
 * is canonical already is shared with other objects; `settle` for what is never changed from now on.
 */
export function normalize<T>(typeName: string, json: unknown, sharing: Sharing = 'none', sortedKeys = false): T {
  const type = goType(typeName);
  if (json === null || json === undefined) return zeroOf(type) as T;
  try {
    return (readerOf(type)(json, LEVELS[sharing]) ?? zeroOf(type)) as T;
  } catch {
    // Which of several failures Go tells depends on the order of the text.
    return decodeText<T>(type, json, sortedKeys);
  }
}
