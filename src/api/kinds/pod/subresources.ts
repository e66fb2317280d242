import { Quantity } from '../../../base/quantity.ts';
import type { Container, Pod, PodSpec } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { each, same } from '../shared/checks.ts';
import { MIRROR } from '../shared/pod-annotations.ts';
import { qosClass } from './qos.ts';
import { ephemeralContainerDiff } from './spec-diff.ts';
import { specOf } from './validation.ts';

type List = Record<string, string>;

const LISTS = ['containers', 'initContainers'] as const;
const COMPUTE = ['cpu', 'memory'];
const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';
const isStatic = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

/** ValidatePodEphemeralContainersUpdate: containers may come, none may go or change. */
export function validateEphemeralContainers(pod: Pod, old: Pod): FieldError[] {
  const at = 'spec.ephemeralContainers';
  if (isStatic(old)) return [forbidden('', 'static pods do not support ephemeral containers')];
  const now = new Map((pod.spec?.ephemeralContainers ?? []).map((container) => [container.name, container]));
  return (old.spec?.ephemeralContainers ?? []).flatMap((before) => {
    const after = now.get(before.name);
    const name = JSON.stringify(before.name);
    if (!after) return [forbidden(at, `existing ephemeral containers ${name} may not be removed\n`)];
    if (same(before, after)) return [];
    const diff = ephemeralContainerDiff(before, after);
    return [forbidden(at, `existing ephemeral containers ${name} may not be changed\n${diff}`)];
  });
}

function validateOrder(spec: PodSpec, old: PodSpec): FieldError[] {
  return LISTS.flatMap((list) => {
    const [now, before] = [spec[list] ?? [], old[list] ?? []];
    if (now.length !== before.length)
      return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
    return each(now, `spec.${list}`, ({ name }, at, index) =>
      name === before[index]!.name
        ? []
        : [forbidden(`${at}.name`, `${list} may not be renamed or reordered on resize`)],
    );
  });
}

function validateContainerResize(container: Container, old: Container, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['requests', 'limits'] as const) {
    const now = container.resources?.[list] ?? {};
    if (Object.keys(old.resources?.[list] ?? {}).some((name) => !(name in now)))
      errors.push(forbidden(`${path}.resources.${list}`, `resource ${list} cannot be removed`));
  }
  const policy = container.resizePolicy?.find(({ resourceName }) => resourceName === 'memory')?.restartPolicy;
  if (policy && policy !== 'NotRequired') return errors;
  const [now, before] = [container, old].map(({ resources }) => (resources?.limits as List | undefined)?.memory);
  if (now === undefined) return errors;
  const refuse = (what: string) =>
    errors.push(
      forbidden(
        `${path}.resources.limits[memory]`,
        `memory limits cannot be ${what} unless resizePolicy is RestartContainer`,
      ),
    );
  if (before === undefined) refuse('added');
  else if (Quantity.parse(now).compare(Quantity.parse(before)) < 0) refuse('decreased');
  return errors;
}

/** The container with the CPU and memory of the old one. */
function withComputeOf(container: Container, old: Container): Container {
  const list = (name: 'limits' | 'requests'): List | undefined => {
    const before = old.resources?.[name] as List | undefined;
    if (!before) return undefined;
    const kept = Object.entries((container.resources?.[name] ?? {}) as List).filter(([key]) => !COMPUTE.includes(key));
    return Object.fromEntries([...kept, ...Object.entries(before).filter(([key]) => COMPUTE.includes(key))]);
  };
  return { ...container, resources: { limits: list('limits'), requests: list('requests') } } as unknown as Container;
}

const canResize = ({ status }: Pod): boolean => {
  const running = status?.containerStatuses?.find(({ state }) => state?.running);
  return !running || (running as { resources?: object }).resources !== undefined;
};

function validateOthers(spec: PodSpec, old: PodSpec): FieldError[] {
  const refused = (what: string) => [forbidden('spec', what)];
  return LISTS.flatMap((list) =>
    each(spec[list], '', (container, _, index) => {
      const before = old[list]![index]!;
      if (list === 'initContainers' && !isSidecar(container))
        return same(container, before) ? [] : refused('resources for non-sidecar init containers are immutable');
      const of = list === 'initContainers' ? ' for sidecar containers' : '';
      return same(withComputeOf(container, before), before)
        ? []
        : refused(`only cpu and memory resources${of} are mutable`);
    }),
  );
}

/** ValidatePodResize without its metadata and the checks that a create makes too. */
export function validateResize(pod: Pod, oldPod: Pod): FieldError[] {
  const [spec, old] = [specOf(pod), specOf(oldPod)];
  if (isStatic(oldPod)) return [forbidden('', 'static pods cannot be resized')];
  if (old.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const errors: FieldError[] = [];
  const before = oldPod.status?.qosClass ?? qosClass(oldPod);
  if (before !== qosClass(pod))
    errors.push(invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'));
  if (!canResize(oldPod)) errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  const order = validateOrder(spec, old);
  if (order.length > 0) return [...errors, ...order];
  for (const list of ['initContainers', 'containers'] as const)
    errors.push(
      ...each(spec[list], `spec.${list}`, (container, at, index) =>
        list === 'initContainers' && !isSidecar(container)
          ? []
          : validateContainerResize(container, old[list]![index]!, at),
      ),
    );
  return [...errors, ...validateOthers(spec, old)];
}
