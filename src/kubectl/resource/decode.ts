import { jsonKind } from '../../api/machinery/decode.ts';
import { normalize } from '../../api/machinery/normalize.ts';
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

function checkField(field: string, value: unknown, type: string, fits: boolean): void {
  if (value === undefined || value === null || fits) return;
  throw new Error(
    `json: cannot unmarshal ${jsonKind(value)} into Go struct field metadataOnlyObject.${field} of type ${type}`,
  );
}

/** A document as the object that it says it is; throws `unable to decode "x.yaml": …`. */
export function toObject(document: JsonValue, source: string): KubeObject {
  try {
    if (!isFields(document)) {
      throw new Error(`json: cannot unmarshal ${jsonKind(document)} into Go value of type unstructured.detector`);
    }
    const { kind, apiVersion, metadata } = document;
    const isVersion = typeof apiVersion !== 'string' || apiVersion.split('/').length < 3;
    if (typeof kind !== 'string' || kind === '' || !isVersion) {
      throw new Error(`Object 'Kind' is missing in '${goJson(document, { sortKeys: true })}'`);
    }
    checkField('apiVersion', apiVersion, 'string', typeof apiVersion === 'string');
    checkField('metadata', metadata, 'v1.ObjectMeta', isFields(metadata));
    // What metadata holds is read as it is typed, by every client.
    if (isFields(metadata)) normalize('meta/v1.PartialObjectMetadata', { metadata }, 'none', true);
    return { ...document, metadata: document.metadata ?? {} } as unknown as KubeObject;
  } catch (error) {
    throw new CommandError(`unable to decode ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
}
