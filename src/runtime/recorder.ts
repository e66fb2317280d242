import { ApiError } from '../api/request.ts';
import { fnv1a32 } from '../base/hash.ts';
import { formatMicroTime, formatTime } from '../base/time.ts';
import type { CoreEvent } from '../types/objects.ts';
import type { Client } from './client.ts';
import type { EventOptions, EventRecorder, EventTarget } from './event-recorder.ts';

/** client-go's EventCorrelator: how many different messages of one kind become one event, and within which time. */
const MAX_SIMILAR = 10;
const SIMILAR_INTERVAL = 600_000;
/** The spam filter: a burst of events of one type about one object from one source, then one each five minutes. */
const BURST = 25;
const REFILL = 300_000;

/** So many events of one topic are counted up; the oldest are forgotten. */
const MAX_SEEN = 2 * MAX_SIMILAR;

interface Seen {
  /** Which of a topic's events it is. */
  slot?: string;
  name: string;
  count: number;
  first: number;
}

/** What one source has told of one object for one reason: its last messages and the events that were made of them, by their marks. */
interface Topic {
  messages: string[];
  last: number;
  /** Oldest first. */
  seen: Seen[];
}

/** What one source has told of one object. */
interface Told {
  last: number;
  /** The spam filter's buckets, by the type of the events. */
  buckets: Record<string, { tokens: number; last: number }>;
  topics: Record<string, Topic>;
}

/** What the recorder remembers of events: plain data, so that it can be kept in the state. */
export interface RecorderMemory {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Records events through a client, aggregated as client-go does it: same again counts up, too many similar ones are combined. */
export class LocalEventRecorder implements EventRecorder {
  constructor(
    private readonly client: Client,
    private readonly now: () => number,
    private readonly memory: RecorderMemory,
    private readonly defaults: EventOptions = {},
  ) {}

  event(
    regarding: EventTarget,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: EventOptions = {},
  ): void {
    try {
      this.record(regarding, type, reason, message, options);
    } catch (error) {
      // Whoever tells of something goes on with its work when nobody wants to hear of it.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  private record(
    regarding: EventTarget,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options: EventOptions,
  ): void {
    const { fieldPath, component = '', host, action } = { ...this.defaults, ...options };
    const { namespace, name = '', uid, resourceVersion } = regarding.metadata;
    const involvedObject = {
      kind: regarding.kind,
      namespace,
      name,
      uid,
      apiVersion: regarding.apiVersion,
      resourceVersion,
      fieldPath,
    };
    if (action !== undefined) {
      this.recordNew({ regarding, involvedObject, type, reason, message, component, host, action });
      return;
    }
    const now = this.now();
    const where = this.eventNamespace(namespace);
    const key = ['tells', component, host, regarding.kind, namespace, name, uid].join('|');
    const { buckets = {}, topics = {} } = (this.memory.get(key) as Told | undefined) ?? {};
    const { topic, text, slot } = combined(topics[`${type}|${reason}`], message, fieldPath, now);
    const before = topic.seen.find((one) => one.slot === slot);
    const seen: Seen = before
      ? { ...before, count: before.count + 1 }
      : { slot, name: this.freeName(where, name), count: 1, first: now };
    const bucket = filled(buckets[type], now);
    const spam = bucket.tokens < 1;
    const told: Told = {
      last: now,
      buckets: { ...buckets, [type]: spam ? bucket : { ...bucket, tokens: bucket.tokens - 1 } },
      topics: { ...topics, [`${type}|${reason}`]: { ...topic, seen: latest(topic.seen, seen) } },
    };
    this.memory.set(key, told);
    // What is cut is counted all the same.
    if (spam) return;
    const lastTimestamp = formatTime(now);
    if (before && this.client.get('events', where, seen.name)) {
      this.client.patch('events', where, seen.name, { count: seen.count, lastTimestamp, message: text });
      return;
    }
    this.client.create('events', {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: seen.name, namespace: where },
      involvedObject,
      reason,
      message: text,
      source: { component, ...(host && { host }) },
      firstTimestamp: formatTime(seen.first),
      lastTimestamp,
      count: seen.count,
      type,
      eventTime: null,
      // Events that are told together are made anew, of less.
      ...(text === message && { reportingComponent: component, reportingInstance: host ?? '' }),
    } as unknown as CoreEvent);
  }

