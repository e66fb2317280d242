import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy, StrategyContext, UpdateCheck } from '../kinds/kind.ts';
import {
  pathSegmentName,
  subdomainName,
  validateFinalizerNames,
  validateMetaUpdate,
  validateObjectMeta,
} from '../kinds/shared/object-meta.ts';
import type { Resource } from '../schema/registry.ts';
import type { FieldError } from './field-errors.ts';

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
  return validateObjectMeta(object.metadata, resource.namespaced, nameRule, old?.metadata);
}

const OF_OBJECT: readonly UpdateCheck[] = ['object', 'metadata', 'changes'];
const OF_STATUS: readonly UpdateCheck[] = ['metadata', 'changes'];
const OF_SUBRESOURCE: readonly UpdateCheck[] = ['metadata', 'object', 'changes'];

/**
 * What an update's kind has against it, in the order in which the kind asks; `subresource` is empty for the object itself.
 * `ofMetadata`: what is wrong with its metadata.
 */
export function checkKind(
  strategy: KindStrategy,
  resource: Resource,
  subresource: string,
  [draft, old]: readonly [KubeObject, KubeObject],
  context: StrategyContext,
  ofMetadata: FieldError[] = validateMetaUpdate(draft.metadata, old.metadata),
): FieldError[] {
  const whole = subresource === '' || subresource === 'scale';
  const isStatus = subresource === 'status';
  const changes = whole
    ? strategy.validateUpdate
    : isStatus
      ? strategy.validateStatusUpdate
      : strategy.validateSubresource?.[subresource];
  const checks: Record<UpdateCheck, () => FieldError[]> = {
    metadata: () => [...ofMetadata, ...(strategy.ownFinalizers ? validateFinalizerNames(draft.metadata) : [])],
    object: () => validateObject(strategy, resource, draft, context, old),
    spec: () => strategy.validateSpec?.(draft, context, old) ?? [],
    changes: () => changes?.(draft, old, context) ?? [],
  };
  const order = whole
    ? (strategy.updateChecks ?? OF_OBJECT)
    : (strategy.subresourceChecks?.[subresource] ?? (isStatus ? OF_STATUS : OF_SUBRESOURCE));
  return order.flatMap((check) => checks[check]());
}

/** What is wrong with an update of any kind (rest.BeforeUpdate), and what its kind has against it. */
export function validateUpdate(
  strategy: KindStrategy,
  resource: Resource,
  subresource: string,
  [draft, old]: readonly [KubeObject, KubeObject],
  context: StrategyContext,
): FieldError[] {
  const ofMetadata = validateMetaUpdate(draft.metadata, old.metadata);
  return [
    ...validateObjectMeta(draft.metadata, resource.namespaced, pathSegmentName, old.metadata),
    ...ofMetadata,
    ...checkKind(strategy, resource, subresource, [draft, old], context, ofMetadata),
  ];
}
