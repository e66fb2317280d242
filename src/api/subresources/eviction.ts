import { formatTime } from '../../base/time.ts';
import type { KubeObject, Pod, PodDisruptionBudget } from '../../types/objects.ts';
import { actionAdmitted, admitAction } from '../admission/index.ts';
import { badRequest, forbidden, notFound, tooManyRequests } from '../errors.ts';
import { decodeWritten } from '../machinery/body.ts';
import { checkDeleteOptions, checkPreconditions, deleteAdmitted } from '../machinery/delete.ts';
import { matchNamespace } from '../machinery/identity.ts';
import { writeOwnStatus } from '../machinery/own-status.ts';
import { load } from '../machinery/persist.ts';
import { selects } from '../machinery/selectors.ts';
import { ApiError } from '../request.ts';
import { type Answer, type ResourceRequest, subjectOf, type WrittenKind } from '../world.ts';
import { success } from './status-answer.ts';

interface Eviction extends KubeObject {
  deleteOptions?: {
    gracePeriodSeconds?: number;
    preconditions?: { uid?: string; resourceVersion?: string };
    dryRun?: string[];
  };
}

const EVICTION: WrittenKind = { group: 'policy', version: 'v1', kind: 'Eviction', alsoIn: ['policy/v1beta1'] };
const BUDGETS = 'poddisruptionbudgets.policy';
const MAX_DISRUPTED = 2000;

const SEVERAL_BUDGETS =
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';

/** POST pods/eviction: a deletion that asks the pod's disruption budget first. */
export function eviction(request: ResourceRequest): Answer {
  const { world, resource, namespace, name } = request;
  const given = decodeWritten<Eviction>(request, EVICTION);
  const posting = { ...request, written: EVICTION };
  matchNamespace(request, given);
  admitAction(posting, given);
  if (given.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
  const options = given.deleteOptions ?? {};
  checkDeleteOptions(options);
  if (options.dryRun?.includes('All')) request.dryRun = true;
  const pod = load(world, resource, namespace, name) as Pod | undefined;
  if (!pod) throw notFound(subjectOf(request), name);
  actionAdmitted(posting, given);
  if (!needsNoBudget(pod)) {
    const budgets = (world.store.list(BUDGETS, namespace) as PodDisruptionBudget[]).filter(({ spec }) =>
      selects(spec?.selector, pod.metadata.labels),
    );
    if (budgets.length > 1) throw new ApiError(500, '', SEVERAL_BUDGETS);
    if (budgets[0]) spend(request, budgets[0], pod);
  }
  const { preconditions, ...rest } = options;
  checkPreconditions(request, pod, preconditions);
  const marked = request.dryRun ? pod : withCondition(request, pod);
  deleteAdmitted({ ...request, subresource: '' }, marked, rest);
  return success();
}

/** Pods that run nothing, or go anyway, spend nothing. */
const needsNoBudget = ({ metadata, status }: Pod): boolean =>
  ['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '') || metadata.deletionTimestamp !== undefined;

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

/** Takes one disruption from the budget, or refuses. */
function spend(request: ResourceRequest, budget: PodDisruptionBudget, pod: Pod): void {
  const { world, dryRun } = request;
  const { spec, status } = budget;
  const name = budget.metadata.name!;
  const healthy = status?.currentHealthy ?? 0;
  const desired = status?.desiredHealthy ?? 0;
  if (!isReady(pod)) {
    if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return;
    if (desired > 0 && healthy >= desired) return;
  }
  const cause = (message: string) => [{ reason: 'DisruptionBudget', message }];
  if ((status?.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    throw tooManyRequests(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      10,
      cause(`The disruption budget ${name} is still being processed by the server.`),
    );
  const allowed = status?.disruptionsAllowed ?? 0;
  if (Object.keys(status?.disruptedPods ?? {}).length > MAX_DISRUPTED)
    throw forbidden(
      { group: 'policy', plural: 'poddisruptionbudget' },
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  if (allowed <= 0)
    throw tooManyRequests(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      0,
      cause(`The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`),
    );
  if (dryRun) return;
  const left = allowed - 1;
  const now = formatTime(world.now());
  writeOwnStatus(request, BUDGETS, budget, {
    ...budget,
    status: {
      ...status,
      disruptedPods: { ...status?.disruptedPods, [pod.metadata.name!]: now },
      disruptionsAllowed: left,
      conditions: conditionsWith(status, left > 0, now),
    },
  } as unknown as PodDisruptionBudget);
}

type BudgetStatus = PodDisruptionBudget['status'];

/** UpdateDisruptionAllowedCondition */
function conditionsWith(status: BudgetStatus, sufficient: boolean, now: string) {
  const type = 'DisruptionAllowed';
  const [value, reason] = sufficient ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods'];
  const before = status?.conditions ?? [];
  const old = before.find((one) => one.type === type);
  const condition = {
    ...old,
    type,
    status: value,
    observedGeneration: status?.observedGeneration,
    lastTransitionTime: old?.status === value ? old?.lastTransitionTime : now,
    reason,
    message: '',
  };
  return old ? before.map((one) => (one === old ? condition : one)) : [...before, condition];
}

/** Says on the pod why it goes. */
function withCondition({ world }: ResourceRequest, pod: Pod): Pod {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(world.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
  return world.store.write('pods', {
    ...pod,
    status: { ...pod.status, conditions: [...others, condition] },
  } as unknown as Pod);
}
