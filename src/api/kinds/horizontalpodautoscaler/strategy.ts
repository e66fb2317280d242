import { Quantity } from '../../../base/quantity.ts';
import type { HorizontalPodAutoscaler } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, invalidEach } from '../shared/checks.ts';
import { goQuantity } from '../shared/go-value.ts';
import { pathSegmentName } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';

/** Either version's spec: v1 knows nothing but the target of its CPU. */
type Spec = NonNullable<HorizontalPodAutoscaler['spec']> & { targetCPUUtilizationPercentage?: number };
type Metric = NonNullable<Spec['metrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;

const DEFAULT_CPU_PERCENT = 80;
const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const SOURCES = {
  object: 'Object',
  external: 'External',
  pods: 'Pods',
  resource: 'Resource',
  containerResource: 'ContainerResource',
} as const;
const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];

const policy = (type: string, value: number) => ({ type, value, periodSeconds: 15 });
const DEFAULT_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [policy('Pods', 4), policy('Percent', 100)],
};
const DEFAULT_DOWN = { selectPolicy: 'Max', policies: [policy('Percent', 100)] };

function setDefaults(autoscaler: HorizontalPodAutoscaler): void {
  const spec = (autoscaler.spec ?? {}) as Spec;
  autoscaler.spec = spec;
  spec.minReplicas ??= 1;
  if (autoscaler.apiVersion === 'autoscaling/v1') {
    spec.targetCPUUtilizationPercentage ??= DEFAULT_CPU_PERCENT;
    return;
  }
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: DEFAULT_CPU_PERCENT };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (spec.behavior) {
    spec.behavior.scaleUp = { ...structuredClone(DEFAULT_UP), ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...structuredClone(DEFAULT_DOWN), ...spec.behavior.scaleDown };
  }
}

function validateTarget(target: Target, path: string): FieldError[] {
  const errors: FieldError[] = target.type ? [] : [required(`${path}.type`, 'must specify a metric target type')];
  if (!TARGET_TYPES.includes(target.type))
    errors.push(invalid(`${path}.type`, target.type ?? '', 'must be either Utilization, Value, or AverageValue'));
  for (const field of ['value', 'averageValue'] as const)
    if (target[field] !== undefined && Quantity.parse(target[field]).sign() !== 1)
      errors.push(invalid(`${path}.${field}`, goQuantity(target[field]), 'must be positive'));
  if (target.averageUtilization !== undefined && target.averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, target.averageUtilization, 'must be greater than 0'));
  return errors;
}

function validateResource({ name, target }: NonNullable<Metric['resource']>, path: string): FieldError[] {
  const errors: FieldError[] = name ? [] : [required(`${path}.name`, 'must specify a resource name')];
  errors.push(...validateTarget(target ?? {}, `${path}.target`));
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(
      required(`${path}.target.averageUtilization`, 'must set either a target raw value or a target utilization'),
    );
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(
      forbidden(`${path}.target.averageValue`, 'may not set both a target raw value and a target utilization'),
    );
  return errors;
}

function validateMetric(metric: Metric, path: string): FieldError[] {
  const errors: FieldError[] = metric.type ? [] : [required(`${path}.type`, 'must specify a metric source type')];
  const known = TYPES.includes(metric.type);
  if (!known) errors.push(notSupported(`${path}.type`, metric.type ?? '', TYPES));
  const keys = Object.keys(SOURCES) as (keyof typeof SOURCES)[];
  const given = keys.filter((key) => metric[key] !== undefined);
  const [first] = given;
  if (first === 'resource' || first === 'containerResource')
    errors.push(...validateResource(metric[first]!, `${path}.${first}`));
  else if (first) errors.push(...validateTarget(metric[first]!.target ?? {}, `${path}.${first}.target`));
  const expected = keys.find((key) => SOURCES[key] === metric.type);
  if (expected && metric[expected] === undefined)
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (!known) errors.push(notSupported(`${path}.type`, metric.type ?? '', TYPES));
  if (given.length !== 1)
    for (const key of given)
      if (key !== expected) errors.push(forbidden(`${path}.${key}`, 'must populate the given metric source only'));
  return errors;
}

function validateRules(rules: Rules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies } = rules;
  const errors: FieldError[] = [];
  const window = `${path}.stabilizationWindowSeconds`;
  if (seconds !== undefined && seconds < 0)
    errors.push(invalid(window, seconds, 'must be greater than or equal to zero'));
  if (seconds !== undefined && seconds > MAX_WINDOW_SECONDS)
    errors.push(invalid(window, seconds, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy))
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  if (!policies?.length) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  return [
    ...errors,
    ...each(policies, `${path}.policies`, ({ type, value, periodSeconds }, at) => [
      ...(type === 'Pods' || type === 'Percent' ? [] : [notSupported(`${at}.type`, type ?? '', ['Percent', 'Pods'])]),
      ...(value > 0 ? [] : [invalid(`${at}.value`, value ?? 0, 'must be greater than zero')]),
      ...(periodSeconds > 0 ? [] : [invalid(`${at}.periodSeconds`, periodSeconds ?? 0, 'must be greater than zero')]),
      ...(periodSeconds > MAX_PERIOD_SECONDS
        ? [invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)]
        : []),
    ]),
  ];
}

function validate(autoscaler: HorizontalPodAutoscaler): FieldError[] {
  const spec = (autoscaler.spec ?? {}) as Spec;
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  for (const field of ['kind', 'name'] as const) {
    const value = scaleTargetRef?.[field];
    const at = `spec.scaleTargetRef.${field}`;
    errors.push(...(value ? invalidEach(at, value, pathSegmentName(value, false)) : [required(at)]));
  }
  const percent = spec.targetCPUUtilizationPercentage;
  if (percent !== undefined && percent < 1)
    errors.push(invalid('spec.metrics[0].resource.target.averageUtilization', percent, 'must be greater than 0'));
  return [
    ...errors,
    ...each(metrics, 'spec.metrics', validateMetric),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

const emptyStatus = ({ apiVersion }: HorizontalPodAutoscaler) =>
  apiVersion === 'autoscaling/v1'
    ? { currentReplicas: 0, desiredReplicas: 0 }
    : { desiredReplicas: 0, currentMetrics: null };

export const strategy: KindRules<HorizontalPodAutoscaler> = {
  resource: 'horizontalpodautoscalers.autoscaling',
  setDefaults,
  prepareForCreate: (autoscaler) => {
    Object.assign(autoscaler, { status: emptyStatus(autoscaler) });
  },
  prepareForUpdate: (autoscaler, old) => {
    autoscaler.status = old.status;
  },
  validate,
};
