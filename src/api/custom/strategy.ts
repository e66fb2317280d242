import { goQuote, goType, goValue } from '../../base/go-quote.ts';
import { isQualifiedName } from '../../base/names.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy } from '../kinds/kind.ts';
import { subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { ALL_METADATA } from '../kinds/shared/strategy.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { ApiError } from '../request.ts';
import type { Resource } from '../schema/registry.ts';
import { embeddedErrors } from './embedded.ts';
import { listTypeErrors } from './list-types.ts';
import { judgeRules } from './rules.ts';
import { schemaAt, VALIDATIONS } from './schema.ts';
import { withDefaults, withoutNulls } from './structural.ts';
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

const MAX_INT32 = 2 ** 31 - 1;

/** The scale subresource reads its fields as numbers, and its selector as text. */
function scaleErrors(object: KubeObject, path: string | undefined, wanted: 'int64' | 'string' = 'int64'): FieldError[] {
  if (path === undefined) return [];
  const value = at(object, path);
  if (value === undefined || (wanted === 'string' && typeof value === 'string')) return [];
  if (wanted === 'int64' && typeof value === 'number' && Number.isInteger(value)) {
    if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
    return value > MAX_INT32 ? [invalid(path, value, `should be less than or equal to ${MAX_INT32}`)] : [];
  }
  const found = `${path} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${wanted}`;
  return [invalid(path, wanted === 'string' ? '' : 0, found)];
}

/** An object that is wrong in these ways is not judged by rules. */
const BLOCKING = new Set<FieldError['type']>([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Warnings about finalizers that are new and belong to no domain. */
function finalizerWarnings({ metadata }: KubeObject, old?: KubeObject): string[] {
  const added = (metadata.finalizers ?? []).filter((name) => !old?.metadata.finalizers?.includes(name)).sort();
  return added.flatMap((name) => {
    const at = `metadata.finalizers: ${goQuote(name)}: `;
    const wrong = isQualifiedName(name).map((message) => at + message);
    if (name.includes('/') || STANDARD_FINALIZERS.has(name)) return wrong;
    const path = name.includes('.') ? ' including a path (/)' : '';
    return [
      ...wrong,
      `${at}prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
    ];
  });
}

const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** The strategy of a custom resource: what its definition's schema says. */
export function customStrategy(resource: Resource): KindStrategy {
  const schema = resource.custom?.schema as JsonObject | undefined;
  const scale = resource.custom?.scale;
  const hasStatus = resource.subresources.has(STATUS);
  const hasRules = schema !== undefined && JSON.stringify(schema).includes(`"${VALIDATIONS}"`);
  /** What was as wrong before as it is now. */
  let ratcheted: string[] = [];

  const judge = (errors: FieldError[], object: KubeObject, old?: KubeObject): FieldError[] => {
    ratcheted = [];
    if (!hasRules) return errors;
    if (errors.some(({ type }) => BLOCKING.has(type))) return [...errors, invalid('<nil>', null, NOT_CHECKED)];
    const judgement = judgeRules(schema, object, old);
    ratcheted = judgement.warnings;
    return [...errors, ...judgement.errors];
  };
  const listErrors = (object: KubeObject, old?: KubeObject): FieldError[] => {
    const errors = schema ? listTypeErrors(schema, object) : [];
    return errors.length > 0 && old && listTypeErrors(schema!, old).length > 0 ? [] : errors;
  };
  const statusErrors = (object: KubeObject): FieldError[] => [
    ...scaleErrors(object, scale?.statusReplicasPath),
    ...scaleErrors(object, scale?.labelSelectorPath, 'string'),
  ];
  const validate = (object: KubeObject, old?: KubeObject): FieldError[] =>
    judge(
      [
        ...(old ? [] : validateObjectMeta(object.metadata, resource.namespaced, subdomainName)),
        ...(schema ? validateSchema(withoutMeta(schema), object, '', old) : []),
        ...scaleErrors(object, scale?.specReplicasPath),
        ...statusErrors(object),
        ...embeddedErrors(schema, object),
        ...listErrors(object, old),
      ],
      object,
      old,
    );
  const validateStatus = (object: KubeObject, old: KubeObject): FieldError[] => {
    const status = (object as unknown as JsonObject)[STATUS];
    const own = schema && schemaAt(schemaAt(schema, 'properties') ?? {}, STATUS);
    const before = (old as unknown as JsonObject)[STATUS];
    return judge(
      [
        ...(own && status !== undefined ? validateSchema(own, status, STATUS, before) : []),
        ...statusErrors(object),
        ...listErrors(object, old),
      ],
      object,
      old,
    );
  };
  return {
    resource: resource.name,
    updateChecks: ['metadata', 'object'],
    statusKeeps: ALL_METADATA,
    needsVersion: true,
    setDefaults(draft) {
      assign(draft, withDefaults(schema, withoutNulls(schema, draft)) as JsonObject);
    },
    allocate(_, old) {
      if (!old && resource.custom?.terminating)
        throw new ApiError(
          405,
          'MethodNotAllowed',
          'create not allowed while custom resource definition is terminating',
          {
            group: resource.group,
            kind: resource.plural,
          },
        );
      return [];
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
    validate: (object, _, old) => validate(object, old),
    validateStatusUpdate: (object, old) => validateStatus(object, old),
    warnings: (object, old) => [...finalizerWarnings(object, old), ...ratcheted],
  };
}

/** metadata is judged by its own rules. */
function withoutMeta(schema: JsonObject): JsonObject {
  const { metadata: _, ...properties } = (schema.properties ?? {}) as Record<string, JsonObject>;
  return { ...schema, properties };
}
