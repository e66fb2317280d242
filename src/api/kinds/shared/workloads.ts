import type { LabelSelector, PodTemplateSpec } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { immutable, nonNegative } from './checks.ts';
import { goLabelSelector, goLabels } from './go-value.ts';
import { isEmptySelector, selects, validateLabelSelector } from './label-selector.ts';
import { validatePodTemplate } from './pod-spec.ts';

/** A workload's selector: it must be there and select something. */
export function validateSelector(selector: LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (isEmptySelector(selector))
    errors.push(invalid('spec.selector', goLabelSelector(selector), `empty selector is invalid for ${kind}`));
  return errors;
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

/** ValidatePodTemplateSpecForReplicaSet */
export const validateReplicaTemplate = (
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
): FieldError[] => [
  ...validateTemplateLabels(template, selector),
  ...validatePodTemplate(template, 'spec.template'),
  ...validateAlwaysRestarted(template, 'ReplicaSet'),
];

interface Selecting {
  spec?: { selector?: LabelSelector };
}

/** The selector of apps/v1 workloads never changes. */
export const validateSameSelector = (object: Selecting, old: Selecting): FieldError[] =>
  immutable('spec.selector', object.spec?.selector, old.spec?.selector, goLabelSelector(object.spec?.selector));

/** Status counts are never negative, and those in `parts` no greater than `replicas`. */
export function validateCounts(
  status: Record<string, unknown> | undefined,
  fields: readonly string[],
  parts: readonly string[] = [],
): FieldError[] {
  const count = (field: string) => (status?.[field] as number | undefined) ?? 0;
  return [
    ...fields.flatMap((field) => nonNegative(`status.${field}`, count(field))),
    ...parts
      .filter((field) => count(field) > count('replicas'))
      .map((field) => invalid(`status.${field}`, count(field), 'cannot be greater than status.replicas')),
    ...(parts.includes('availableReplicas') && count('availableReplicas') > count('readyReplicas')
      ? [invalid('status.availableReplicas', count('availableReplicas'), 'cannot be greater than readyReplicas')]
      : []),
  ];
}
