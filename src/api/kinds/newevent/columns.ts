import { type AnyEvent, view as coreView } from '../event/columns.ts';
import type { KindView } from '../kind.ts';

const { selectableFields: core = {} } = coreView;

/** Events of events.k8s.io: the same columns; their fields are selected by their newer names. */
export const view: KindView<AnyEvent> = {
  ...coreView,
  selectableFields: Object.fromEntries(
    Object.entries(core)
      .filter(([field]) => field !== 'source')
      .map(([field, value]) => [
        field.replace(/^involvedObject/, 'regarding').replace(/^reportingComponent$/, 'reportingController'),
        value,
      ]),
  ),
};
