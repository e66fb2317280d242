import type { KindRules } from '../shared/strategy.ts';
import type { AnyEvent } from './columns.ts';
import { validateChangedEvent, validateEvent, validateNewEvent } from './rules.ts';

/** Events of events.k8s.io: the same store, stricter rules. */
export const strategy: KindRules<AnyEvent> = {
  resource: 'events.events.k8s.io',
  createsOnUpdate: true,
  validate: (event) => validateEvent(event, 'reportingController'),
  validateCreate: validateNewEvent,
  validateUpdate: validateChangedEvent,
};
