import { selects } from '../../api/machinery/selectors.ts';
import { podUsage } from '../../api/metrics/usage.ts';
import { Quantity } from '../../base/quantity.ts';
import { parseTime } from '../../base/time.ts';
import { loadsOf } from '../../kubelet/node/load.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { HorizontalPodAutoscaler, LabelSelector, Pod } from '../../types/objects.ts';
import { podCondition } from '../shared/pods.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type CurrentMetric = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];

/** --horizontal-pod-autoscaler-tolerance: smaller differences are left alone. */
const TOLERANCE = 0.1;
/** --horizontal-pod-autoscaler-cpu-initialization-period: for so long a pod that is not ready does not count, ms. */
const INITIALIZATION = 300_000;
/** --horizontal-pod-autoscaler-initial-readiness-delay: who turned unready within it has never been ready, ms. */
const READINESS_DELAY = 30_000;
/** Between two scrapes of the metrics server, ms. */
const WINDOW = 15_000;

/** How many replicas a metric wants, or why it cannot tell. */
export type Recommendation = { replicas: number; what: string; current: CurrentMetric } | { failure: string };

/** Thousandths of a unit, by the name of a pod. */
type Values = Map<string, number>;

const asText = (milli: number): string => (milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`);
const total = (values: Iterable<number>): number => [...values].reduce((sum, one) => sum + one, 0);

/** What each pod uses of a resource now, as the metrics API tells. */
function usageOf(world: ActorWorld, pods: Pod[], resource: string, container: string | undefined): Values {
  const loads = loadsOf(world.state, world.client);
  const values: Values = new Map();
  for (const pod of pods) {
    const usage = podUsage(pod, world.now(), loads);
    const counted = Object.entries(usage ?? {}).filter(([name]) => container === undefined || name === container);
    const milli = counted.map(([, { cpu, memory }]) =>
      resource === 'cpu' ? Math.ceil(cpu) : Math.round(memory / 1024) * 1_024_000,
    );
    if (milli.length > 0) values.set(pod.metadata.name!, total(milli));
  }
  return values;
}

/** Whether a pod has so lately begun that what it uses says nothing (groupPods). */
function isBeginning(pod: Pod, resource: string, now: number): boolean {
  if (resource !== 'cpu') return false;
  const ready = podCondition(pod, 'Ready');
  const started = pod.status?.startTime;
  if (!ready?.lastTransitionTime || !started) return true;
  const since = parseTime(ready.lastTransitionTime);
  const isUnready = ready.status === 'False';
  if (parseTime(started) + INITIALIZATION > now) return isUnready || now < since + WINDOW;
  return isUnready && parseTime(started) + READINESS_DELAY > since;
}

/** groupPods: pods by how much their metrics are worth; those that are leaving count for nothing. */
function grouped(pods: Pod[], values: Values, resource: string, now: number) {
  const groups = { ready: [] as string[], unready: [] as string[], missing: [] as string[], ignored: [] as string[] };
  for (const pod of pods) {
    const name = pod.metadata.name!;
    if (pod.metadata.deletionTimestamp || pod.status?.phase === 'Failed') groups.ignored.push(name);
    else if (pod.status?.phase === 'Pending') groups.unready.push(name);
    else if (!values.has(name)) groups.missing.push(name);
    else if (isBeginning(pod, resource, now)) groups.unready.push(name);
    else groups.ready.push(name);
  }
  return groups;
}

/** calculatePodRequests. Throws in the autoscaler's words where a container requests nothing. */
function requestsOf(pods: Pod[], resource: string, container: string | undefined): Values {
  const requests: Values = new Map();
  for (const { metadata, spec } of pods) {
    const sidecars = (spec!.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
    const counted = [...spec!.containers, ...sidecars].filter(
      ({ name }) => container === undefined || name === container,
    );
    const milli = counted.map(({ name, resources }) => {
      const request = resources?.requests?.[resource];
      if (!request) throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
      return Quantity.parse(request).milliValue();
    });
    requests.set(metadata.name!, total(milli));
  }
  return requests;
}

/** Measures usage against a target. */
interface Gauge {
  /** How many times the target. */
  ratio(values: Values): number;
  /** What a pod is taken to use of which nothing is known, where there seem to be too many. */
  fallback(name: string): number;
}

/** replica_calculator.go: the replicas with which the pods would be at their target. */
function replicasFor(values: Values, groups: ReturnType<typeof grouped>, gauge: Gauge, current: number): number {
  const isClose = (ratio: number) => Math.abs(1 - ratio) <= TOLERANCE + 1e-9;
  const ratio = gauge.ratio(values);
  const withUnready = groups.unready.length > 0 && ratio > 1;
  if (!withUnready && groups.missing.length === 0) {
    return isClose(ratio) ? current : Math.ceil(ratio * groups.ready.length);
  }
  const guessed = new Map(values);
  if (ratio !== 1) for (const name of groups.missing) guessed.set(name, ratio < 1 ? gauge.fallback(name) : 0);
  if (withUnready) for (const name of groups.unready) guessed.set(name, 0);
  const next = gauge.ratio(guessed);
  if (isClose(next) || (ratio < 1 && next > 1) || (ratio > 1 && next < 1)) return current;
  const replicas = Math.ceil(next * guessed.size);
  return (next < 1 && replicas > current) || (next > 1 && replicas < current) ? current : replicas;
}

/** What a metric of the pods' own resources recommends. */
export function recommend(
  world: ActorWorld,
  namespace: string,
  selector: LabelSelector | undefined,
  metric: Metric,
  current: number,
): Recommendation {
  const { name, target } = (metric.resource ?? metric.containerResource)!;
  const container = metric.containerResource?.container;
  const isUsage = target.averageValue !== undefined;
  const failed = (why: string): Recommendation => ({
    failure: `failed to get ${name} ${isUsage ? 'usage' : 'utilization'}: ${why}`,
  });
  const pods = world.client.list('pods', namespace).filter((pod) => selects(selector, pod.metadata.labels));
  if (usageOf(world, pods, name, undefined).size === 0)
    return failed(`unable to get metrics for resource ${name}: no metrics returned from resource metrics API`);
  const values = usageOf(world, pods, name, container);
  const groups = grouped(pods, values, name, world.now());
  for (const pod of [...groups.ignored, ...groups.unready]) values.delete(pod);
  if (values.size === 0) return failed('did not receive metrics for targeted pods (pods might be unready)');
  const average = Math.trunc(total(values.values()) / values.size);
  const shown = (more: object): CurrentMetric => {
    const value = { name, ...(container && { container }), current: { ...more, averageValue: asText(average) } };
    const key = container ? 'containerResource' : 'resource';
    return { type: metric.type, [key]: value } as unknown as CurrentMetric;
  };
  if (isUsage) {
    const wanted = Quantity.parse(target.averageValue!).milliValue();
    const ratio = (known: Values) => Math.trunc(total(known.values()) / known.size) / wanted;
    const replicas = replicasFor(values, groups, { ratio, fallback: () => wanted }, current);
    return { replicas, what: `${name} resource`, current: shown({}) };
  }
  try {
    const requests = requestsOf(pods, name, container);
    const percentage = (known: Values) => {
      const requested = total([...known.keys()].map((pod) => requests.get(pod)!));
      if (requested === 0) throw new Error('no metrics returned matched known pods');
      return Math.trunc((total(known.values()) * 100) / requested);
    };
    const wanted = target.averageUtilization!;
    const fallback = (pod: string) => Math.trunc((requests.get(pod)! * Math.max(100, wanted)) / 100);
    const replicas = replicasFor(values, groups, { ratio: (known) => percentage(known) / wanted, fallback }, current);
    const what = `${name} ${container ? 'container ' : ''}resource utilization (percentage of request)`;
    return { replicas, what, current: shown({ averageUtilization: percentage(values) }) };
  } catch (error) {
    return failed((error as Error).message);
  }
}
