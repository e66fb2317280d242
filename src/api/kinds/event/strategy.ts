import { pathSegmentName } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';
import type { AnyEvent } from './columns.ts';
import { validateEvent } from './rules.ts';

export const strategy: KindRules<AnyEvent> = {
  resource: 'events',
  updateChecks: ['spec'],
  defaultDeletion: 'unsupported',
  createsOnUpdate: true,
  nameRule: pathSegmentName,
  asksMetadata: 'otherwise',
  validate: (event) => validateEvent(event, 'reportingComponent'),
};
