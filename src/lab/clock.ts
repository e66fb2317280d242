import type { Clock } from '../base/clock.ts';
import type { State } from '../store/section.ts';

interface ClockRecord {
  mode: 'real' | 'manual';
  time: number;
  perCommand: number;
  offset: number;
  seen: number;
}

interface Spec {
  clock: { mode: 'real' | 'manual' };
}

/** Makes a cluster's clock stand still, at no cost for commands: of a copy that is looked at. */
export function standStill(state: State): void {
  change(state, { mode: 'manual', perCommand: 0 });
}

/** Lets a cluster's clock go on with the wall's from where it is. */
export function goOn(state: State, wall: Clock): void {
  const now = wall.now();
  change(state, { mode: 'real', offset: state.section<ClockRecord>('cluster').get('clock')!.time - now, seen: now });
}

function change(state: State, to: Partial<ClockRecord> & Pick<ClockRecord, 'mode'>): void {
  const section = state.section<unknown>('cluster');
  section.set('clock', { ...(section.get('clock') as ClockRecord), ...to });
  const spec = section.get('spec') as Spec;
  section.set('spec', { ...spec, clock: { ...spec.clock, mode: to.mode } });
}
