import { apiServerUp, componentUp, someComponentDown } from '../runtime/control-plane.ts';
import type { State } from '../store/section.ts';

/** Actors that are no clients of the API server, or that run on nodes. */
const ALWAYS = new Set(['kubelet', 'event-expiry']);
const SCHEDULER = 'default-scheduler';

/** Who cannot act now, by an actor's name; undefined while everybody can. */
export function heldBack(state: State): ((actor: string) => boolean) | undefined {
  if (!someComponentDown(state)) return undefined;
  const api = apiServerUp(state);
  const manager = api && componentUp(state, 'kube-controller-manager');
  const scheduler = api && componentUp(state, 'kube-scheduler');
  if (manager && scheduler) return undefined;
  return (actor) => !ALWAYS.has(actor) && !(actor === SCHEDULER ? scheduler : manager);
}
