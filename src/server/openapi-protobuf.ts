/** The form of OpenAPI v2 that kubectl asks for: gnostic's messages. */
export const OPENAPI_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** The same as an answer may say it: an @ has no place in a media type. */
export const OPENAPI_ANSWERED = OPENAPI_PROTOBUF.replace('@', '.');

/** A schema of OpenAPI v2, as far as Kubernetes uses them. */
interface Schema {
  [extension: `x-${string}`]: unknown;
  $ref?: string;
  format?: string;
  description?: string;
  required?: string[];
  additionalProperties?: Schema;
  type?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

export interface OpenApiV2 {
  swagger: string;
  info: { title: string; version: string };
  definitions: Record<string, Schema>;
}

/** A number in protobuf's variable length. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

/** A field of bytes: a text or a message. */
function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const message = (...fields: (Buffer | false | undefined | '')[]): Buffer =>
  Buffer.concat(fields.filter((one): one is Buffer => one instanceof Buffer));

const named = (name: string, value: Buffer): Buffer => message(field(1, name), field(2, value));

// The numbers are those of OpenAPIv2.proto.

function schemaOf(schema: Schema): Buffer {
  const { $ref, format, description, required = [], additionalProperties, type, items, properties } = schema;
  const extensions = Object.entries(schema).filter(([name]) => name.startsWith('x-'));
  return message(
    $ref && field(1, $ref),
    format && field(2, format),
    description && field(4, description),
    ...required.map((name) => field(19, name)),
    additionalProperties && field(21, field(1, schemaOf(additionalProperties))),
    type && field(22, field(1, type)),
    items && field(23, field(1, schemaOf(items))),
    properties && field(25, schemasOf(properties)),
    // JSON is YAML.
    ...extensions.map(([name, value]) => field(31, named(name, field(2, JSON.stringify(value))))),
  );
}

const schemasOf = (schemas: Record<string, Schema>): Buffer =>
  message(...Object.entries(schemas).map(([name, schema]) => field(1, named(name, schemaOf(schema)))));

/** The document in gnostic's messages: what kinds look like; of paths nobody asks who asks for this form. */
export const encodeOpenApi = ({ swagger, info, definitions }: OpenApiV2): Buffer =>
  message(
    field(1, swagger),
    field(2, message(field(1, info.title), field(2, info.version))),
    field(8, Buffer.alloc(0)),
    field(9, schemasOf(definitions)),
  );
