import { isPathSegmentName } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { HorizontalPodAutoscaler } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, invalidEach, label1123 } from '../shared/checks.ts';
import { goQuantity } from '../shared/go-value.ts';
import { validateContainerResourceName } from '../shared/resources.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];

const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];
const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** A text that stands in a path: a kind, a name. */
const pathSegment = (value: string | undefined, at: string, missing = ''): FieldError[] =>
  value ? invalidEach(at, value, isPathSegmentName(value)) : [required(at, missing)];

/** ValidateCrossVersionObjectReference */
export const validateReference = (
  reference: { kind?: string; name?: string } | undefined,
  path: string,
): FieldError[] => [...pathSegment(reference?.kind, `${path}.kind`), ...pathSegment(reference?.name, `${path}.name`)];

/** Names that are none at all print as any text does, resources that no container has as themselves. */
const quotedNames = (name: string, errors: FieldError[]): FieldError[] =>
  errors.map((error) =>
    /^(must be a standard|doesn't follow)/.test(error.detail) ? error : { ...error, value: name },
  );

function validateTarget(target: Partial<Target>, path: string): FieldError[] {
  const { type = '', averageUtilization } = target;
  const errors: FieldError[] = type ? [] : [required(`${path}.type`, 'must specify a metric target type')];
  if (!TARGET_TYPES.includes(type))
    errors.push(invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const)
    if (target[field] !== undefined && Quantity.parse(target[field]).sign() !== 1)
      errors.push(invalid(`${path}.${field}`, goQuantity(target[field]), 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

/** What each source asks of its target: one of two fields, and for some not both. */
interface Choice {
  fields: readonly (keyof Target)[];
  /** The field at which a missing one is reported, and how. */
  missing: [at: keyof Target, detail: string];
  both?: [at: keyof Target, detail: string];
}

const UTILIZATION: Choice = {
  fields: ['averageUtilization', 'averageValue'],
  missing: ['averageUtilization', 'must set either a target raw value or a target utilization'],
  both: ['averageValue', 'may not set both a target raw value and a target utilization'],
};

function validateChoice(target: Partial<Target>, { fields, missing, both }: Choice, path: string): FieldError[] {
  const errors = validateTarget(target, path);
  const given = fields.filter((field) => target[field] !== undefined);
  if (given.length === 0) errors.push(required(`${path}.${missing[0]}`, missing[1]));
  if (both && given.length === fields.length) errors.push(forbidden(`${path}.${both[0]}`, both[1]));
  return errors;
}

const metricName = ({ metric }: { metric?: { name?: string } }, path: string): FieldError[] =>
  pathSegment(metric?.name, `${path}.metric.name`, 'must specify a metric name');

const target = (source: { target?: Target }, choice: Choice, path: string): FieldError[] =>
  validateChoice(source.target ?? {}, choice, `${path}.target`);

type Checks = {
  [K in Exclude<keyof Metric, 'type'>]-?: (source: NonNullable<Metric[K]>, path: string) => FieldError[];
};

/** Sources in the order in which the real one looks for them. */
const SOURCES: Checks = {
  object: (source, path) => [
    ...validateReference(source.describedObject, `${path}.describedObject`),
    ...metricName(source, path),
    ...target(
      source,
      {
        fields: ['value', 'averageValue'],
        missing: ['averageValue', 'must set either a target value or averageValue'],
      },
      path,
    ),
  ],
  external: (source, path) => [
    ...metricName(source, path),
    ...target(
      source,
      {
        fields: ['value', 'averageValue'],
        missing: ['averageValue', 'must set either a target value for metric or a per-pod target'],
        both: ['value', 'may not set both a target value for metric and a per-pod target'],
      },
      path,
    ),
  ],
  pods: (source, path) => [
    ...metricName(source, path),
    ...target(
      source,
      { fields: ['averageValue'], missing: ['averageValue', 'must specify a positive target averageValue'] },
      path,
    ),
  ],
  resource: (source, path) => [
    ...(source.name ? [] : [required(`${path}.name`, 'must specify a resource name')]),
    ...target(source, UTILIZATION, path),
  ],
  containerResource: (source, path) => [
    ...(source.name
      ? quotedNames(source.name, validateContainerResourceName(source.name, `${path}.name`))
      : [required(`${path}.name`, 'must specify a resource name')]),
    ...(source.container
      ? label1123(`${path}.container`, source.container)
      : [required(`${path}.container`, 'must specify a container')]),
    ...target(source, UTILIZATION, path),
  ],
};

function validateMetric(metric: Metric, path: string): FieldError[] {
  const errors: FieldError[] = metric.type ? [] : [required(`${path}.type`, 'must specify a metric source type')];
  const known = TYPES.includes(metric.type);
  if (!known) errors.push(notSupported(`${path}.type`, metric.type ?? '', TYPES));
  const keys = Object.keys(SOURCES) as (keyof typeof SOURCES)[];
  const given = keys.filter((key) => metric[key] !== undefined);
  const [first] = given;
  if (first)
    errors.push(
      ...(SOURCES[first] as (source: unknown, path: string) => FieldError[])(metric[first], `${path}.${first}`),
    );
  const expected = keys.find((key) => key.toLowerCase() === metric.type?.toLowerCase());
  if (known && expected && metric[expected] === undefined)
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (!known) errors.push(notSupported(`${path}.type`, metric.type ?? '', TYPES));
  if (given.length !== 1)
    for (const key of given)
      if (key !== expected) errors.push(forbidden(`${path}.${key}`, 'must populate the given metric source only'));
  return errors;
}

/** validateMetrics */
export const validateMetrics = (metrics: Metric[] | undefined, path: string): FieldError[] =>
  each(metrics, path, validateMetric);
