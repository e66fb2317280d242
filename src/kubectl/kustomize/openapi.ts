import type { PatchSchema } from '../../api/machinery/patch/strategic-merge.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { isMap } from './field-specs.ts';
import { type Gvk, parseApiVersion } from './identity.ts';
import type { Loader } from './loader.ts';
import type { Manifest } from './resource.ts';

/** The schema that kustomize has built in. */
const BUILT_IN = 'v1.21.2';

interface Definition {
  $ref?: string;
  items?: Definition;
  additionalProperties?: Definition;
  properties?: Record<string, Definition>;
  'x-kubernetes-group-version-kind'?: Gvk[];
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
}

/** How the kinds merge that a kustomization's own schema knows; undefined for all others. */
export type OwnSchema = (object: Manifest) => PatchSchema | undefined;

function schemaOf(all: Record<string, Definition>, given: Definition | undefined): PatchSchema | undefined {
  const definition = given?.$ref ? all[given.$ref.split('/').at(-1)!] : given;
  if (definition?.items) return schemaOf(all, definition.items);
  const { properties, additionalProperties } = definition ?? {};
  if (!properties && !additionalProperties) return undefined;
  return {
    field(name) {
      const field =
        properties?.[name] ?? (isMap(additionalProperties) ? (additionalProperties as Definition) : undefined);
      return {
        strategies: field?.['x-kubernetes-patch-strategy']?.split(',') ?? [],
        mergeKey: field?.['x-kubernetes-patch-merge-key'] ?? '',
        schema: schemaOf(all, field),
      };
    },
  };
}

/** What `openapi` names; throws what is wrong with it. */
export async function readOpenApi(loader: Loader, field: Record<string, string> = {}): Promise<OwnSchema | undefined> {
  const { path, version } = field;
  const text = path === undefined ? undefined : loader.read(path);
  if (text === undefined) {
    if (version && version !== BUILT_IN) throw new Error('the specified OpenAPI version is not built in');
    return undefined;
  }
  if (version !== undefined) throw new Error('builtin version and custom schema provided, cannot use both');
  const read = await parseYaml(text).catch((error: unknown) => {
    throw new Error(`invalid schema file: ${asError(error).message}`);
  });
  const definitions = isMap(read) ? read.definitions : undefined;
  if (!isMap(definitions)) throw new Error('invalid schema file: there are no definitions');
  const all = definitions as Record<string, Definition>;
  return ({ apiVersion, kind }) => {
    const { group, version: own } = parseApiVersion(apiVersion);
    const found = Object.values(all).find((definition) =>
      definition['x-kubernetes-group-version-kind']?.some(
        (each) => (each.group ?? '') === group && each.version === own && each.kind === kind,
      ),
    );
    return schemaOf(all, found);
  };
}
