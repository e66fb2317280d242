import { hasMetrics } from '../../api/metrics/group.ts';
import { ApiError } from '../../api/request.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { HorizontalPodAutoscaler, KubeObject, LabelSelector } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { resourceOfKind } from '../shared/resources.ts';
import { type Recommendation, recommend } from './recommend.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period, ms. */
const PERIOD = 15_000;
/** Marks the entries of the queue that come with the period. */
const PERIODIC = 'periodic:';

/** What was recommended lately for each autoscaler: times (ms) and replicas, by uid. */
const RECOMMENDATIONS = 'hpa/recommendations';

type Status = NonNullable<HorizontalPodAutoscaler['status']>;
type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

interface Scaled extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector };
  status?: { replicas?: number };
}

/** What goes wrong with a metric of each type where nothing serves metrics: how the event calls it, and the error around it. */
function metricFailure(metric: Metric): { reason: string; message: string; around: string } {
  const unable = (what: string, api: string, resource: string) =>
    `${what}: unable to fetch metrics from ${api}: the server could not find the requested resource (get ${resource})`;
  if (metric.type === 'Resource' || metric.type === 'ContainerResource') {
    const { name, target } = (metric.resource ?? metric.containerResource)!;
    const kind = target.averageValue === undefined ? 'utilization' : 'usage';
    const cause = unable(`unable to get metrics for resource ${name}`, 'resource metrics API', 'pods.metrics.k8s.io');
    const container = metric.type === 'ContainerResource';
    return {
      reason: container ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      message: `failed to get ${name} ${kind}: ${cause}`,
      around: `failed to get ${name} ${container ? 'container ' : ''}resource metric value`,
    };
  }
  const missing = 'no custom metrics API (custom.metrics.k8s.io) registered';
  if (metric.type === 'External') {
    const { name } = metric.external!.metric;
    const message = `unable to get external metric default/${name}/nil: unable to fetch metrics from external metrics API: the server could not find the requested resource (get ${name}.external.metrics.k8s.io)`;
    return { reason: 'FailedGetExternalMetric', message, around: `failed to get ${name} external metric value` };
  }
  const { name } = (metric.pods ?? metric.object)!.metric;
  const reason = metric.type === 'Pods' ? 'FailedGetPodsMetric' : 'FailedGetObjectMetric';
  const message = `unable to get metric ${name}: unable to fetch metrics from custom metrics API: ${missing}`;
  return { reason, message, around: `failed to get ${metric.type.toLowerCase()} metric value` };
}

/** One look at an autoscaler and what it scales (pkg/controller/podautoscaler). */
class Autoscaling {
  private status: Status;

  constructor(
    private readonly world: ActorWorld,
    private readonly scaler: HorizontalPodAutoscaler,
  ) {
    this.status = { ...scaler.status } as Status;
  }

  run(): void {
    const { scaleTargetRef, minReplicas = 1, maxReplicas } = this.scaler.spec!;
    const resource = resourceOfKind(this.world, scaleTargetRef.apiVersion ?? 'v1', scaleTargetRef.kind);
    const target = resource && this.world.client.get(resource, this.scaler.metadata.namespace!, scaleTargetRef.name);
    if (!target) {
      const message = `${(resource ?? scaleTargetRef.kind).replace(/\./, '/scale.')} "${scaleTargetRef.name}" not found`;
      this.tell('Warning', 'FailedGetScale', message);
      const told = `the HPA controller was unable to get the target's current scale: ${message}`;
      this.condition('AbleToScale', 'False', 'FailedGetScale', told);
      return this.write();
    }
    this.condition(
      'AbleToScale',
      'True',
      'SucceededGetScale',
      "the HPA controller was able to get the target's current scale",
    );
    const { spec, status } = target as Scaled;
    const wanted = spec?.replicas ?? 1;
    const current = status?.replicas ?? 0;
    if (wanted === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.condition('ScalingActive', 'False', 'ScalingDisabled', message);
      this.status = { ...this.status, currentReplicas: current, desiredReplicas: 0 };
    } else if (wanted > maxReplicas)
      this.rescale(resource!, wanted, maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
    else if (wanted < minReplicas)
      this.rescale(resource!, wanted, minReplicas, 'Current number of replicas below Spec.MinReplicas');
    else this.follow(resource!, target as Scaled, wanted, current);
    this.write();
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.scaler, type, reason, message, { component: COMPONENT });
  }

