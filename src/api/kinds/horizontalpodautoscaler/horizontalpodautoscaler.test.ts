import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../types/objects.ts';
import { loadStrategies } from '../index.ts';
import { type Json, refusals, statusRefusals, stored } from '../testing.ts';
import { toV1, toV2 } from './conversion.ts';

beforeAll(loadStrategies);

const HPA = 'horizontalpodautoscalers.autoscaling';
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
const autoscaler = (spec: Json, more: Json = {}): Json => ({
  apiVersion: 'autoscaling/v2',
  spec: { maxReplicas: 3, scaleTargetRef, ...spec },
  ...more,
});
const metric = (type: string, source: Json): Json => ({ type, ...source });

const CREATE: [what: string, object: Json, lines: string[]][] = [
  [
    'no target',
    { apiVersion: 'autoscaling/v2', spec: { minReplicas: 0, maxReplicas: 0, scaleTargetRef: { kind: 'a/b' } } },
    [
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\'',
      'spec.scaleTargetRef.name: Required value',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
    ],
  ],
  [
    'metrics without targets',
    autoscaler({
      metrics: [
        metric('Object', {
          object: { describedObject: { kind: 'K', name: 'n' }, metric: {}, target: { type: 'Value' } },
        }),
        metric('External', {
          external: { metric: { name: 'q' }, target: { type: 'Value', value: '1', averageValue: '-1' } },
        }),
        metric('Pods', { pods: { metric: { name: 'q' }, target: { type: 'Some' } } }),
        metric('ContainerResource', { containerResource: { name: 'gold', target: { type: 'Utilization' } } }),
        metric('Resource', { pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '1' } } }),
      ],
    }),
    [
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue',
      'spec.metrics[1].external.target.averageValue: Invalid value: resource.Quantity{i:resource.int64Amount{value:-1, scale:0}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"-1", Format:"DecimalSI"}: must be positive',
      'spec.metrics[1].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
      'spec.metrics[2].pods.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue',
      'spec.metrics[2].pods.target.averageValue: Required value: must specify a positive target averageValue',
      'spec.metrics[3].containerResource.name: Invalid value: gold: must be a standard resource type or fully qualified',
      'spec.metrics[3].containerResource.name: Invalid value: gold: must be a standard resource for containers',
      'spec.metrics[3].containerResource.container: Required value: must specify a container',
      'spec.metrics[3].containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
      'spec.metrics[4].resource: Required value: must populate information for the given metric source',
    ],
  ],
  [
    'rules that cannot be',
    autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 4000, policies: [{ type: 'x', value: 0 }] } } }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600',
      'spec.behavior.scaleUp.policies[0].type: Unsupported value: "x": supported values: "Percent", "Pods"',
      'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
    ],
  ],
  [
    'too little CPU, by v1',
    autoscaler({ targetCPUUtilizationPercentage: 0 }, { apiVersion: 'autoscaling/v1' }),
    ['spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
  ],
];

describe('an autoscaler is refused for', () => {
  it.each(CREATE)('%s', (_, object, lines) => {
    expect(refusals(HPA, object)).toEqual(lines);
  });
});

describe('v1', () => {
  it('is about CPU, of which four fifths may be used', () => {
    expect(stored(HPA, autoscaler({}, { apiVersion: 'autoscaling/v1' }))).toMatchObject({
      spec: { minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    });
  });

  it('keeps everything else in annotations', () => {
    const full = {
      ...autoscaler({
        metrics: [
          metric('Pods', { pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '10' } } }),
          metric('Resource', { resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }),
          metric('Object', {
            object: {
              describedObject: { apiVersion: 'v1', kind: 'Service', name: 's' },
              metric: { name: 'hits' },
              target: { type: 'Value', value: '2k' },
            },
          }),
        ],
        behavior: { scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
      }),
      metadata: { name: 'x', annotations: { a: 'b' } },
      status: {
        desiredReplicas: 2,
        currentMetrics: [
          metric('Resource', { resource: { name: 'cpu', current: { averageUtilization: 9, averageValue: '1m' } } }),
        ],
        conditions: [{ type: 'AbleToScale', status: 'True' }],
      },
    } as unknown as KubeObject;
    const v1 = toV1(full);
    expect(v1).toMatchObject({
      apiVersion: 'autoscaling/v1',
      metadata: {
        annotations: {
          a: 'b',
          'autoscaling.alpha.kubernetes.io/metrics':
            '[{"type":"Pods","pods":{"metricName":"q","targetAverageValue":"10"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s","apiVersion":"v1"},"metricName":"hits","targetValue":"2k"}}]',
          'autoscaling.alpha.kubernetes.io/current-metrics':
            '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":9,"currentAverageValue":"1m"}}]',
          'autoscaling.alpha.kubernetes.io/behavior':
            '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Min","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}],"Tolerance":null}}',
          'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]',
        },
      },
      spec: { targetCPUUtilizationPercentage: 50 },
      status: { currentCPUUtilizationPercentage: 9 },
    });
    const back = JSON.parse(JSON.stringify(toV2(v1))) as { spec: { metrics: Json[] } };
    const given = JSON.parse(JSON.stringify(full)) as { spec: { metrics: Json[] } };
    // The CPU comes last on the way back.
    given.spec.metrics = [given.spec.metrics[0]!, given.spec.metrics[2]!, given.spec.metrics[1]!];
    expect(back).toEqual(given);
  });
});

it('a status counts replicas', () => {
  expect(statusRefusals(HPA, autoscaler({}), { desiredReplicas: -1 })).toEqual([
    'status.desiredReplicas: Invalid value: -1: must be greater than or equal to 0',
  ]);
});
