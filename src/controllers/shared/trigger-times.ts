import { formatTime, parseTime } from '../../base/time.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { Pod, Service } from '../../types/objects.ts';
import { podCondition } from './pods.ts';

interface Seen {
  service: string;
  /** When the readiness of each pod that has told of it last changed. */
  pods: Record<string, string>;
}

/**
 * endpointslice/util.TriggerTimeTracker: the earliest of the changes since the last look that make endpoints change, as the
 * annotation `endpoints.kubernetes.io/last-change-trigger-time` says it; undefined when nothing but a departure did.
 * `pods` are all that the service selects.
 */
export function lastTriggerTime(world: ActorWorld, actor: string, service: Service, pods: Pod[]): string | undefined {
  const section = world.state.section<Seen>('trigger-times');
  const key = `${actor}/${service.metadata.namespace}/${service.metadata.name}`;
  const before = section.get(key);
  const created = service.metadata.creationTimestamp!;
  const now: Record<string, string> = {};
  for (const pod of pods) {
    const time = podCondition(pod, 'Ready')?.lastTransitionTime;
    if (time) now[pod.metadata.name!] = time;
  }
  section.set(key, { service: created, pods: now });
  if (!before) return created;
  const changed = Object.entries(now).flatMap(([name, time]) => (time > (before.pods[name] ?? '') ? [time] : []));
  if (created > before.service) changed.push(created);
  return changed.length > 0 ? formatTime(Math.min(...changed.map(parseTime))) : undefined;
}

export function forgetTriggerTimes(world: ActorWorld, actor: string, key: string): void {
  world.state.section<Seen>('trigger-times').delete(`${actor}/${key}`);
}
