import type { Container, PodSpec } from '../../../types/objects.ts';

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Every container of a pod with its path, in VisitContainersWithPath's order. */
export const visitContainers = (spec: PodSpec, path: string): [Container, string][] =>
  LISTS.flatMap((list) =>
    ((spec[list] ?? []) as Container[]).map((container, index): [Container, string] => [
      container,
      `${path}.${list}[${index}]`,
    ]),
  );
