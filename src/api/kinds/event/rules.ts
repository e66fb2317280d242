import { goQuote } from '../../../base/go-quote.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { immutable, qualifiedName, same } from '../shared/checks.ts';
import type { AnyEvent, Reference } from './columns.ts';

const MAX_NAME = 128;
const MAX_NOTE = 1024;
const MISMATCH = 'does not match event.namespace';

/** An event under core's names, which all errors use. */
const coreOf = (event: AnyEvent) => ({
  namespace: event.metadata.namespace ?? '',
  involvedObject: event.involvedObject ?? event.regarding,
  message: event.message ?? event.note,
  source: event.source ?? event.deprecatedSource,
  firstTimestamp: event.firstTimestamp ?? event.deprecatedFirstTimestamp,
  lastTimestamp: event.lastTimestamp ?? event.deprecatedLastTimestamp,
  count: event.count ?? event.deprecatedCount,
  reportingController: event.reportingComponent ?? event.reportingController,
  reason: event.reason,
  type: event.type,
  eventTime: event.eventTime,
  action: event.action,
  related: event.related,
  reportingInstance: event.reportingInstance,
});

const limited = (path: string, value: string | undefined, max = MAX_NAME): FieldError[] =>
  (value ?? '').length > max ? [invalid(path, '', `can have at most ${max} characters`)] : [];

const named = (path: string, value: string | undefined): FieldError[] =>
  value ? limited(path, value) : [required(path)];

/** legacyValidateEvent: what both APIs ask; `controller` is their name of the field of the reporting controller. */
export function validateEvent(event: AnyEvent, controller: string): FieldError[] {
  const core = coreOf(event);
  const of = core.involvedObject?.namespace ?? '';
  const mismatch = invalid('involvedObject.namespace', of, MISMATCH);
  if (!core.eventTime) {
    const fits = of === '' ? core.namespace === 'default' : core.namespace === of;
    return fits ? [] : [mismatch];
  }
  return [
    ...(of === '' && !['default', 'kube-system'].includes(core.namespace) ? [mismatch] : []),
    ...(core.reportingController ? [] : [required(controller)]),
    ...qualifiedName(controller, core.reportingController ?? ''),
    ...named('reportingInstance', core.reportingInstance),
    ...named('action', core.action),
    ...named('reason', core.reason),
    ...limited('message', core.message, MAX_NOTE),
  ];
}

const validateSeries = ({ series }: AnyEvent): FieldError[] =>
  series
    ? [
        ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
        ...(series.lastObservedTime ? [] : [required('series.lastObservedTime')]),
      ]
    : [];

/** What events.k8s.io asks of a new event besides: nothing in the fields of the older API. */
export function validateNewEvent(event: AnyEvent): FieldError[] {
  const core = coreOf(event);
  const unset = (field: string, value: unknown) => (value ? [invalid(field, '', 'needs to be unset')] : []);
  return [
    ...validateSeries(event),
    ...(core.eventTime ? [] : [required('eventTime')]),
    ...(core.type === 'Normal' || core.type === 'Warning'
      ? []
      : [invalid('type', '', `has invalid value: ${core.type ?? ''}`)]),
    ...unset('firstTimestamp', core.firstTimestamp),
    ...unset('lastTimestamp', core.lastTimestamp),
    ...unset('count', core.count),
    ...unset('source', core.source?.component || core.source?.host),
  ];
}

const goReference = (reference: Reference = {}): GoSyntax => {
  const {
    kind = '',
    namespace = '',
    name = '',
    uid = '',
    apiVersion = '',
    resourceVersion = '',
    fieldPath = '',
  } = reference;
  const texts = { Kind: kind, Namespace: namespace, Name: name, UID: uid, APIVersion: apiVersion };
  const fields = { ...texts, ResourceVersion: resourceVersion, FieldPath: fieldPath };
  const list = Object.entries(fields).map(([field, value]) => `${field}:${goQuote(value)}`);
  return new GoSyntax(`core.ObjectReference{${list.join(', ')}}`);
};

/** What never changes of an event that events.k8s.io updates, in the order of the errors. */
const FIXED = [
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingController',
  'reportingInstance',
] as const;

/** Times as their String method writes them; other fields are shown as they stand. */
function goTime(field: string, value: unknown): GoSyntax | undefined {
  if (!/Timestamp$|Time$/.test(field)) return undefined;
  const text = typeof value === 'string' ? value : '0001-01-01T00:00:00Z';
  const [seconds = '', fraction = ''] = text.replace('T', ' ').replace('Z', '').split('.');
  const rest = fraction.replace(/0+$/, '');
  return new GoSyntax(`${seconds}${rest && `.${rest}`} +0000 UTC`);
}

/** Only the series of an event goes on. */
export function validateChangedEvent(event: AnyEvent, old: AnyEvent): FieldError[] {
  const [now, before] = [coreOf(event), coreOf(old)];
  const empty = (value: unknown) => value ?? '';
  return [
    ...(same(event.series, old.series) ? [] : validateSeries(event)),
    ...immutable('involvedObject', now.involvedObject, before.involvedObject, goReference(now.involvedObject)),
    ...FIXED.flatMap((field) => immutable(field, empty(now[field]), empty(before[field]), goTime(field, now[field]))),
  ];
}