  private condition(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = this.status.conditions ?? [];
    const current = conditions.find((one) => one.type === type);
    const lastTransitionTime = current?.status === status ? current.lastTransitionTime : formatTime(this.world.now());
    const next = { type, status, lastTransitionTime, reason, message };
    this.status = {
      ...this.status,
      conditions: current ? conditions.map((one) => (one === current ? next : one)) : [...conditions, next],
    };
  }

  private rescale(resource: string, current: number, desired: number, why: string): void {
    const { scaleTargetRef } = this.scaler.spec!;
    try {
      this.world.client.patch(resource, this.scaler.metadata.namespace!, scaleTargetRef.name, {
        spec: { replicas: desired },
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell('Warning', 'FailedRescale', `New size: ${desired}; reason: ${why}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      this.condition('AbleToScale', 'False', 'FailedUpdateScale', message);
      return;
    }
    const message = `the HPA controller was able to update the target scale to ${desired}`;
    this.condition('AbleToScale', 'True', 'SucceededRescale', message);
    this.tell('Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
    this.status = {
      ...this.status,
      currentReplicas: current,
      desiredReplicas: desired,
      lastScaleTime: formatTime(this.world.now()),
    };
  }

  /** Scales as the metrics say, if there are any. */
  private follow(resource: string, target: Scaled, wanted: number, current: number): void {
    const metrics = this.scaler.spec!.metrics ?? [];
    const served = hasMetrics({ get: (kind, namespace, name) => this.world.client.get(kind, namespace, name) });
    const { namespace = '' } = this.scaler.metadata;
    const told = metrics.map((metric): Recommendation => {
      const isServed = served && (metric.resource ?? metric.containerResource) !== undefined;
      return isServed
        ? recommend(this.world, namespace, target.spec?.selector, metric, wanted)
        : { failure: metricFailure(metric).message };
    });
    const valid = told.flatMap((one) => ('failure' in one ? [] : [one]));
    const failures = told.flatMap((one, index) =>
      'failure' in one ? [{ ...metricFailure(metrics[index]!), message: one.failure }] : [],
    );
    const highest = valid.reduce<(typeof valid)[number] | undefined>(
      (most, one) => (most && most.replicas >= one.replicas ? most : one),
      undefined,
    );
    // One metric that is not known must not make fewer pods of what another wants.
    if (!highest || (failures.length > 0 && highest.replicas < wanted)) return this.failMetrics(current, failures);
    this.condition(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${highest.what}`,
    );
    this.status = { ...this.status, currentMetrics: valid.map((one) => one.current) } as Status;
    const desired = this.limited(this.stabilised(highest.replicas, wanted), wanted);
    this.status = { ...this.status, currentReplicas: current, desiredReplicas: desired };
    if (desired === wanted) return;
    this.rescale(
      resource,
      wanted,
      desired,
      desired > wanted ? `${highest.what} above target` : 'All metrics below target',
    );
  }

  /** The highest recommendation of the last minutes, so that pods do not come and go (stabilizationWindowSeconds). */
  private stabilised(recommended: number, wanted: number): number {
    const { behavior } = this.scaler.spec!;
    const now = this.world.now();
    const section = this.world.state.section<[number, number][]>(RECOMMENDATIONS);
    const key = this.scaler.metadata.uid!;
    const down = (behavior?.scaleDown?.stabilizationWindowSeconds ?? 300) * 1000;
    const up = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
    const before = (section.get(key) ?? [[now, wanted]]).filter(([at]) => at > now - Math.max(down, up, PERIOD));
    const recent = (window: number) => before.filter(([at]) => at > now - window).map(([, replicas]) => replicas);
    section.set(key, [...before, [now, recommended]]);
    const lowest = Math.min(recommended, ...recent(up));
    const highest = Math.max(recommended, ...recent(down));
    const stable = Math.min(Math.max(wanted, lowest), highest);
    if (stable !== recommended && recommended < stable)
      this.condition(
        'AbleToScale',
        'True',
        'ScaleDownStabilized',
        'recent recommendations were higher than current one, applying the highest recent recommendation',
      );
    else if (stable !== recommended)
      this.condition(
        'AbleToScale',
        'True',
        'ScaleUpStabilized',
        'recent recommendations were lower than current one, applying the lowest recent recommendation',
      );
    else this.condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
    return stable;
  }

  /** Within the bounds, and not more than twice as many at once. */
  private limited(desired: number, current: number): number {
    const { minReplicas = 1, maxReplicas } = this.scaler.spec!;
    const limit = Math.max(2 * current, 4);
    const say = (status: 'True' | 'False', reason: string, message: string) =>
      this.condition('ScalingLimited', status, reason, message);
    if (desired < minReplicas) {
      say('True', 'TooFewReplicas', 'the desired replica count is less than the minimum replica count');
      return minReplicas;
    }
    if (desired > Math.min(maxReplicas, limit)) {
      if (maxReplicas > limit)
        say('True', 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate');
      else say('True', 'TooManyReplicas', 'the desired replica count is more than the maximum replica count');
      return Math.min(maxReplicas, limit);
    }
    say('False', 'DesiredWithinRange', 'the desired count is within the acceptable range');
    return desired;
  }

  /** No replicas can be worked out. */
  private failMetrics(current: number, failures: ReturnType<typeof metricFailure>[]): void {
    const metrics = this.scaler.spec!.metrics ?? [];
    for (const { reason, message } of failures) this.tell('Warning', reason, message);
    const [first] = failures;
    if (first) {
      const told = `the HPA was unable to compute the replica count: ${first.message}`;
      this.condition('ScalingActive', 'False', first.reason, told);
      const count = `invalid metrics (${failures.length} invalid out of ${metrics.length})`;
      const error = `${count}, first error is: ${first.around}: ${first.message}`;
      this.tell('Warning', 'FailedComputeMetricsReplicas', error);
    }
    const currentMetrics = metrics.map(() => ({ type: '' }));
    this.status = { ...this.status, currentReplicas: current, currentMetrics } as Status;
  }

  private write(): void {
    if (sameJson(this.status, this.scaler.status)) return;
    this.world.client.updateStatus('horizontalpodautoscalers.autoscaling', { ...this.scaler, status: this.status });
  }
}

export const podAutoscaler: Actor = controller({
  name: 'horizontal-pod-autoscaler',
  watches: [
    {
      resource: 'horizontalpodautoscalers.autoscaling',
      keys({ type, object: { metadata } }, { state }) {
        if (type === 'DELETED') state.section(RECOMMENDATIONS).delete(metadata.uid!);
        return type === 'ADDED' ? [`${metadata.namespace}/${metadata.name}`] : [];
      },
    },
  ],
  reconcile(key, world) {
    const name = key.startsWith(PERIODIC) ? key.slice(PERIODIC.length) : key;
    const scaler = world.client.get('horizontalpodautoscalers.autoscaling', ...splitKey(name));
    if (!scaler) return;
    world.wake(PERIODIC + name, world.now() + PERIOD);
    if (key.startsWith(PERIODIC)) new Autoscaling(world, scaler).run();
  },
  settles: (key) => !key.startsWith(PERIODIC),
});
