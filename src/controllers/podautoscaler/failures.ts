import { labelSelectorText, type Selector } from '../../api/kinds/shared/label-selector-text.ts';
import type { HorizontalPodAutoscaler } from '../../types/objects.ts';

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];

export interface MetricFailure {
  /** Of the event. */
  reason: string;
  message: string;
  /** What stands before the message where failures are told together. */
  around: string;
}

/** What goes wrong with a metric of each type where nothing serves metrics. */
export function metricFailure(metric: Metric, namespace: string): MetricFailure {
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
      // The order of the words is Kubernetes' own.
      message: `unable to get metric ${name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/${missing}`,
      around: `failed to get object metric value${target.averageValue === undefined ? '' : `: failed to get ${name} object metric`}`,
    };
  }
  return {
    reason: 'FailedGetPodsMetric',
    message: `unable to get metric ${metric.pods!.metric.name}: ${missing}`,
    around: 'failed to get pods metric value',
  };
}
