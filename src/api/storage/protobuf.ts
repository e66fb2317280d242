import type { KubeObject } from '../../types/objects.ts';
import {
  type FieldInfo,
  type GoType,
  type SpecialName,
  type StructInfo,
  structInfo,
  typeNameOf,
} from '../schema/types.ts';

type Json = Record<string, unknown>;

const BYTES = 2;
const DOUBLE = 1;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const tag = (number: number, wireType: number): Buffer => varint(BigInt((number << 3) | wireType));

/** A field whose value is bytes. */
function message(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(number, BYTES), varint(BigInt(bytes.length)), bytes]);
}

const integer = (number: number, value: bigint): Buffer => Buffer.concat([tag(number, 0), varint(value)]);

/** The embedded message that a field stands in, or the field itself. */
const placeOf = ({ number, inside }: FieldInfo, depth: number): number => inside?.[depth] ?? number;

/** The fields of a struct in the order of their numbers; those of an embedded one are a message of its own. */
function struct(object: Json, fields: FieldInfo[], depth = 0): Buffer {
  const numbers = [...new Set(fields.map((field) => placeOf(field, depth)))].sort((a, b) => a - b);
  const pieces = numbers.map((number) => {
    const same = fields.filter((field) => placeOf(field, depth) === number);
    const embedded = same.filter(({ inside = [] }) => inside.length > depth);
    if (embedded.length > 0) return message(number, struct(object, embedded, depth + 1));
    // TypeMeta is never written: where its numbers are another field's as well, it is the other's.
    const field =
      same.find(({ name }) => name !== 'kind' && name !== 'apiVersion') ?? (isTypeMeta(same) ? undefined : same[0]);
    return field ? encode(field.number, field.type, object[field.name]) : Buffer.alloc(0);
  });
  return Buffer.concat(pieces);
}

const isTypeMeta = (fields: FieldInfo[]): boolean =>
  fields.every(({ type, always }) => type.kind === 'scalar' && !always);

const NOTHING = Buffer.alloc(0);

/** One field; what is no pointer, list or map is written even when it is empty. */
function encode(number: number, type: GoType, value: unknown): Buffer {
  switch (type.kind) {
    case 'pointer':
      return value === undefined || value === null ? NOTHING : encode(number, type.elem, value);
    case 'slice':
      return Buffer.concat(((value ?? []) as unknown[]).map((item) => encode(number, type.elem, item)));
    case 'map': {
      const entries = Object.entries((value ?? {}) as Json).sort(([a], [b]) => (a < b ? -1 : 1));
      return Buffer.concat(
        entries.map(([key, item]) =>
          message(number, Buffer.concat([message(1, Buffer.from(key)), entry(type.elem, item)])),
        ),
      );
    }
    case 'struct':
      return message(number, struct((value ?? {}) as Json, type.struct.fields));
    case 'special':
      return message(number, SPECIAL[type.special](value));
    default:
      return scalar(number, type.scalar, value);
  }
}

/** A slice within a map is a message of its own (`items`). */
const entry = (type: GoType, value: unknown): Buffer =>
  type.kind === 'slice' ? message(2, encode(1, type, value)) : encode(2, type, value);

function scalar(number: number, name: string, value: unknown): Buffer {
  if (name === 'bytes') return value === undefined ? NOTHING : message(number, Buffer.from(String(value), 'base64'));
  if (name === 'string') return message(number, Buffer.from(String(value ?? '')));
  if (name === 'bool') return integer(number, value === true ? 1n : 0n);
  if (name === 'float64') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value ?? 0));
    return Buffer.concat([tag(number, DOUBLE), bytes]);
  }
  return integer(number, BigInt(Math.trunc(Number(value ?? 0))));
}

/** Seconds and nanoseconds of a time; nothing for none. */
function time(value: unknown): Buffer {
  if (typeof value !== 'string') return NOTHING;
  const ms = Date.parse(value);
  const fraction = Number((/\.(\d+)/.exec(value)?.[1] ?? '').padEnd(9, '0'));
  return Buffer.concat([integer(1, BigInt(Math.floor(ms / 1000))), integer(2, BigInt(fraction))]);
}

const json = (value: unknown): Buffer =>
  value === undefined ? NOTHING : message(1, Buffer.from(JSON.stringify(value)));

/** Types whose bytes are not those of their JSON's fields. */
const SPECIAL: Record<SpecialName, (value: unknown) => Buffer> = {
  Time: time,
  MicroTime: time,
  Duration: (value) => integer(1, BigInt(Math.round(Number.parseFloat(String(value ?? '0')) * 1e9))),
  Quantity: (value) => message(1, Buffer.from(String(value ?? '0'))),
  IntOrString: (value) =>
    Buffer.concat([
      integer(1, typeof value === 'string' ? 1n : 0n),
      integer(2, typeof value === 'number' ? BigInt(value) : 0n),
      message(3, Buffer.from(typeof value === 'string' ? value : '')),
    ]),
  Raw: json,
  SchemaOrRaw: json,
};

/** `apps/v1`, `Deployment` → what fixtures/schema knows of it; undefined for kinds that it does not have. */
function structOf(apiVersion: string, kind: string): StructInfo | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  try {
    const info = structInfo(typeNameOf(group, version, kind));
    return info.fields.length > 0 ? info : undefined;
  } catch {
    // Custom resources have no Go type: they are stored as JSON.
    return undefined;
  }
}

/** An object as API servers write it to etcd: `k8s`, its type and its fields in protobuf; custom resources are JSON. */
export function stored(object: KubeObject): Buffer {
  const { apiVersion, kind, metadata, ...rest } = object;
  // Neither is kept with the object: etcd's own revision is its version.
  const { resourceVersion: _, selfLink: __, ...kept } = metadata;
  const info = structOf(apiVersion ?? '', kind ?? '');
  if (!info) return Buffer.from(`${JSON.stringify({ apiVersion, kind, metadata: kept, ...rest })}\n`);
  const typeMeta = Buffer.concat([message(1, Buffer.from(apiVersion!)), message(2, Buffer.from(kind!))]);
  const raw = struct({ metadata: kept, ...rest }, info.fields);
  const empty = Buffer.concat([message(3, NOTHING), message(4, NOTHING)]);
  return Buffer.concat([Buffer.from('k8s\0'), message(1, typeMeta), message(2, raw), empty]);
}
