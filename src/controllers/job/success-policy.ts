import type { Job } from '../../types/objects.ts';
import { parseIndexes } from './pods.ts';

type Rule = NonNullable<NonNullable<Job['spec']>['successPolicy']>['rules'][number];

function isMet({ succeededIndexes, succeededCount }: Rule, done: Set<number>): boolean {
  const wanted = succeededIndexes === undefined ? [...done] : parseIndexes(succeededIndexes);
  const met = wanted.filter((index) => done.has(index)).length;
  return met >= (succeededCount ?? wanted.length);
}

/** Why an indexed job has succeeded although not every index has; undefined if no rule says so. */
export function successMessage(job: Job, succeeded: number[]): string | undefined {
  const done = new Set(succeeded);
  const at = (job.spec?.successPolicy?.rules ?? []).findIndex((rule) => isMet(rule, done));
  return at < 0 ? undefined : `Matched rules at index ${at}`;
}
