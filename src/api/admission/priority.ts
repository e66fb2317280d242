import type { Pod, PriorityClass } from '../../types/objects.ts';
import { type AdmissionPlugin, creates, refuse, updates } from './plugin.ts';

const CLASSES = 'priorityclasses.scheduling.k8s.io';

/** An update that does not speak of them leaves them as they are. */
function keepPriority({ spec }: Pod, { spec: old }: Pod): void {
  if (!spec || !old) return;
  spec.priority ??= old.priority;
  spec.preemptionPolicy ??= old.preemptionPolicy;
}

/** Turns a priority class's name into a number; there is one default class at most. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: ['pods', CLASSES],
  admit(request, draft, old) {
    if (draft && old && updates(request, 'pods')) keepPriority(draft as Pod, old as Pod);
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
    const policy = found ? found.preemptionPolicy : 'PreemptLowerPriority';
    if (policy === undefined) return;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
      throw refuse(
        request,
        draft,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    spec.preemptionPolicy = policy;
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
