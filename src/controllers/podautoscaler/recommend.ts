import { selects } from '../../api/machinery/selectors.ts';
import { type Loads, podUsage } from '../../api/metrics/usage.ts';
import { Quantity } from '../../base/quantity.ts';
import { loadsOf } from '../../kubelet/node/load.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { HorizontalPodAutoscaler, LabelSelector, Pod } from '../../types/objects.ts';
import { isPodFinished, isPodReady } from '../shared/pods.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type CurrentMetric = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];

/** --horizontal-pod-autoscaler-tolerance: smaller differences are left alone. */
const TOLERANCE = 0.1;

/** How many replicas a metric wants, or why it cannot tell. */
export type Recommendation = { replicas: number; what: string; current: CurrentMetric } | { failure: string };

/** cpu in thousandths of a core, memory in bytes. */
const amount = (name: string, text: string): number =>
  name === 'cpu' ? Quantity.parse(text).milliValue() : Quantity.parse(text).value();

const asText = (name: string, value: number): string =>
  name === 'cpu' ? `${Math.ceil(value)}m` : String(Math.round(value));

/** What one pod uses of a resource now; undefined where there are no metrics yet. */
function usedBy(pod: Pod, name: string, container: string | undefined, now: number, loads: Loads): number | undefined {
  const usage = podUsage(pod, now, loads);
  if (!usage || !isPodReady(pod)) return undefined;
  const counted = Object.entries(usage).filter(([each]) => container === undefined || each === container);
  return counted.reduce((sum, [, { cpu, memory }]) => sum + (name === 'cpu' ? cpu : memory), 0);
}

/** What one pod requests of a resource; throws in the autoscaler's words where a container requests nothing. */
function requestedBy(pod: Pod, name: string, container: string | undefined): number {
  const counted = pod.spec!.containers.filter((each) => container === undefined || each.name === container);
  return counted.reduce((sum, each) => {
    const request = each.resources?.requests?.[name];
    if (!request) throw new Error(`missing request for ${name} in container ${each.name} of Pod ${pod.metadata.name}`);
    return sum + amount(name, request);
  }, 0);
}

/** replica_calculator.go: the replicas that bring what the pods use, as a part of `targetUse`, to one. `whole`: what a pod may use at most. */
function replicasFor(used: (number | undefined)[], targetUse: number, whole: number, current: number): number {
  const known = used.filter((one) => one !== undefined);
  const missing = used.length - known.length;
  const total = known.reduce((sum, one) => sum + one, 0);
  const ratio = total / known.length / targetUse;
  if (missing === 0) return Math.abs(1 - ratio) <= TOLERANCE ? current : Math.ceil(ratio * known.length);
  // Of pods without metrics the cautious is assumed: that they use all when there seem to be too many, and nothing otherwise.
  const guessed = (total + (ratio < 1 ? missing * whole : 0)) / used.length / targetUse;
  const turned = (ratio < 1 && guessed > 1) || (ratio > 1 && guessed < 1);
  return Math.abs(1 - guessed) <= TOLERANCE || turned ? current : Math.ceil(guessed * used.length);
}

/** What a metric of the pods' own resources recommends. */
export function recommend(
  world: ActorWorld,
  namespace: string,
  selector: LabelSelector | undefined,
  metric: Metric,
  current: number,
): Recommendation {
  const source = (metric.resource ?? metric.containerResource)!;
  const { name, target } = source;
  const container = metric.containerResource?.container;
  const kind = target.type === 'Utilization' ? 'utilization' : 'usage';
  const failed = (why: string): Recommendation => ({ failure: `failed to get ${name} ${kind}: ${why}` });
  const pods = world.client
    .list('pods', namespace)
    .filter((pod) => selects(selector, pod.metadata.labels) && !pod.metadata.deletionTimestamp && !isPodFinished(pod));
  const loads = loadsOf(world.state, world.client);
  const used = pods.map((pod) => usedBy(pod, name, container, world.now(), loads));
  const known = used.filter((one) => one !== undefined);
  if (known.length === 0)
    return failed(`unable to get metrics for resource ${name}: no metrics returned from resource metrics API`);
  const average = known.reduce((sum, one) => sum + one, 0) / known.length;
  const averageValue = asText(name, average);
  const shown = (more: object) => {
    const value = { name, ...(container && { container }), current: { ...more, averageValue } };
    return (
      container ? { type: metric.type, containerResource: value } : { type: metric.type, resource: value }
    ) as CurrentMetric;
  };
  const what = `${name} ${container ? 'container resource' : 'resource'}`;
  if (target.type !== 'Utilization') {
    const wanted = amount(name, target.averageValue!);
    return { replicas: replicasFor(used, wanted, wanted, current), what, current: shown({}) };
  }
  try {
    const requests = pods.map((pod) => requestedBy(pod, name, container));
    const request = requests.reduce((sum, one) => sum + one, 0) / requests.length;
    const targetUse = (request * target.averageUtilization!) / 100;
    const averageUtilization = Math.floor((100 * average) / request);
    const replicas = replicasFor(used, targetUse, request, current);
    return { replicas, what: `${what} utilization (percentage of request)`, current: shown({ averageUtilization }) };
  } catch (error) {
    return failed((error as Error).message);
  }
}
