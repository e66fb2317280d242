import { documentVersion, type OpenApiSchema, openApiDocument } from './openapi.ts';
import type { PathItem } from './openapi-paths.ts';
import type { Registry } from './registry.ts';

/** An OpenAPI v2 document: all groups in one. */
export interface Swagger {
  swagger: '2.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  definitions: Record<string, OpenApiSchema>;
  securityDefinitions: object;
  security: object[];
}

const PREFIX = '#/components/schemas/';
/** Schemas that OpenAPI v2 cannot say: either of two types. */
const EITHER: Record<string, OpenApiSchema> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
};
/** What OpenAPI v2 has no words for, or what its documents leave out. */
const DROPPED = new Set(['default', 'nullable', 'oneOf', 'anyOf', 'not']);

/** A member of a schema: what is called like a word of OpenAPI among its properties is none. */
const memberOf = (key: string, value: unknown): unknown =>
  key === 'properties'
    ? Object.fromEntries(Object.entries(value as object).map(([name, inner]) => [name, schemaOf(inner)]))
    : schemaOf(value);

/** A schema of OpenAPI v3 in the words of v2: references stand alone. */
function schemaOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schemaOf);
  if (typeof value !== 'object' || value === null) return value;
  const { allOf, ...rest } = value as OpenApiSchema;
  const kept = Object.entries(rest)
    .filter(([key]) => !DROPPED.has(key))
    .map(([key, inner]) => [
      key,
      key === '$ref' ? String(inner).replace(PREFIX, '#/definitions/') : memberOf(key, inner),
    ]);
  const own = Object.fromEntries(kept) as OpenApiSchema;
  return allOf?.length === 1 ? { ...own, ...(schemaOf(allOf[0]) as OpenApiSchema) } : own;
}

interface Parameter {
  name: string;
  in: string;
  description?: string;
  required?: boolean;
  schema: OpenApiSchema;
}

interface Content {
  content?: Record<string, { schema: OpenApiSchema }>;
  description?: string;
  required?: boolean;
}

const parameterOf = ({ schema, ...rest }: Parameter) => ({ ...schema, ...rest });

const firstSchema = ({ content = {} }: Content): unknown => {
  const [first] = Object.values(content);
  return first && schemaOf(first.schema);
};

function operationOf(operation: Record<string, unknown>): Record<string, unknown> {
  const { parameters, requestBody, responses, ...rest } = operation as {
    parameters?: Parameter[];
    requestBody?: Content;
    responses: Record<string, Content>;
  };
  const body = requestBody && {
    in: 'body',
    name: 'body',
    ...(requestBody.required && { required: true }),
    schema: firstSchema(requestBody),
  };
  const answers = Object.entries(responses).map(([code, answer]) => {
    const schema = firstSchema(answer);
    return [code, { description: answer.description, ...(schema !== undefined && { schema }) }];
  });
  return {
    ...rest,
    consumes: Object.keys(requestBody?.content ?? { '*/*': {} }),
    produces: Object.keys(Object.values(responses)[0]?.content ?? {}),
    parameters: [...(body ? [body] : []), ...(parameters ?? []).map(parameterOf)],
    responses: Object.fromEntries(answers),
    schemes: ['https'],
  };
}

function itemOf(item: PathItem): PathItem {
  const { parameters = [], ...operations } = item as { parameters?: Parameter[] } & Record<string, unknown>;
  const own = Object.entries(operations).map(([method, one]) => [method, operationOf(one as Record<string, unknown>)]);
  return { ...Object.fromEntries(own), parameters: parameters.map(parameterOf) };
}

/** The OpenAPI v2 document of everything that is served. `version`: of the cluster. */
export function swaggerDocument(registry: Registry, version: string): Swagger {
  const paths: Swagger['paths'] = {};
  const definitions: Swagger['definitions'] = {};
  for (const { name, versions } of registry.data.groups)
    for (const one of versions) {
      const document = openApiDocument(registry, name, one)!;
      for (const [path, item] of Object.entries(document.paths)) paths[path] = itemOf(item);
      for (const [key, schema] of Object.entries(document.components.schemas)) {
        const { description } = schema;
        definitions[key] ??= EITHER[key]
          ? { ...(description && { description }), ...EITHER[key] }
          : (schemaOf(schema) as OpenApiSchema);
        // The same schema may be of a kind in one document only.
        const kinds = schema['x-kubernetes-group-version-kind'];
        if (kinds) definitions[key]['x-kubernetes-group-version-kind'] = kinds;
      }
    }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: documentVersion(version) },
    paths,
    definitions,
    securityDefinitions: {
      BearerToken: { type: 'apiKey', in: 'header', name: 'authorization', description: 'Bearer Token authentication' },
    },
    security: [{ BearerToken: [] }],
  };
}
