import { isDeepStrictEqual } from 'node:util';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { Container, Pod } from '../types/objects.ts';
import { resourceLack, tooBig } from './admission.ts';
import { isSidecar } from './names.ts';
import type { PodScope } from './pod/scope.ts';

/** Containers whose resources may change while they run. */
const resizable = ({ containers, initContainers = [] }: NonNullable<Pod['spec']>): Container[] => [
  ...containers,
  ...initContainers.filter(isSidecar),
];

const isChanged = (record: ContainerRecord | undefined, { resources = {} }: Container): boolean =>
  record !== undefined && !isDeepStrictEqual(record.resources ?? {}, resources);

/** What a container has been given: what its spec says, unless a resize waits. */
export function allocated(scope: PodScope, container: Container): Container['resources'] {
  const record = scope.latest(container.name);
  return scope.worker.resize && record ? record.resources : container.resources;
}

/** handlePodResourcesResize: decides whether what the spec wants anew is given now, and remembers why not. */
export function decideResize(scope: PodScope): void {
  const { worker, now } = scope;
  const pod = scope.pod!;
  const changed = resizable(pod.spec!).filter((container) => isChanged(scope.latest(container.name), container));
  if (changed.length === 0) {
    delete worker.resize;
    delete worker.resizing;
    return;
  }
  const infeasible = tooBig(scope);
  const why = infeasible ?? resourceLack(scope)?.message;
  if (why === undefined) {
    delete worker.resize;
    // What does not run has it with its next start, which no back-off holds up.
    if (changed.some(({ name }) => scope.latest(name)?.state === 'running')) worker.resizing ??= now;
    else delete worker.resizing;
    for (const { name } of changed) delete worker.restarts[name];
    return;
  }
  const reason = infeasible ? 'Infeasible' : 'Deferred';
  const since = worker.resize?.reason === reason ? worker.resize.since : now;
  worker.resize = { reason, message: why, since };
}

/** Gives a running container its new resources; answers true if it must be restarted for them. */
export function resizeContainer(scope: PodScope, record: ContainerRecord, container: Container): boolean {
  if (scope.worker.resize || !isChanged(record, container)) return false;
  const of = (resources: Container['resources'], name: string) => [
    resources?.requests?.[name],
    resources?.limits?.[name],
  ];
  const restarts = (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      !isDeepStrictEqual(of(record.resources, resourceName), of(container.resources, resourceName)),
  );
  if (restarts) return true;
  const { resources: _, ...rest } = record;
  scope.saveContainer({ ...rest, ...(container.resources && { resources: container.resources }) });
  scope.requestRelist();
  return false;
}
