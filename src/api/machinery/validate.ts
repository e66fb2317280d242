import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy, StrategyContext } from '../kinds/kind.ts';
import { pathSegmentName, subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import type { Resource } from '../schema/registry.ts';
import { type FieldError, forbidden, invalid } from './field-errors.ts';
import { goStrings } from './invalid.ts';
import { equal } from './patch/json-value.ts';

/** Whose names need only be a part of a path: `system:node`, `v1.apps`. */
const PATH_SEGMENT_GROUPS = new Set(['rbac.authorization.k8s.io', 'apiregistration.k8s.io']);

/** What is wrong with a new object, by its kind's own rules. */
export function validateObject(
  strategy: KindStrategy,
  resource: Resource,
  object: KubeObject,
  context: StrategyContext,
  old?: KubeObject,
): FieldError[] {
  if (strategy.validate) return strategy.validate(object, context, old);
  const nameRule = PATH_SEGMENT_GROUPS.has(resource.group) ? pathSegmentName : subdomainName;
  return validateObjectMeta(object.metadata, resource.namespaced, nameRule);
}

const IMMUTABLE = 'field is immutable';

/** validation.ValidateObjectMetaUpdate: what no update of any kind may change. */
export function validateMetaUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const now = object.metadata;
  const before = old.metadata;
  if (before.deletionTimestamp) {
    const added = (now.finalizers ?? []).filter((one) => !before.finalizers?.includes(one)).sort();
    if (added.length > 0) {
      const list = goStrings(added).text;
      errors.push(
        forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
        ),
      );
    }
  }
  for (const field of [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const) {
    if (!equal(now[field] ?? undefined, before[field] ?? undefined))
      errors.push(invalid(`metadata.${field}`, now[field] ?? '', IMMUTABLE));
  }
  return errors;
}
