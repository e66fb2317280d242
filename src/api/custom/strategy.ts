import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy } from '../kinds/kind.ts';
import { subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import type { Resource } from '../schema/registry.ts';
import { withDefaults } from './structural.ts';
import { validateSchema } from './validate-schema.ts';

const STATUS = 'status';

/** What of an object counts for its generation: everything but metadata and, where it has its own door, status. */
const contentOf = (object: KubeObject, hasStatus: boolean): JsonObject => {
  const { metadata: _, status, ...rest } = object as unknown as JsonObject;
  return hasStatus ? rest : { ...rest, status };
};

const assign = (draft: KubeObject, source: JsonObject): void => {
  for (const key of Object.keys(draft)) if (!Object.hasOwn(source, key)) delete (draft as unknown as JsonObject)[key];
  Object.assign(draft, source);
};

const at = (object: unknown, path: string): unknown =>
  path
    .split('.')
    .filter(Boolean)
    .reduce((value: unknown, key) => (isObject(value) ? value[key] : undefined), object);

/** The scale subresource reads its fields as numbers. */
function scaleErrors(object: KubeObject, path: string | undefined): FieldError[] {
  if (path === undefined) return [];
  const value = at(object, path);
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) {
    return typeof value === 'number' && value < 0 ? [invalid(path, value, 'should be a non-negative integer')] : [];
  }
  const printed = typeof value === 'string' ? value : JSON.stringify(value);
  return [invalid(path, 0, `${path} accessor error: ${printed} is of the type ${typeof value}, expected int64`)];
}

/** The strategy of a custom resource: what its definition's schema says. */
export function customStrategy(resource: Resource): KindStrategy {
  const schema = resource.custom?.schema as JsonObject | undefined;
  const hasStatus = resource.subresources.has(STATUS);
  const validate = (object: KubeObject): FieldError[] => [
    ...validateObjectMeta(object.metadata, resource.namespaced, subdomainName),
    ...(schema ? validateSchema(withoutMeta(schema), object, '') : []),
    ...scaleErrors(object, resource.custom?.scale?.specReplicasPath),
  ];
  return {
    resource: resource.name,
    setDefaults(draft) {
      assign(draft, withDefaults(schema, draft) as JsonObject);
    },
    prepareForCreate(draft) {
      if (hasStatus) delete (draft as unknown as JsonObject)[STATUS];
      draft.metadata = { ...draft.metadata, generation: 1 };
    },
    prepareForUpdate(draft, old) {
      if (hasStatus) {
        const before = (old as unknown as JsonObject)[STATUS];
        if (before === undefined) delete (draft as unknown as JsonObject)[STATUS];
        else Object.assign(draft, { status: before });
      }
      const changed = !equal(contentOf(draft, hasStatus), contentOf(old, hasStatus));
      const generation = old.metadata.generation ?? 1;
      draft.metadata = { ...draft.metadata, generation: changed ? generation + 1 : generation };
    },
    validate: (object) => validate(object),
    validateStatusUpdate: (object) => (schema ? validateSchema(withoutMeta(schema), object, '') : []),
  };
}

/** metadata is judged by its own rules. */
function withoutMeta(schema: JsonObject): JsonObject {
  const { metadata: _, ...properties } = (schema.properties ?? {}) as Record<string, JsonObject>;
  return { ...schema, properties };
}
