import { formatSelector, selects } from '../../api/machinery/selectors.ts';
import { hasMetrics } from '../../api/metrics/group.ts';
import { ApiError } from '../../api/request.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { HorizontalPodAutoscaler, KubeObject, LabelSelector } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { resourceOfKind } from '../shared/resources.ts';
import { type MetricFailure, metricFailure } from './failures.ts';
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
type CurrentMetric = NonNullable<Status['currentMetrics']>[number];
type ScaleTarget = NonNullable<HorizontalPodAutoscaler['spec']>['scaleTargetRef'];

interface Scaled extends KubeObject {
  spec?: { replicas?: number; selector?: LabelSelector };
}

/** Resources of Kubernetes' own without a scale subresource. */
const UNSCALABLE = new Set(['pods', 'daemonsets.apps', 'jobs.batch', 'cronjobs.batch', 'services', 'configmaps']);

/** Why the size of a target cannot be told. */
function scaleFailure(resource: string | undefined, { apiVersion = 'v1', kind, name }: ScaleTarget): string {
  if (!resource) return `no matches for kind "${kind}" in group "${apiVersion.split('/').slice(0, -1).join('/')}"`;
  if (UNSCALABLE.has(resource)) return 'the server could not find the requested resource';
  return `${resource} "${name}" not found`;
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
    if (!target || UNSCALABLE.has(resource)) {
      const message = scaleFailure(resource, scaleTargetRef);
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
    const { spec } = target as Scaled;
    const wanted = spec?.replicas ?? 1;
    if (this.past.recommendations.length === 0) this.remember('recommendations', wanted);
    if (wanted === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      this.condition('ScalingActive', 'False', 'ScalingDisabled', message);
      this.counts(0, 0);
    } else if (wanted > maxReplicas)
      this.rescale(resource!, wanted, maxReplicas, 'Current number of replicas above Spec.MaxReplicas');
    else if (wanted < minReplicas)
      this.rescale(resource!, wanted, minReplicas, 'Current number of replicas below Spec.MinReplicas');
    else this.follow(resource!, target as Scaled, wanted);
    this.write();
  }

  /** setStatus: what was counted, worked out and measured. */
  private counts(currentReplicas: number, desiredReplicas?: number, metrics?: CurrentMetric[]): void {
    const currentMetrics = (metrics ?? null) as Status['currentMetrics'];
    const desired = desiredReplicas ?? this.status.desiredReplicas ?? 0;
    this.status = { ...this.status, currentReplicas, desiredReplicas: desired, currentMetrics } as Status;
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

  private rescale(resource: string, current: number, desired: number, why: string, metrics?: CurrentMetric[]): void {
    const { scaleTargetRef } = this.scaler.spec!;
    try {
      const patch = { spec: { replicas: desired } };
      this.world.client.patch(resource, this.scaler.metadata.namespace!, scaleTargetRef.name, patch, 'scale');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell('Warning', 'FailedRescale', `New size: ${desired}; reason: ${why}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      this.condition('AbleToScale', 'False', 'FailedUpdateScale', message);
      this.counts(current, undefined, metrics);
      return;
    }
    const message = `the HPA controller was able to update the target scale to ${desired}`;
    this.condition('AbleToScale', 'True', 'SucceededRescale', message);
    this.tell('Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
    if (this.scaler.spec!.behavior) this.remember('changes', desired - current);
    this.counts(current, desired, metrics);
    this.status = { ...this.status, lastScaleTime: formatTime(this.world.now()) };
  }

  /** validateAndParseSelector: what is wrong with the pods that the target selects. */
  private selectorFailure(target: Scaled): string | undefined {
    const { metadata } = this.scaler;
    const selector = target.spec?.selector;
    if (!selector) {
      this.tell('Warning', 'SelectorRequired', 'selector is required');
      this.condition('ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
      return 'selector is required';
    }
    const pods = this.world.client
      .list('pods', metadata.namespace)
      .filter((pod) => selects(selector, pod.metadata.labels));
    const scalers = this.world.client.list('horizontalpodautoscalers.autoscaling', metadata.namespace);
    // What others select is known once they have been looked at.
    const known = scalers.filter(
      ({ metadata: { name }, status }) => name === metadata.name || status?.conditions !== undefined,
    );
    const controlling = known.filter(({ spec }) => {
      const { apiVersion = 'v1', kind, name } = spec!.scaleTargetRef;
      const resource = resourceOfKind(this.world, apiVersion, kind);
      const other = resource ? this.world.client.get(resource, metadata.namespace!, name) : undefined;
      const own = (other as Scaled | undefined)?.spec?.selector;
      return own && pods.some((pod) => selects(own, pod.metadata.labels));
    });
    if (controlling.length < 2) return undefined;
    const text = formatSelector(selector);
    const message = `pods by selector ${text} are controlled by multiple HPAs: [${controlling.map(keyOf).join(' ')}]`;
    this.tell('Warning', 'AmbiguousSelector', message);
    this.condition('ScalingActive', 'False', 'AmbiguousSelector', message);
    return message;
  }

  /** Scales as the metrics say, if there are any. */
  private follow(resource: string, target: Scaled, wanted: number): void {
    const broken = this.selectorFailure(target);
    if (broken) {
      this.counts(wanted);
      return this.tell('Warning', 'FailedComputeMetricsReplicas', broken);
    }
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
    for (const { reason, message } of failures) this.tell('Warning', reason, message);
    const measured = told.map((one) => ('failure' in one ? ({ type: '' } as CurrentMetric) : one.current));
    const highest = valid.reduce<(typeof valid)[number] | undefined>(
      (most, one) => (most && most.replicas >= one.replicas ? most : one),
      undefined,
    );
    // One metric that is not known must not make fewer pods of what another wants.
    if (!highest || (failures.length > 0 && highest.replicas < wanted))
      return this.failMetrics(wanted, failures, measured);
    this.condition(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      `the HPA was able to successfully calculate a replica count from ${highest.what}`,
    );
    const desired = this.limited(this.stabilised(highest.replicas, wanted), wanted);
    if (desired === wanted) return this.counts(wanted, desired, measured);
    const why = highest.replicas > wanted ? `${highest.what} above target` : 'All metrics below target';
    this.rescale(resource, wanted, desired, highest.replicas === wanted ? '' : why, measured);
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
  private failMetrics(current: number, failures: MetricFailure[], measured: CurrentMetric[]): void {
    const [first] = failures;
    this.counts(current, undefined, measured);
    if (!first) return;
    const told = `the HPA was unable to compute the replica count: ${first.message}`;
    this.condition('ScalingActive', 'False', first.reason, told);
    const count = `invalid metrics (${failures.length} invalid out of ${measured.length})`;
    const error = `${count}, first error is: ${first.around}: ${first.message}`;
    this.tell('Warning', 'FailedComputeMetricsReplicas', error);
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
