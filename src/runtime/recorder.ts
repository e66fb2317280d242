import { ApiError } from '../api/request.ts';
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

interface Seen {
  name: string;
  count: number;
  first: number;
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
    const source = { component, ...(host && { host }) };
    const about = [component, host, regarding.kind, namespace, name, uid, fieldPath, type, reason].join('|');
    if (action !== undefined) {
      this.recordNew({ regarding, involvedObject, type, reason, message, component, host, action });
      return;
    }
    if (this.isSpam([component, host, regarding.kind, namespace, name, uid, type].join('|'))) return;
    const { text, key } = this.combined(about, message);
    const now = formatTime(this.now());
    const seen = this.memory.get(key) as Seen | undefined;
    const where = this.eventNamespace(namespace);
    if (seen && this.client.get('events', where, seen.name)) {
      const count = seen.count + 1;
      this.memory.set(key, { ...seen, count });
      this.client.patch('events', where, seen.name, { count, lastTimestamp: now, message: text });
      return;
    }
    const created = this.client.create('events', {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: this.freeName(where, name), namespace: where },
      involvedObject,
      reason,
      message: text,
      source,
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: component,
      reportingInstance: host ?? '',
    } as unknown as CoreEvent);
    this.memory.set(key, { name: created.metadata.name!, count: 1, first: this.now() });
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

  /** EventAggregator: from the tenth different message on, they are told together, as one event. */
  private combined(about: string, message: string): { text: string; key: string } {
    const similar = `similar|${about}`;
    const now = this.now();
    const known = this.memory.get(similar) as { messages: string[]; last: number } | undefined;
    const fresh = known && now - known.last < SIMILAR_INTERVAL ? known.messages : [];
    const messages = fresh.includes(message) ? fresh : [...fresh, message];
    this.memory.set(similar, { messages: messages.slice(-MAX_SIMILAR), last: now });
    if (messages.length < MAX_SIMILAR) return { text: message, key: `event|${about}|${message}` };
    return { text: `(combined from similar events): ${message}`, key: `event|${about}` };
  }

  /** EventSourceObjectSpamFilter: a token bucket for each source, object and type. */
  private isSpam(source: string): boolean {
    const key = `bucket|${source}`;
    const now = this.now();
    const known = (this.memory.get(key) as { tokens: number; last: number } | undefined) ?? {
      tokens: BURST,
      last: now,
    };
    const tokens = Math.min(BURST, known.tokens + (now - known.last) / REFILL);
    this.memory.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, last: now });
    return tokens < 1;
  }
}
