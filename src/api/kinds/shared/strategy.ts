import type { KubeObject, PodTemplateSpec } from '../../../types/objects.ts';
import type { FieldError } from '../../machinery/field-errors.ts';
import { equal } from '../../machinery/patch/json-value.ts';
import type { KindStrategy } from '../kind.ts';
import { same } from './checks.ts';
import { dropDisabledTemplateFields } from './disabled-fields.ts';
import { type NameRule, subdomainName, validateFinalizerNames, validateObjectMeta } from './object-meta.ts';

/** A strategy as a kind writes it: what all kinds have in common is added by `withMetadata`. */
export interface KindRules<T extends KubeObject = KubeObject> extends KindStrategy<T> {
  clusterScoped?: boolean;
  /** What names may be; DNS subdomains unless said. */
  nameRule?: NameRule;
  /** When a new object's metadata is looked at: before everything else unless said, after it, or only if nothing else is wrong. */
  asksMetadata?: 'last' | 'otherwise';
}

/** Groups and kinds whose finalizers need no domain: they ask apimachinery alone. */
const ANY_FINALIZER =
  /^(?:events|.*\.(?:admissionregistration\.k8s\.io|apiregistration\.k8s\.io|coordination\.k8s\.io|node\.k8s\.io|policy))$/;

/** Puts the checks of metadata in front of a kind's own. */
export function withMetadata<T extends KubeObject>(rules: KindRules<T>): KindRules<T> {
  const { nameRule = subdomainName, asksMetadata, validate, ...rest } = rules;
  const ownFinalizers = !ANY_FINALIZER.test(rules.resource);
  return {
    ...rest,
    ownFinalizers,
    validateSpec: validate,
    validate: (object, context, old): FieldError[] => {
      const own = old && sharesAll(object, old) ? [] : (validate?.(object, context, old) ?? []);
      if (asksMetadata === 'otherwise' && own.length > 0) return own;
      const metadata = [
        ...validateObjectMeta(object.metadata, !rules.clusterScoped, nameRule, old?.metadata),
        ...(ownFinalizers ? validateFinalizerNames(object.metadata) : []),
      ];
      return asksMetadata ? [...own, ...metadata] : [...metadata, ...own];
    },
  };
}

/** Whether all that a kind's validation looks at is the stored object's own, which was asked then: a write of finalizers, owners. */
function sharesAll({ metadata, ...object }: KubeObject, old: KubeObject): boolean {
  if (metadata.labels !== old.metadata.labels || metadata.annotations !== old.metadata.annotations) return false;
  return Object.entries(object).every(([field, value]) => value === (old as unknown as Record<string, unknown>)[field]);
}

type Counted = KubeObject & { spec?: unknown };
type Hooks = Pick<KindStrategy, 'prepareForCreate' | 'prepareForUpdate'>;

/** metadata.generation counts what changes in these fields. */
export function countGeneration(
  draft: KubeObject,
  old: KubeObject,
  fields: readonly string[],
  alike: (now: unknown, before: unknown) => boolean = same,
): void {
  const [now, before] = [draft, old] as unknown as Record<string, unknown>[];
  const changed = fields.some((field) => !alike(now![field], before![field]));
  const generation = (old.metadata.generation ?? 0) + (changed ? 1 : 0);
  if (generation > 0) draft.metadata.generation = generation;
  else delete draft.metadata.generation;
}

/** Kinds without a status whose generation counts changes of `fields`. */
export const generationOf = (...fields: string[]): Hooks => ({
  prepareForCreate: (draft) => {
    draft.metadata.generation = 1;
  },
  prepareForUpdate: (draft, old) => countGeneration(draft, old, fields),
});

const plain = (value: unknown): unknown =>
  value === undefined ? value : (JSON.parse(JSON.stringify(value)) as unknown);

/** The same where an empty list is not an absent one (reflect.DeepEqual). */
export const strictGenerationOf = (...fields: string[]): Hooks => ({
  ...generationOf(...fields),
  prepareForUpdate: (draft, old) =>
    countGeneration(draft, old, fields, (now, before) => equal(plain(now), plain(before))),
});

/** Templates of pods lose what this version keeps switched off, before anything else is prepared. */
export const withTemplate = <T extends KubeObject>(
  hooks: Hooks,
  templateOf: (object: T) => PodTemplateSpec | undefined,
): Pick<KindStrategy<T>, 'prepareForCreate' | 'prepareForUpdate'> => ({
  prepareForCreate: (draft, context) => {
    dropDisabledTemplateFields(templateOf(draft));
    hooks.prepareForCreate?.(draft, context);
  },
  prepareForUpdate: (draft, old, context) => {
    dropDisabledTemplateFields(templateOf(draft));
    hooks.prepareForUpdate?.(draft, old, context);
  },
});

/**
 * Kinds whose status starts as `empty` and is changed through its subresource alone. Their generation counts
 * changes of the spec, unless they have none.
 */
export function withStatus(empty: () => unknown, generation: 'counted' | 'none' = 'counted'): Hooks {
  return {
    prepareForCreate: (draft: Counted & { status?: unknown }) => {
      draft.status = empty();
      if (generation === 'counted') draft.metadata.generation = 1;
    },
    prepareForUpdate: (draft: Counted & { status?: unknown }, old: Counted & { status?: unknown }) => {
      draft.status = old.status;
      if (generation === 'counted') countGeneration(draft, old, ['spec']);
    },
  };
}

/** metav1.ResetObjectMetaForStatus: what an update of the status leaves alone where the kind asks for that. */
export const USERS_METADATA = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** Where an update of the status leaves all metadata alone. */
export const ALL_METADATA = [...USERS_METADATA, 'deletionGracePeriodSeconds'] as const;

/** Reset fields of those updates of a status. */
export const SPEC_AND_METADATA = { status: { 'f:spec': {}, 'f:metadata': {} } };
