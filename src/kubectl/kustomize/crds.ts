import { parseGoJson } from '../../base/go-json-parse.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import { asError } from '../errors.ts';
import { emptyConfig, type FieldSpec, isMap, mergeConfig, type TransformerConfig } from './field-specs.ts';
import type { Loader } from './loader.ts';

interface Property {
  $ref?: string;
  [extension: `x-kubernetes-${string}`]: unknown;
}

/** OpenAPI definitions by type name, as `kube-openapi` writes them. */
type Definitions = Record<string, { Schema?: { properties?: Record<string, Property> } }>;

async function readDefinitions(text: string): Promise<Definitions> {
  const value: unknown = text.startsWith('{') ? parseGoJson(text) : await parseYaml(text);
  for (const definition of Object.values(value as object)) {
    if (isMap(definition)) continue;
    const kind = Array.isArray(definition) ? 'array' : typeof definition;
    const wrapped = text.startsWith('{') ? '' : 'error unmarshaling JSON: while decoding JSON: ';
    throw new Error(`${wrapped}json: cannot unmarshal ${kind} into Go value of type accumulator.OpenAPIDefinition`);
  }
  return value as Definitions;
}

const isType = (properties: Record<string, Property> = {}) =>
  ['kind', 'apiVersion', 'metadata'].every((name) => name in properties);

/** What a type's properties say of the fields of its kind, those of the types that it holds too. */
function configOf(definitions: Definitions, type: string, kind: string, path: string[]): Partial<TransformerConfig>[] {
  return Object.entries(definitions[type]?.Schema?.properties ?? {}).flatMap(([name, property]) => {
    const here = [...path, name];
    const spec = (...more: string[]): FieldSpec => ({ kind, path: [...here, ...more].join('/'), create: false });
    const version = property['x-kubernetes-object-ref-api-version'];
    const referred = property['x-kubernetes-object-ref-kind'];
    const key = property['x-kubernetes-object-ref-name-key'] ?? 'name';
    return [
      ...('x-kubernetes-annotation' in property ? [{ commonAnnotations: [spec()] }] : []),
      ...('x-kubernetes-label-selector' in property ? [{ commonLabels: [spec()] }] : []),
      ...('x-kubernetes-identity' in property ? [{ namePrefix: [spec()] }] : []),
      ...(version !== undefined && referred !== undefined
        ? [{ nameReference: [{ kind: String(referred), version: String(version), fieldSpecs: [spec(String(key))] }] }]
        : []),
      ...(property.$ref ? configOf(definitions, property.$ref, kind, here) : []),
    ];
  });
}

/** What `crds` add to what transformers change; throws what is wrong with a file. */
export async function configOfCrds(loader: Loader, paths: string[]): Promise<TransformerConfig> {
  let config = emptyConfig();
  try {
    for (const path of paths) {
      const text = loader.read(path);
      const definitions = await readDefinitions(text).catch((error: unknown) => {
        throw new Error(`unable to parse open API definition from '${path}': ${asError(error).message}`);
      });
      for (const [type, { Schema }] of Object.entries(definitions)) {
        if (!isType(Schema?.properties)) continue;
        for (const each of configOf(definitions, type, type.split('.').at(-1)!, [])) config = mergeConfig(config, each);
      }
    }
  } catch (error) {
    throw new Error(`loading CRDs [${paths.join(' ')}]: ${asError(error).message}`);
  }
  return config;
}
