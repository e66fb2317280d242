import { normalize } from '../../api/machinery/normalize.ts';
import { type JsonPatchOperation, jsonPatch } from '../../api/machinery/patch/json-patch.ts';
import type { JsonObject } from '../../api/machinery/patch/json-value.ts';
import { mergePatch } from '../../api/machinery/patch/merge-patch.ts';
import { patchSchema, strategicMergePatch } from '../../api/machinery/patch/strategic-merge.ts';
import { goType, typeNameOfKind } from '../../api/schema/types.ts';
import { parseGoJson } from '../../base/go-json-parse.ts';
import type { Flag, FlagValues } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Printable } from '../printers/print-flags.ts';

/** Flags of verbs whose generated object can be changed by hand (cmdutil.OverrideOptions). */
export const OVERRIDE_FLAGS: Flag[] = [
  {
    name: 'overrides',
    type: 'string',
    usage: 'JSON that overrides parts of the generated object. It must name its apiVersion.',
  },
  {
    name: 'override-type',
    type: 'string',
    default: 'merge',
    usage: 'How to override the generated object: json, merge, or strategic.',
  },
];

/** The object with --overrides applied; throws what kubectl says of an override that does not fit. */
export function applyOverrides(object: Printable, flags: FlagValues): Printable {
  const text = flags.string('overrides');
  if (!text) return object;
  const document = object as unknown as JsonObject;
  const typeName = typeNameOfKind(object.apiVersion ?? '', object.kind ?? '');
  switch (flags.string('override-type')) {
    case 'json':
      return typed(jsonPatch(document, operationsOf(text)));
    case 'strategic': {
      const patch = parsed(text) ?? null;
      if (parsed(text) === undefined || !(patch === null || isObject(patch)))
        throw new CommandError('invalid JSON document');
      return patch === null ? object : typed(strategicMergePatch(document, patch, patchSchema(typeName)));
    }
    case 'merge': {
      const patch = parsed(text);
      if (typeof patch !== 'object' || patch === null) throw new CommandError('Invalid JSON Patch');
      if (Array.isArray(patch))
        throw new CommandError(`couldn't get version/kind; json parse error: ${wrong('array', KIND_ONLY)}`);
      return typed(mergePatch(document, patch));
    }
    default:
      throw new CommandError(`invalid override type: ${flags.string('override-type')}`);
  }
}

/** The struct by which Go looks for an object's kind. */
const KIND_ONLY =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

const wrong = (found: string, type: string) => `json: cannot unmarshal ${found} into Go value of type ${type}`;
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

/** undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The operations of a JSON patch; what is none fails in Go's words. */
function operationsOf(text: string): JsonPatchOperation[] {
  let patch: unknown;
  try {
    patch = parseGoJson(text);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
  if (patch === null) return [];
  if (!Array.isArray(patch)) throw new CommandError(wrong(kindOf(patch), 'jsonpatch.Patch'));
  const odd = patch.find((each) => each !== null && !isObject(each));
  if (odd !== undefined) throw new CommandError(wrong(kindOf(odd), 'jsonpatch.Operation'));
  return patch as unknown as JsonPatchOperation[];
}

/** What kubectl makes of the result: an object of its kind, without what no field has. */
function typed(result: unknown): Printable {
  const { apiVersion, kind } = result as Printable;
  const typeName = typeNameOfKind(apiVersion ?? '', kind ?? '');
  if (!isKnownType(typeName))
    throw new CommandError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/kubectl/pkg/scheme/scheme.go:28"`,
    );
  try {
    return normalize<Printable>(typeName, result, 'none', true);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

function isKnownType(typeName: string): boolean {
  try {
    return goType(typeName).kind === 'struct';
  } catch {
    return false;
  }
}