  /** As events.k8s.io records them (the scheduler): no source, an action, series instead of a count. */
  private recordNew(event: {
    regarding: EventTarget;
    involvedObject: object;
    type: string;
    reason: string;
    message: string;
    component: string;
    host?: string;
    action: string;
  }): void {
    const { regarding, involvedObject, type, reason, message, component, host = '', action } = event;
    const { namespace, name = '' } = regarding.metadata;
    const where = this.eventNamespace(namespace);
    const eventTime = formatMicroTime(this.now());
    const key = `series|${component}|${regarding.metadata.uid}|${type}|${reason}|${action}|${message}`;
    const seen = this.memory.get(key) as Seen | undefined;
    if (seen && this.now() - seen.first < 360_000 && this.client.get('events', where, seen.name)) {
      const count = seen.count + 1;
      this.memory.set(key, { ...seen, count, first: this.now() });
      this.client.patch('events', where, seen.name, { series: { count, lastObservedTime: eventTime } });
      return;
    }
    const created = this.client.create('events', {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: this.freeName(where, name), namespace: where },
      involvedObject,
      reason,
      message,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime,
      action,
      reportingComponent: component,
      reportingInstance: host,
    } as unknown as CoreEvent);
    this.memory.set(key, { name: created.metadata.name!, count: 1, first: this.now() });
  }

  /** Events about cluster-scoped objects live in `default`. */
  private eventNamespace(namespace: string | undefined): string {
    return namespace || 'default';
  }

  /** `pod.18e9f4b581d8143b`: the time in nanoseconds, in hexadecimal; two of one instant differ in the last digits. */
  private freeName(namespace: string, name: string): string {
    let nanoseconds = BigInt(Math.floor(this.now() * 1000)) * 1000n;
    for (;;) {
      const candidate = `${name}.${nanoseconds.toString(16)}`;
      if (!this.client.get('events', namespace, candidate)) return candidate;
      nanoseconds += 104_729n;
    }
  }
}

/**
 * EventAggregator: from the tenth different message on, they are told together, as one event. `slot` names the event of the
 * topic that this one is, or will be.
 */
function combined(
  known: Topic | undefined,
  message: string,
  fieldPath: string | undefined,
  now: number,
): { topic: Topic; text: string; slot: string } {
  const fresh = known && now - known.last <= SIMILAR_INTERVAL ? known.messages : [];
  const mark = markOf(message);
  const messages = fresh.includes(mark) ? fresh : [...fresh, mark];
  const seen = known?.seen ?? [];
  if (messages.length < MAX_SIMILAR)
    return { topic: { messages, last: now, seen }, text: message, slot: markOf(`${fieldPath ?? ''}|${message}`) };
  const topic = { messages: messages.slice(1), last: now, seen };
  return { topic, text: `(combined from similar events): ${message}`, slot: '' };
}

/** Stands for a text among the few of one topic. */
const markOf = (text: string): string => fnv1a32(text).toString(36);

/** The events of a topic with one more, or with a later state of one. */
function latest(seen: Seen[], event: Seen): Seen[] {
  if (seen.some(({ slot }) => slot === event.slot)) return seen.map((one) => (one.slot === event.slot ? event : one));
  return [...(seen.length < MAX_SEEN ? seen : seen.slice(1)), event];
}

/** EventSourceObjectSpamFilter: a token bucket for each source, object and type, as it is by now. */
function filled(bucket: { tokens: number; last: number } | undefined, now: number): { tokens: number; last: number } {
  if (!bucket) return { tokens: BURST, last: now };
  return { tokens: Math.min(BURST, bucket.tokens + (now - bucket.last) / REFILL), last: now };
}
