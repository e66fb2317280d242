import { labelSelectorText, type Selector } from '../../api/kinds/shared/label-selector-text.ts';
import { hasMetrics } from '../../api/metrics/group.ts';
import { ApiError } from '../../api/request.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { HorizontalPodAutoscaler, KubeObject, LabelSelector } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { resourceOfKind } from '../shared/resources.ts';
import { limited, memory, type Past, stabilized } from './normalize.ts';
import { type Recommendation, recommend } from './recommend.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period, ms. */
const PERIOD = 15_000;
/** Marks the entries of the queue that come with the period. */
const PERIODIC = 'periodic:';

/** Section: what was recommended and done lately for each autoscaler, by uid. */
const PAST = 'hpa/past';

type Status = NonNullable<HorizontalPodAutoscaler['status']>;
type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

interface Scaled extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector };
  status?: { replicas?: number };
}

interface MetricFailure {
  /** Of the event. */
  reason: string;
  message: string;
  /** What stands before the message where failures are told together. */
  around: string;
}

/** What goes wrong with a metric of each type where nothing serves metrics. */
function metricFailure(metric: Metric, namespace: string): MetricFailure {
  const unable = (what: string, api: string, resource: string) =>
    `${what}: unable to fetch metrics from ${api}: the server could not find the requested resource (get ${resource})`;
  const missing =
    'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
  if (metric.type === 'Resource' || metric.type === 'ContainerResource') {
    const { name, target } = (metric.resource ?? metric.containerResource)!;
    const kind = target.averageValue === undefined ? 'utilization' : 'usage';
    const cause = unable(`unable to get metrics for resource ${name}`, 'resource metrics API', 'pods.metrics.k8s.io');
    const container = metric.containerResource?.container;
    return {
      reason: container ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric',
      message: `failed to get ${name} ${kind}: ${cause}`,
      around: `failed to get ${container ? `${container} container` : `${name} resource`} metric value`,
    };
  }
  if (metric.external) {
    const { metric: which, target } = metric.external;
    const { name, selector } = which;
    const labels = selector ? labelSelectorText(selector as Selector) : 'nil';
    const what = `unable to get external metric ${namespace}/${name}/${labels}`;
    const inner = target.averageValue === undefined ? `external metric ${name}` : `${name} external metric`;
    return {
      reason: 'FailedGetExternalMetric',
      message: unable(what, 'external metrics API', `${name}.external.metrics.k8s.io`),
      around: `failed to get ${name} external metric value: failed to get ${inner}`,
    };
  }
  if (metric.object) {
    const { metric: which, describedObject, target } = metric.object;
    const { name } = which;
    return {
      reason: 'FailedGetObjectMetric',
      message: `unable to get metric ${name}: ${missing} on ${describedObject.kind} ${namespace}/${describedObject.name}`,
      around: `failed to get object metric value${target.averageValue === undefined ? '' : `: failed to get ${name} object metric`}`,
    };
  }
  return {
    reason: 'FailedGetPodsMetric',
    message: `unable to get metric ${metric.pods!.metric.name}: ${missing}`,
    around: 'failed to get pods metric value',
  };
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
    if (this.scaler.spec!.behavior) this.remember('changes', desired - current);
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
        : { failure: metricFailure(metric, namespace).message };
    });
    const valid = told.flatMap((one) => ('failure' in one ? [] : [one]));
    const failures = told.flatMap((one, index) =>
      'failure' in one ? [{ ...metricFailure(metrics[index]!, namespace), message: one.failure }] : [],
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

  private get past(): Past {
    const section = this.world.state.section<Past>(PAST);
    return section.get(this.scaler.metadata.uid!) ?? { recommendations: [], changes: [] };
  }

  private remember(kind: keyof Past, replicas: number): void {
    const { past } = this;
    const now = this.world.now();
    const oldest = now - Math.max(memory(this.scaler.spec!.behavior), PERIOD);
    const kept = past[kind].filter(([at]) => at > oldest);
    const section = this.world.state.section<Past>(PAST);
    section.set(this.scaler.metadata.uid!, { ...past, [kind]: [...kept, [now, replicas]] });
  }

  /** Steadied by what was recommended before, so that pods do not come and go. */
  private stabilised(recommended: number, wanted: number): number {
    const { behavior } = this.scaler.spec!;
    if (this.past.recommendations.length === 0) this.remember('recommendations', wanted);
    const stable = stabilized(recommended, wanted, behavior, this.past, this.world.now());
    this.remember('recommendations', recommended);
    const [reason, message] =
      stable === recommended
        ? ['ReadyForNewScale', 'recommended size matches current size']
        : behavior && recommended >= wanted
          ? [
              'ScaleUpStabilized',
              'recent recommendations were lower than current one, applying the lowest recent recommendation',
            ]
          : [
              'ScaleDownStabilized',
              'recent recommendations were higher than current one, applying the highest recent recommendation',
            ];
    this.condition('AbleToScale', 'True', reason!, message!);
    return stable;
  }

  private limited(desired: number, current: number): number {
    const { replicas, told } = limited(desired, current, this.scaler.spec!, this.past, this.world.now());
    this.condition('ScalingLimited', told.limited ? 'True' : 'False', told.reason, told.message);
    return replicas;
  }

  /** No replicas can be worked out. */
  private failMetrics(current: number, failures: MetricFailure[]): void {
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
        if (type === 'DELETED') state.section(PAST).delete(metadata.uid!);
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
