import type { Pod, PriorityClass } from '../../types/objects.ts';
import { type AdmissionPlugin, creates, refuse } from './plugin.ts';

const CLASSES = 'priorityclasses.scheduling.k8s.io';

/** Turns a priority class's name into a number; there is one default class at most. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request, draft) {
    if (!draft || !creates(request, 'pods')) return;
    const spec = (draft as Pod).spec!;
    const classes = () => request.world.store.list(CLASSES) as PriorityClass[];
    const byDefault = spec.priorityClassName
      ? undefined
      : classes()
          .filter((one) => one.globalDefault)
          .sort((a, b) => a.value - b.value)[0];
    if (byDefault) spec.priorityClassName = byDefault.metadata.name;
    const name = spec.priorityClassName;
    const found = name
      ? (byDefault ?? (request.world.store.get(CLASSES, '', name) as PriorityClass | undefined))
      : undefined;
    if (name && !found) throw refuse(request, draft, `no PriorityClass with name ${name} was found`);
    const value = found?.value ?? 0;
    if (spec.priority !== undefined && spec.priority !== null && spec.priority !== value)
      throw refuse(
        request,
        draft,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    spec.priority = value;
    spec.preemptionPolicy ??= found?.preemptionPolicy ?? 'PreemptLowerPriority';
  },
  validate(request, object) {
    if (request.resource.name !== CLASSES || !object || !(object as PriorityClass).globalDefault) return;
    const other = (request.world.store.list(CLASSES) as PriorityClass[]).find(
      (one) => one.globalDefault && one.metadata.name !== object.metadata.name,
    );
    if (other)
      throw refuse(
        request,
        object,
        `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
      );
  },
};
