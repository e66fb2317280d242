import type { KubeObject } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { since } from '../shared/cells.ts';

export interface Reference {
  kind?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
  fieldPath?: string;
}

interface Source {
  component?: string;
  host?: string;
}

/** An event under the names of either API: v1, or events.k8s.io. */
export interface AnyEvent extends KubeObject {
  type?: string;
  reason?: string;
  action?: string;
  related?: Reference;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string };
  reportingInstance?: string;
  involvedObject?: Reference;
  regarding?: Reference;
  message?: string;
  note?: string;
  source?: Source;
  deprecatedSource?: Source;
  reportingComponent?: string;
  reportingController?: string;
  firstTimestamp?: string | null;
  deprecatedFirstTimestamp?: string | null;
  lastTimestamp?: string | null;
  deprecatedLastTimestamp?: string | null;
  count?: number;
  deprecatedCount?: number;
}

const regarding = (event: AnyEvent): Reference => event.involvedObject ?? event.regarding ?? {};
const source = (event: AnyEvent): Source => event.source ?? event.deprecatedSource ?? {};
const controller = (event: AnyEvent): string => event.reportingComponent ?? event.reportingController ?? '';

const firstTime = (event: AnyEvent) =>
  event.firstTimestamp || event.deprecatedFirstTimestamp || event.eventTime || undefined;
const lastTime = (event: AnyEvent) =>
  event.series?.lastObservedTime || event.lastTimestamp || event.deprecatedLastTimestamp || firstTime(event);

function object(event: AnyEvent): string {
  const { kind = '', name } = regarding(event);
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function sourceText(event: AnyEvent): string {
  const component = source(event).component || controller(event);
  const instance = source(event).host || event.reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}

export const view: KindView<AnyEvent> = {
  cells: {
    'Last Seen': (event, now) => since(lastTime(event), now),
    Type: ({ type }) => type ?? '',
    Reason: ({ reason }) => reason ?? '',
    Object: object,
    Subobject: (event) => regarding(event).fieldPath ?? '',
    Source: sourceText,
    Message: (event) => (event.message ?? event.note ?? '').trim(),
    'First Seen': (event, now) => since(firstTime(event), now),
    Count: (event) => event.series?.count ?? (event.count || event.deprecatedCount || 1),
  },
  selectableFields: {
    'involvedObject.kind': (event) => regarding(event).kind ?? '',
    'involvedObject.namespace': (event) => regarding(event).namespace ?? '',
    'involvedObject.name': (event) => regarding(event).name ?? '',
    'involvedObject.uid': (event) => regarding(event).uid ?? '',
    'involvedObject.apiVersion': (event) => regarding(event).apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => regarding(event).resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => regarding(event).fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: controller,
    source: (event) => source(event).component || controller(event),
    type: ({ type }) => type ?? '',
  },
};
