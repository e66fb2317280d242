import type { KubeObject } from '../types/objects.ts';
import { FiledObjects, type ObjectIndex } from './object-index.ts';
import type { ObjectStore, StoreEvent } from './object-store.ts';
import type { Section, State } from './section.ts';
import { asciiJson } from './state-format.ts';

/** How many changes are kept for watches that start in the past. */
const HISTORY = 1000;

const PREFIX = 'objects/';

/** Objects in the sections `objects/RESOURCE` of a state, by `namespace/name`; the revision in the section `store`. */
export class SectionedStore implements ObjectStore {
  private readonly objects = new Map<string, Section<KubeObject>>();
  private readonly meta: Section<number>;
  /** Indexes by resource and name, made when first asked for. */
  private readonly indexes = new Map<string, Map<string, FiledObjects>>();
  private readonly listeners = new Set<(event: StoreEvent) => void>();
  private history: StoreEvent[] = [];
  /** Changes up to here are not in `history`. */
  private forgotten: number;

  constructor(private readonly state: State) {
    this.meta = state.section<number>('store');
    this.forgotten = this.revision;
  }

  get revision(): number {
    return this.meta.get('revision') ?? 1;
  }

  private section(resource: string): Section<KubeObject> {
    let section = this.objects.get(resource);
    if (!section) {
      section = this.state.section<KubeObject>(PREFIX + resource);
      this.objects.set(resource, section);
    }
    return section;
  }

  get(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.section(resource).get(`${namespace}/${name}`);
  }

  list(resource: string, namespace?: string, mentions: string[] = []): KubeObject[] {
    const section = this.section(resource);
    const keys = section.keys(namespace === undefined ? undefined : `${namespace}/`);
    const quoted = mentions.map(asciiJson);
    const candidates = keys.filter((key) => quoted.every((text) => section.mentions(key, text)));
    return candidates.map((key) => section.get(key)!);
  }

  under(resource: string, index: ObjectIndex, value: string): KubeObject[] {
    let indexes = this.indexes.get(resource);
    if (!indexes) {
      indexes = new Map();
      this.indexes.set(resource, indexes);
    }
    let filed = indexes.get(index.name);
    if (!filed) {
      const section = this.section(resource);
      filed = new FiledObjects(
        index,
        section.keys().map((key) => [key, section.get(key)!]),
      );
      indexes.set(index.name, filed);
    }
    return filed.under(value);
  }

  private file(resource: string, key: string, previous: KubeObject | undefined, object: KubeObject | undefined): void {
    for (const filed of this.indexes.get(resource)?.values() ?? []) filed.change(key, previous, object);
  }

  resources(): string[] {
    return this.state
      .sections()
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length));
  }

  write<T extends KubeObject>(resource: string, object: T): T {
    const { namespace = '', name = '' } = object.metadata;
    const key = `${namespace}/${name}`;
    const section = this.section(resource);
    const previous = section.get(key);
    const revision = this.nextRevision();
    const stored = stamped(object, revision);
    section.set(key, stored);
    this.file(resource, key, previous, stored);
    this.tell(
      previous
        ? { type: 'MODIFIED', resource, revision, object: stored, previous }
        : { type: 'ADDED', resource, revision, object: stored },
    );
    return stored;
  }

  remove(resource: string, namespace: string, name: string): KubeObject {
    const key = `${namespace}/${name}`;
    const section = this.section(resource);
    const previous = section.get(key);
    if (!previous) throw new Error(`there is no ${resource} ${key}`);
    const revision = this.nextRevision();
    section.delete(key);
    this.file(resource, key, previous, undefined);
    const object = stamped(previous, revision);
    this.tell({ type: 'DELETED', resource, revision, object, previous });
    return object;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  since(revision: number, resource?: string): StoreEvent[] | undefined {
    if (revision < this.forgotten) return undefined;
    return this.history.filter((event) => event.revision > revision && (!resource || event.resource === resource));
  }

  /** Takes changes that another process made after `revision` for history, so that watches can go on over them. */
  remember(events: StoreEvent[], revision: number): void {
    this.history = [...events, ...this.history];
    this.forgotten = revision;
  }

  private nextRevision(): number {
    const revision = this.revision + 1;
    this.meta.set('revision', revision);
    return revision;
  }

  private tell(event: StoreEvent): void {
    this.history.push(event);
    if (this.history.length > 2 * HISTORY) {
      this.history = this.history.slice(-HISTORY);
      this.forgotten = this.history[0]!.revision - 1;
    }
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** Keeps resourceVersion where the Go struct has it: a spread would move a key only if it were new. */
function stamped<T extends KubeObject>(object: T, revision: number): T {
  const resourceVersion = String(revision);
  const { metadata } = object;
  if (metadata.resourceVersion !== undefined) return { ...object, metadata: { ...metadata, resourceVersion } };
  const entries = Object.entries(metadata);
  const before = ['name', 'generateName', 'namespace', 'selfLink', 'uid'];
  const sorted = object.apiVersion !== undefined && Object.keys(object)[0] === 'apiVersion';
  const at = sorted
    ? entries.findIndex(([key]) => key > 'resourceVersion')
    : entries.findIndex(([key]) => !before.includes(key));
  entries.splice(at < 0 ? entries.length : at, 0, ['resourceVersion', resourceVersion]);
  return { ...object, metadata: Object.fromEntries(entries) };
}
