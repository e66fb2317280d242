import { effectiveNamespace, parseApiVersion, type ResourceId } from './identity.ts';

/** A Kubernetes object as kustomize handles it: any JSON object with some metadata. */
export interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata?: {
    name?: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge';

/** An object and what the build remembers of it: the names that it had, and how it came to those that it has. */
export class Resource {
  /** Ids that it had before, the first one as it was written. */
  private readonly previous: { name: string; namespace: string; kind: string }[] = [];
  readonly prefixes: string[] = [];
  readonly suffixes: string[] = [];
  needsHash = false;
  behavior: Behavior = 'unspecified';
  /** Names of variables that take their value from it. */
  readonly variables: string[] = [];

  constructor(public object: Manifest) {}

  get name(): string {
    return this.object.metadata?.name ?? '';
  }

  set name(name: string) {
    this.object.metadata = { ...this.object.metadata, name };
  }

  get namespace(): string {
    return this.object.metadata?.namespace ?? '';
  }

  get id(): ResourceId {
    const { apiVersion, kind = '' } = this.object;
    return { ...parseApiVersion(apiVersion), kind, name: this.name, namespace: this.namespace };
  }

  get previousIds(): ResourceId[] {
    return this.previous.map((each) => ({ ...parseApiVersion(this.object.apiVersion), ...each }));
  }

  get originalId(): ResourceId {
    return this.previousIds[0] ?? this.id;
  }

  get allIds(): ResourceId[] {
    return [...this.previousIds, this.id];
  }

  /** Remembers the id before it changes. */
  rememberId(): void {
    const { id } = this;
    this.previous.push({ name: id.name, namespace: effectiveNamespace(id), kind: id.kind ?? '' });
  }

  setAnnotation(key: string, value: string): void {
    this.object.metadata = {
      ...this.object.metadata,
      annotations: { ...this.object.metadata?.annotations, [key]: value },
    };
  }

  /** Takes the place of `old`: its metadata where this has none, its ids and names. */
  continueFrom(old: Resource): void {
    const { metadata } = this.object;
    const [mine, theirs] = [metadata, old.object.metadata];
    const labels = { ...theirs?.labels, ...mine?.labels };
    const annotations = { ...theirs?.annotations, ...mine?.annotations };
    const merged: Manifest['metadata'] = { ...mine, name: old.name };
    if (old.namespace) merged.namespace = old.namespace;
    else delete merged.namespace;
    if (Object.keys(labels).length > 0) merged.labels = labels;
    if (Object.keys(annotations).length > 0) merged.annotations = annotations;
    this.object.metadata = merged;
    this.previous.unshift(...old.previous);
    this.prefixes.push(...old.prefixes);
    this.suffixes.push(...old.suffixes);
  }

  /** Whether both got their names through the same prefixes and suffixes, as far as they went the same way. */
  namedAlike(other: Resource, emptyMatches: boolean): boolean {
    const alike = (mine: string[], theirs: string[]) => {
      if (emptyMatches && (mine.length === 0 || theirs.length === 0)) return true;
      if (mine.length === 0 || theirs.length === 0) return mine.length === theirs.length;
      const length = Math.min(mine.length, theirs.length);
      return mine.slice(-length).join('\0') === theirs.slice(-length).join('\0');
    };
    return alike(this.prefixes, other.prefixes) && alike(this.suffixes, other.suffixes);
  }
}
