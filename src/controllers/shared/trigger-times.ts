import { formatTime, parseTime } from '../../base/time.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { Pod, Service } from '../../types/objects.ts';
import { podCondition } from './pods.ts';

interface Seen {
  service: string;
  /** When each pod's readiness last changed. */
  pods: Record<string, string>;
}

const triggerTime = (pod: Pod): string =>
  podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '';

/**
 * endpointslice/util.TriggerTimeTracker: the earliest of the changes since the last look that make endpoints change, as the
 * annotation `endpoints.kubernetes.io/last-change-trigger-time` says it; undefined when nothing but a departure did.
 */
export function lastTriggerTime(world: ActorWorld, actor: string, service: Service, pods: Pod[]): string | undefined {
  const section = world.state.section<Seen>('trigger-times');
  const key = `${actor}/${service.metadata.namespace}/${service.metadata.name}`;
  const before = section.get(key);
  const now = Object.fromEntries(pods.map((pod) => [pod.metadata.name!, triggerTime(pod)]));
  const changed = Object.entries(now).flatMap(([name, time]) => (before?.pods[name] === time ? [] : [time]));
  const created = service.metadata.creationTimestamp!;
  if (before?.service !== created) changed.push(created);
  section.set(key, { service: created, pods: now });
  return changed.length > 0 ? formatTime(Math.min(...changed.map(parseTime))) : undefined;
}

export function forgetTriggerTimes(world: ActorWorld, actor: string, key: string): void {
  world.state.section<Seen>('trigger-times').delete(`${actor}/${key}`);
}
