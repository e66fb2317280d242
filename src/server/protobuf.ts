import type { FieldInfo, GoType, ScalarName, SpecialName, StructInfo } from '../api/schema/types.ts';
import { structInfo, typeNameOf } from '../api/schema/types.ts';
import { formatMicroTime, formatTime } from '../base/time.ts';
import { type Value, WireReader } from './wire.ts';

type Json = Record<string, unknown>;

/** Four bytes before every protobuf body of the API (runtime/serializer/protobuf). */
const MAGIC = Buffer.from('k8s\0');

/** A body that is not what its content type says. */
export class ProtobufError extends Error {}

/**
 * The object in a protobuf body: the envelope runtime.Unknown, whose raw bytes are the object, laid out by the field numbers of
 * fixtures/schema. Throws ProtobufError.
 */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, 4).equals(MAGIC)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    const envelope = new Map(new WireReader(body.subarray(4)).fields());
    const typeMeta = new Map(new WireReader(envelope.get(1) as Buffer).fields());
    const [apiVersion = '', kind = ''] = [typeMeta.get(1), typeMeta.get(2)].map((value) => String(value ?? ''));
    return { kind, apiVersion, ...decodeStruct(envelope.get(2) as Buffer, structInfo(structOf(apiVersion, kind))) };
  } catch (error) {
    throw error instanceof ProtobufError ? error : new ProtobufError(`unable to decode: ${(error as Error).message}`);
  }
}

/** Kinds that every group has, and that are none's own. */
const OF_META = /^(Delete|Create|Update|Patch|List|Get)Options$/;

/** `apps/v1`, `Deployment` → `apps/v1.Deployment` */
function structOf(apiVersion: string, kind: string): string {
  if (OF_META.test(kind)) return `meta/v1.${kind}`;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return typeNameOf(group, version, kind);
}

function decodeStruct(bytes: Buffer, struct: StructInfo, inside: number[] = []): Json {
  const json: Json = {};
  for (const [number, value] of new WireReader(bytes).fields()) {
    const path = [...inside, number];
    if (struct.fields.some((field) => startsWith(field.inside, path))) {
      Object.assign(json, decodeStruct(value as Buffer, struct, path));
      continue;
    }
    const field = fieldOf(struct, inside, number);
    if (field) add(json, field, value);
  }
  return json;
}

const startsWith = (whole: number[] = [], start: number[]): boolean =>
  whole.length >= start.length && start.every((number, index) => whole[index] === number);

/** TypeMeta is never written: where its numbers are another field's as well, it is the other's. */
function fieldOf(struct: StructInfo, inside: number[], number: number): FieldInfo | undefined {
  const same = struct.fields.filter(
    (field) =>
      field.number === number &&
      (field.inside?.length ?? 0) === inside.length &&
      startsWith(inside, field.inside ?? []),
  );
  return same.find(({ name }) => same.length === 1 || (name !== 'kind' && name !== 'apiVersion'));
}

function add(json: Json, { name, type, always }: FieldInfo, value: Value): void {
  if (type.kind === 'slice') {
    const list = (json[name] as unknown[] | undefined) ?? [];
    json[name] = [...list, decode(type.elem, value)];
  } else if (type.kind === 'map') {
    const entry = new Map(new WireReader(value as Buffer).fields());
    const map = (json[name] as Json | undefined) ?? {};
    json[name] = { ...map, [String(entry.get(1) ?? '')]: decode(type.elem, entry.get(2) ?? Buffer.alloc(0)) };
  } else {
    const decoded = decode(type, value);
    // Go writes what is not a pointer even when it is empty; its JSON tag says whether it counts.
    const empty = decoded === '' || decoded === 0 || decoded === false || decoded === undefined;
    if (!empty || (decoded !== undefined && (always || type.kind === 'pointer'))) json[name] = decoded;
  }
}

const SCALARS: Record<ScalarName, (value: Value) => unknown> = {
  string: (value) => String(value),
  bool: (value) => value !== 0n,
  int32: (value) => Number(value),
  int64: (value) => Number(value),
  float64: (value) => (value as Buffer).readDoubleLE(0),
  bytes: (value) => (value as Buffer).toString('base64'),
};

function decode(type: GoType, value: Value): unknown {
  switch (type.kind) {
    case 'pointer':
      return decode(type.elem, value);
    case 'scalar':
      return SCALARS[type.scalar](value);
    case 'struct':
      return decodeStruct(value as Buffer, type.struct);
    case 'special':
      return SPECIAL[type.special](new Map(new WireReader(value as Buffer).fields()));
    default: {
      // A slice within a map is a message of its own (`items`).
      const items = new WireReader(value as Buffer).fields().map(([, item]) => item);
      return items.map((item) => decode(type.elem, item));
    }
  }
}

type Message = Map<number, Value>;

const millis = (message: Message): number | undefined =>
  message.size === 0 ? undefined : Number(message.get(1) ?? 0n) * 1000 + Number(message.get(2) ?? 0n) / 1e6;
const raw = (message: Message): unknown => (message.get(1) ? JSON.parse(String(message.get(1))) : undefined);

/** Types whose JSON is not that of their fields. */
const SPECIAL: Record<SpecialName, (message: Message) => unknown> = {
  Time: (message) => withTime(message, formatTime),
  MicroTime: (message) => withTime(message, formatMicroTime),
  Duration: (message) => `${Number(message.get(1) ?? 0n) / 1e9}s`,
  Quantity: (message) => String(message.get(1) ?? '0'),
  IntOrString: (message) => (message.get(1) === 1n ? String(message.get(3) ?? '') : Number(message.get(2) ?? 0n)),
  Raw: raw,
  SchemaOrRaw: () => {
    throw new ProtobufError('a schema in protobuf cannot be read; send it as application/json');
  },
};

function withTime(message: Message, format: (ms: number) => string): string | undefined {
  const time = millis(message);
  return time === undefined ? undefined : format(time);
}
