import type { HorizontalPodAutoscaler } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, nonNegative } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';
import { cpuMetric, toV1, toV2 } from './conversion.ts';
import { validateMetrics, validateReference } from './metrics.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES = ['Percent', 'Pods'];

const policy = (type: string, value: number) => ({ type, value, periodSeconds: 15 });
const DEFAULT_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [policy('Pods', 4), policy('Percent', 100)],
};
const DEFAULT_DOWN = { selectPolicy: 'Max', policies: [policy('Percent', 100)] };

const isV1 = ({ apiVersion }: HorizontalPodAutoscaler): boolean => apiVersion === 'autoscaling/v1';

/** v1 gets what v2 would, by way of it. */
function setDefaults(autoscaler: HorizontalPodAutoscaler): void {
  autoscaler.spec ??= {} as Spec;
  const { spec } = autoscaler;
  spec.minReplicas ??= 1;
  if (isV1(autoscaler)) {
    Object.assign(autoscaler, toV1(toV2(autoscaler)));
    return;
  }
  if (!spec.metrics?.length) spec.metrics = [cpuMetric()] as unknown as Spec['metrics'];
  if (spec.behavior) {
    spec.behavior.scaleUp = { ...structuredClone(DEFAULT_UP), ...spec.behavior.scaleUp };
    spec.behavior.scaleDown = { ...structuredClone(DEFAULT_DOWN), ...spec.behavior.scaleDown };
  }
}

/** A tolerance of one's own is behind a gate that is off. */
function dropDisabled({ spec }: HorizontalPodAutoscaler): void {
  for (const rules of [spec?.behavior?.scaleUp, spec?.behavior?.scaleDown])
    if (rules) delete (rules as { tolerance?: string }).tolerance;
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
    ...each(policies, `${path}.policies`, ({ type, value = 0, periodSeconds: period = 0 }, at) => [
      ...(POLICY_TYPES.includes(type) ? [] : [notSupported(`${at}.type`, type ?? '', POLICY_TYPES)]),
      ...(value > 0 ? [] : [invalid(`${at}.value`, value, 'must be greater than zero')]),
      ...(period > 0 ? [] : [invalid(`${at}.periodSeconds`, period, 'must be greater than zero')]),
      ...(period > MAX_PERIOD_SECONDS
        ? [invalid(`${at}.periodSeconds`, period, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)]
        : []),
    ]),
  ];
}

function validate(autoscaler: HorizontalPodAutoscaler): FieldError[] {
  const { spec = {} as Spec } = (isV1(autoscaler) ? toV2(autoscaler) : autoscaler) as HorizontalPodAutoscaler;
  const { minReplicas, maxReplicas = 0 } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  const scalesToZero = spec.metrics?.some(({ type }) => type === 'Object' || type === 'External');
  const zero = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return [
    ...errors,
    ...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...validateMetrics(spec.metrics, 'spec.metrics'),
    ...(minReplicas === 0 && !scalesToZero ? [forbidden('spec.metrics', zero)] : []),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

const emptyStatus = (autoscaler: HorizontalPodAutoscaler) =>
  isV1(autoscaler) ? { currentReplicas: 0, desiredReplicas: 0 } : { desiredReplicas: 0, currentMetrics: null };

export const strategy: KindRules<HorizontalPodAutoscaler> = {
  resource: 'horizontalpodautoscalers.autoscaling',
  updateChecks: ['metadata', 'spec', 'changes'],
  setDefaults,
  prepareForCreate: (autoscaler) => {
    Object.assign(autoscaler, { status: emptyStatus(autoscaler) });
    dropDisabled(autoscaler);
  },
  prepareForUpdate: (autoscaler, old) => {
    autoscaler.status = old.status;
    dropDisabled(autoscaler);
  },
  validate,
  validateStatusUpdate: ({ status }) => [
    ...nonNegative('status.currentReplicas', status?.currentReplicas),
    ...nonNegative('status.desiredReplicas', status?.desiredReplicas),
  ],
};
