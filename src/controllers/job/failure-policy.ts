import type { Job, Pod } from '../../types/objects.ts';

type Policy = NonNullable<NonNullable<Job['spec']>['podFailurePolicy']>;
type Rule = Policy['rules'][number];

/** What a job's podFailurePolicy makes of a failed pod. */
export interface Verdict {
  action: 'FailJob' | 'Ignore' | 'Count' | 'FailIndex';
  /** Why the job fails, when it does. */
  message?: string;
}

function matchingExit(pod: Pod, { onExitCodes }: Rule): { name: string; exitCode: number } | undefined {
  const { containerName, operator, values } = onExitCodes!;
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  for (const { name, state } of statuses) {
    const exitCode = state?.terminated?.exitCode;
    if (!exitCode || (containerName && containerName !== name)) continue;
    if (values.includes(exitCode) === (operator === 'In')) return { name, exitCode };
  }
  return undefined;
}

const matchingCondition = (pod: Pod, { onPodConditions }: Rule): string | undefined =>
  pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions?.some((pattern) => type === pattern.type && status === pattern.status),
  )?.type;

/** The first rule that matches decides; without one the failure counts. */
export function judge(policy: Policy | undefined, pod: Pod): Verdict {
  const { namespace, name } = pod.metadata;
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const action = rule.action as Verdict['action'];
    const exit = rule.onExitCodes && matchingExit(pod, rule);
    const condition = matchingCondition(pod, rule);
    if (!exit && !condition) continue;
    const what = exit
      ? `Container ${exit.name} for pod ${namespace}/${name} failed with exit code ${exit.exitCode}`
      : `Pod ${namespace}/${name} has condition ${condition}`;
    return { action, ...(action === 'FailJob' && { message: `${what} matching FailJob rule at index ${index}` }) };
  }
  return { action: 'Count' };
}
