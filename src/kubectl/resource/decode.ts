import { goJson, type JsonValue } from '../../base/go-json.ts';
import { decodeDocuments } from '../../base/yaml/documents.ts';
import type { KubeObject } from '../../types/objects.ts';
import { CommandError } from '../errors.ts';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A file's documents that hold something, in order; throws `error parsing x.yaml: …` where the text goes wrong. */
export async function* documents(text: string, source: string): AsyncGenerator<JsonValue> {
  try {
    for await (const document of decodeDocuments(text)) if (document !== null) yield document;
  } catch (error) {
    throw new CommandError(`error parsing ${source}: ${(error as Error).message}`);
  }
}

/** The one document of a YAML or JSON text. */
export async function parseManifest(text: string): Promise<JsonValue> {
  for await (const document of decodeDocuments(text)) return document;
  return null;
}

/** What the client itself validates before the server does: that an object says what it is. */
export function validateData(document: unknown, source: string): void {
  const problems = isFields(document)
    ? (['apiVersion', 'kind'] as const).flatMap((field) => typeProblem(field, document[field]))
    : ['invalid object to validate'];
  if (problems.length === 0) return;
  const text = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`;
  throw new CommandError(
    `error validating ${JSON.stringify(source)}: error validating data: ${text}; if you choose to ignore these errors, turn validation off with --validate=false`,
  );
}

function typeProblem(field: string, value: unknown): string[] {
  if (value === undefined || value === null) return [`${field} not set`];
  return typeof value === 'string' ? [] : [`${field} isn't string type`];
}

/** Go types of the metadata fields that every client decodes. */
const METADATA_TYPES: Record<string, string> = {
  name: 'string',
  generateName: 'string',
  namespace: 'string',
  uid: 'types.UID',
  resourceVersion: 'string',
};

const goKind = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'string'
        ? 'string'
        : isFields(value)
          ? 'object'
          : 'number';

const mismatch = (value: unknown, field: string, type: string) =>
  new Error(
    `json: cannot unmarshal ${goKind(value)} into Go struct field ObjectMeta.metadata.${field} of type ${type}`,
  );

/** Throws Go's message when metadata has values of the wrong type. */
function checkMetadata(metadata: unknown): void {
  if (!isFields(metadata)) return;
  for (const [field, type] of Object.entries(METADATA_TYPES)) {
    const value = metadata[field];
    if (value !== undefined && value !== null && typeof value !== 'string') throw mismatch(value, field, type);
  }
  for (const field of ['labels', 'annotations']) {
    const map = metadata[field];
    if (map === undefined || map === null) continue;
    if (!isFields(map)) throw mismatch(map, field, 'map[string]string');
    for (const value of Object.values(map))
      if (typeof value !== 'string' && value !== null) throw mismatch(value, field, 'string');
  }
}

function checkField(field: string, value: unknown, type: string, fits: boolean): void {
  if (value === undefined || value === null || fits) return;
  throw new Error(
    `json: cannot unmarshal ${goKind(value)} into Go struct field metadataOnlyObject.${field} of type ${type}`,
  );
}

/** A document as the object that it says it is; throws `unable to decode "x.yaml": …`. */
export function toObject(document: JsonValue, source: string): KubeObject {
  try {
    if (!isFields(document)) {
      throw new Error(`json: cannot unmarshal ${goKind(document)} into Go value of type unstructured.detector`);
    }
    const { kind, apiVersion, metadata } = document;
    const isVersion = typeof apiVersion !== 'string' || apiVersion.split('/').length < 3;
    if (typeof kind !== 'string' || kind === '' || !isVersion) {
      throw new Error(`Object 'Kind' is missing in '${goJson(document, { sortKeys: true })}'`);
    }
    checkField('apiVersion', apiVersion, 'string', typeof apiVersion === 'string');
    checkField('metadata', metadata, 'v1.ObjectMeta', isFields(metadata));
    checkMetadata(document.metadata);
    return { ...document, metadata: document.metadata ?? {} } as unknown as KubeObject;
  } catch (error) {
    throw new CommandError(`unable to decode ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
}
