import type { HorizontalPodAutoscaler } from '../../types/objects.ts';

type Behavior = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['behavior']>;
type Rules = NonNullable<Behavior['scaleUp']>;
type Policy = NonNullable<Rules['policies']>[number];

/** Something that happened at a time (ms): a recommendation, or a change by so many replicas. */
export type Sample = [at: number, replicas: number];

/** What an autoscaler remembers. */
export interface Past {
  recommendations: Sample[];
  /** Changes of size: positive when pods were added. */
  changes: Sample[];
}

/** The condition that tells of it. */
export interface Told {
  limited: boolean;
  reason: string;
  message: string;
}

const WITHIN: Told = {
  limited: false,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_FEW: Told = {
  limited: true,
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_MANY: Told = {
  limited: true,
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const tooFast = (direction: 'Up' | 'Down'): Told => ({
  limited: true,
  reason: `Scale${direction}Limit`,
  message: `the desired replica count is ${direction === 'Up' ? 'increasing' : 'decreasing'} faster than the maximum scale rate`,
});

const since = (samples: Sample[], time: number): number[] =>
  samples.filter(([at]) => at > time).map(([, replicas]) => replicas);

const windowOf = (rules: Rules | undefined, standard: number): number =>
  (rules?.stabilizationWindowSeconds ?? standard) * 1000;

/** --horizontal-pod-autoscaler-downscale-stabilization, seconds. */
const DOWNSCALE = 300;

/** For how long recommendations and changes matter, ms. */
export function memory(behavior: Behavior | undefined): number {
  const rules = [behavior?.scaleUp, behavior?.scaleDown];
  const periods = rules.flatMap((one) => one?.policies ?? []).map(({ periodSeconds }) => periodSeconds * 1000);
  return Math.max(windowOf(behavior?.scaleUp, 0), windowOf(behavior?.scaleDown, DOWNSCALE), ...periods);
}

/** Steadies a recommendation by those before it (stabilizeRecommendation, stabilizeRecommendationWithBehaviors). */
export function stabilized(
  recommended: number,
  current: number,
  behavior: Behavior | undefined,
  { recommendations }: Past,
  now: number,
): number {
  const highest = Math.max(recommended, ...since(recommendations, now - windowOf(behavior?.scaleDown, DOWNSCALE)));
  if (!behavior) return highest;
  const lowest = Math.min(recommended, ...since(recommendations, now - windowOf(behavior.scaleUp, 0)));
  return Math.min(Math.max(current, lowest), highest);
}

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

/** The size that the policies allow now, after the changes of their periods. */
function rateLimit(
  current: number,
  rules: Rules,
  changes: Sample[],
  now: number,
  allowed: (start: number, policy: Policy) => number,
  generous: (...sizes: number[]) => number,
  strict: (...sizes: number[]) => number,
): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const sizes = (rules.policies ?? []).map((policy) =>
    allowed(current - sum(since(changes, now - policy.periodSeconds * 1000)), policy),
  );
  return (rules.selectPolicy === 'Min' ? strict : generous)(...sizes);
}

const grown = (start: number, { type, value }: Policy): number =>
  type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
const shrunk = (start: number, { type, value }: Policy): number =>
  type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));

/** Keeps a size within the bounds and the rates (convertDesiredReplicasWithRules, …WithBehaviorRate). */
export function limited(
  desired: number,
  current: number,
  { minReplicas = 1, maxReplicas, behavior }: NonNullable<HorizontalPodAutoscaler['spec']>,
  { changes }: Past,
  now: number,
): { replicas: number; told: Told } {
  const atMost = (rate: number) =>
    maxReplicas > rate ? { replicas: rate, told: tooFast('Up') } : { replicas: maxReplicas, told: TOO_MANY };
  if (!behavior) {
    if (desired < minReplicas) return { replicas: minReplicas, told: TOO_FEW };
    const most = atMost(Math.max(2 * current, 4));
    return desired > most.replicas ? most : { replicas: desired, told: WITHIN };
  }
  if (desired > current) {
    const rate = rateLimit(current, behavior.scaleUp ?? {}, changes, now, grown, Math.max, Math.min);
    const most = atMost(Math.max(rate, current));
    if (desired > most.replicas) return most;
  } else if (desired < current) {
    const rate = rateLimit(current, behavior.scaleDown ?? {}, changes, now, shrunk, Math.min, Math.max);
    const slowest = Math.min(rate, current);
    const least =
      minReplicas < slowest ? { replicas: slowest, told: tooFast('Down') } : { replicas: minReplicas, told: TOO_FEW };
    if (desired < least.replicas) return least;
  }
  return { replicas: desired, told: WITHIN };
}
