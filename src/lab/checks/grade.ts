import { JsonPath } from '../../base/jsonpath/index.ts';
import { TransportError } from '../../kubectl/transport.ts';
import type { Check, CountCheck, KeptCheck, ObjectCheck, ReachCheck, RunCheck, Task } from '../format/lab.ts';
import { type Stage, UnknownResource } from '../stage.ts';
import { failedComparison } from './comparisons.ts';
import { mismatch, show } from './partial.ts';
import { reachFailure } from './reach.ts';

export interface Result {
  check: Check;
  /** What was found instead; undefined when the check passes. */
  failure?: string;
}

/** By reference: the uids of what must be kept. */
type Kept = Record<string, string>;

const KEPT = 'kept';

/** Looks at a cluster that has come to rest. */
export async function grade(stage: Stage, task: Task): Promise<Result[]> {
  const results: Result[] = [];
  for (const check of task.checks) {
    const failure = await failureOf(stage, check);
    results.push({ check, ...(failure !== undefined && { failure }) });
  }
  return results;
}

/** Notes which objects are there when a task begins. */
export async function remember(stage: Stage, task: Task): Promise<void> {
  const kept: Kept = { ...stage.memory<Kept>().get(KEPT) };
  for (const check of task.checks) {
    if (check.kind !== 'kept') continue;
    const object = await stage.get(check.kept, check.namespace);
    kept[keyOf(check)] = object?.metadata.uid ?? '';
  }
  stage.memory<Kept>().set(KEPT, kept);
}

/** The check's place in the lab, whatever the lab's file is called. */
const keyOf = ({ kept, namespace, line }: KeptCheck): string => `${line} ${namespace ?? ''}/${kept}`;

async function failureOf(stage: Stage, check: Check): Promise<string | undefined> {
  try {
    switch (check.kind) {
      case 'object':
        return await objectFailure(stage, check);
      case 'objects':
        return await countFailure(stage, check);
      case 'run':
        return await runFailure(stage, check);
      case 'reach':
        return await reached(stage, check);
      case 'kept':
        return await keptFailure(stage, check);
    }
  } catch (error) {
    if (error instanceof TransportError) return `the API server does not answer: ${error.message}`;
    if (error instanceof UnknownResource) return error.message;
    throw error;
  }
}

async function objectFailure(stage: Stage, check: ObjectCheck): Promise<string | undefined> {
  const object = await stage.get(check.object, check.namespace);
  if (check.absent) return object ? `there is a ${check.object}` : undefined;
  if (!object) return `there is no ${check.object}${check.namespace ? ` in namespace ${check.namespace}` : ''}`;
  if (check.looksLike !== undefined) return mismatch(check.looksLike, object);
  if (check.jsonpath === undefined) return undefined;
  let found: string;
  try {
    found = new JsonPath(check.jsonpath, { allowMissingKeys: true }).execute(object);
  } catch (error) {
    return `${check.jsonpath}: ${(error as Error).message}`;
  }
  const failed = failedComparison(check.comparisons, found);
  return failed && `${check.jsonpath}: ${failed}`;
}

async function countFailure(stage: Stage, check: CountCheck): Promise<string | undefined> {
  const all = await stage.list(check.objects, check.namespace, check.selector);
  const found = all.filter(
    (object) => check.looksLike === undefined || mismatch(check.looksLike, object) === undefined,
  );
  const failed = failedComparison(check.count, String(found.length));
  return (
    failed &&
    `of ${check.objects} ${failed.replace(/^it is/, 'there are')}${names(found.map((one) => one.metadata.name ?? ''))}`
  );
}

const names = (list: string[]): string => (list.length > 0 && list.length < 8 ? ` (${list.join(', ')})` : '');

async function runFailure(stage: Stage, check: RunCheck): Promise<string | undefined> {
  const { output, code } = await stage.run(check.run, check.on);
  if (check.exit !== 'any' && code !== check.exit)
    return `it exits with ${code}, not ${check.exit}: ${show(output.trim())}`;
  if (check.shows === undefined || new RegExp(check.shows, 'm').test(output)) return undefined;
  return `it shows: ${show(output.trim())}`;
}

async function reached(stage: Stage, check: ReachCheck): Promise<string | undefined> {
  const machine = await stage.machine(check.from, check.namespace);
  return machine ? reachFailure(check, machine) : `${check.from} does not run`;
}

async function keptFailure(stage: Stage, check: KeptCheck): Promise<string | undefined> {
  const before = stage.memory<Kept>().get(KEPT)?.[keyOf(check)];
  if (!before) return `there was no ${check.kept} when the task began`;
  const object = await stage.get(check.kept, check.namespace);
  if (!object) return `there is no ${check.kept} any more`;
  return object.metadata.uid === before ? undefined : `${check.kept} is another one than before`;
}
