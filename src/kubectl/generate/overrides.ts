import { normalize } from '../../api/machinery/normalize.ts';
import { type JsonPatchOperation, jsonPatch } from '../../api/machinery/patch/json-patch.ts';
import type { JsonObject } from '../../api/machinery/patch/json-value.ts';
import { mergePatch } from '../../api/machinery/patch/merge-patch.ts';
import { patchSchema, strategicMergePatch } from '../../api/machinery/patch/strategic-merge.ts';
import { goType, typeNameOfKind } from '../../api/schema/types.ts';
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
export async function applyOverrides(object: Printable, flags: FlagValues): Promise<Printable> {
  const text = flags.string('overrides');
  if (!text) return object;
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch {
    const { parseYaml } = await import('../../base/yaml/parse.ts');
    patch = await parseYaml(text).catch(() => {
      throw new CommandError('Invalid JSON Patch');
    });
  }
  const document = object as unknown as JsonObject;
  const typeName = typeNameOfKind(object.apiVersion ?? '', object.kind ?? '');
  switch (flags.string('override-type')) {
    case 'json':
      return typed(jsonPatch(document, patch as JsonPatchOperation[]));
    case 'strategic':
      return typed(strategicMergePatch(document, patch as JsonObject, patchSchema(typeName)));
    case 'merge':
      return typed(mergePatch(document, patch));
    default:
      throw new CommandError(`invalid override type: ${flags.string('override-type')}`);
  }
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
