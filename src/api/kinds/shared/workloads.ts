import type { LabelSelector, PodTemplateSpec } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { immutable, nonNegative } from './checks.ts';
import { goLabelSelector, goLabels } from './go-value.ts';
import { isEmptySelector, selects, validateLabelSelector } from './label-selector.ts';
import { validatePodTemplate } from './pod-spec.ts';

/**
 * A workload's selector, which must be there and select something, and what is wrong with its template. A selector that
 * cannot be read is told of once more, in the words of `unreadable`, instead of the template.
 */
export function validateSelected(
  selector: LabelSelector | undefined,
  kind: string,
  unreadable: string,
  validateTemplate: () => FieldError[],
): FieldError[] {
  const at = 'spec.selector';
  if (!selector) return [required(at), ...validateTemplate()];
  const wrong = validateLabelSelector(selector, at);
  const refuse = (detail: string) => invalid(at, goLabelSelector(selector), detail);
  return [
    ...wrong,
    ...(isEmptySelector(selector) ? [refuse(`empty selector is invalid for ${kind}`)] : []),
    ...(wrong.length > 0 ? [refuse(unreadable)] : validateTemplate()),
  ];
}

/** No selector selects nothing, an empty one is not compared. */
export function validateTemplateLabels(
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
): FieldError[] {
  const labels = template?.metadata?.labels;
  const fits = selector && (isEmptySelector(selector) || selects(selector, labels));
  return fits
    ? []
    : [invalid('spec.template.metadata.labels', goLabels(labels), '`selector` does not match template `labels`')];
}

/** What pods that are replaced for ever must be like. */
export function validateAlwaysRestarted(template: PodTemplateSpec | undefined, kind: string): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  return [
    ...(restartPolicy === 'Always'
      ? []
      : [notSupported('spec.template.spec.restartPolicy', restartPolicy ?? '', ['Always'])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

/** The selector and the template of what makes replicas (ValidatePodTemplateSpecForReplicaSet). */
export const validateReplicated = (
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] =>
  validateSelected(selector, 'deployment', 'invalid label selector', () => [
    ...validateTemplateLabels(template, selector),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRestarted(template, 'ReplicaSet'),
  ]);

interface Selecting {
  spec?: { selector?: LabelSelector };
}

/** The selector of apps/v1 workloads never changes. */
export const validateSameSelector = (object: Selecting, old: Selecting): FieldError[] =>
  immutable('spec.selector', object.spec?.selector, old.spec?.selector, goLabelSelector(object.spec?.selector));

/** Status counts are never negative, and those in `parts` no greater than `replicas`. */
export function validateCounts(
  status: unknown,
  fields: readonly string[],
  parts: readonly string[] = [],
  ready = 'readyReplicas',
): FieldError[] {
  const count = (field: string) => (status as Record<string, number | undefined> | undefined)?.[field] ?? 0;
  return [
    ...fields.flatMap((field) => nonNegative(`status.${field}`, count(field))),
    ...parts
      .filter((field) => count(field) > count('replicas'))
      .map((field) => invalid(`status.${field}`, count(field), 'cannot be greater than status.replicas')),
    ...(parts.includes('availableReplicas') && count('availableReplicas') > count('readyReplicas')
      ? [invalid('status.availableReplicas', count('availableReplicas'), `cannot be greater than ${ready}`)]
      : []),
  ];
}

interface Colliding {
  status?: { collisionCount?: number };
}

/** How often hashes of templates collided only ever grows. */
export function validateCollisions({ status }: Colliding, { status: old }: Colliding): FieldError[] {
  const count = status?.collisionCount;
  const decremented = old?.collisionCount !== undefined && (count ?? -1) < old.collisionCount;
  return decremented ? [invalid('status.collisionCount', count ?? 0, 'cannot be decremented')] : [];
}
