import type { AnyEvent } from '../event/columns.ts';
import { validateChangedEvent, validateEvent, validateNewEvent } from '../event/rules.ts';
import type { KindRules } from '../shared/strategy.ts';

/** Events of events.k8s.io: the same store, stricter rules. */
export const strategy: KindRules<AnyEvent> = {
  resource: 'events.events.k8s.io',
  updateChecks: ['spec', 'metadata', 'changes'],
  internalGroup: '',
  asksMetadata: 'last',
  createsOnUpdate: true,
  validate: (event) => validateEvent(event, 'reportingController'),
  validateCreate: validateNewEvent,
  validateUpdate: validateChangedEvent,
};
