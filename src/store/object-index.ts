import type { KubeObject } from '../types/objects.ts';

/** A way to find objects by something in them, as client-go's indexers do. */
export interface ObjectIndex {
  name: string;
  /** What the object is filed under. */
  valueOf(object: KubeObject): string;
}

/** The objects of one resource by what an index files them under. */
export class FiledObjects {
  readonly #byValue = new Map<string, Map<string, KubeObject>>();
  /** Lists that have been asked for and not changed since. */
  readonly #lists = new Map<string, KubeObject[]>();

  constructor(
    private readonly index: ObjectIndex,
    objects: Iterable<[key: string, object: KubeObject]>,
  ) {
    for (const [key, object] of objects) this.#add(key, object);
  }

  /** In the order of their keys; the same array until one of them changes. */
  under(value: string): KubeObject[] {
    let list = this.#lists.get(value);
    if (!list) {
      const entries = [...(this.#byValue.get(value) ?? [])];
      list = entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
      this.#lists.set(value, list);
    }
    return list;
  }

  /** Takes a change of one object; `object` is absent when it was removed. */
  change(key: string, previous: KubeObject | undefined, object: KubeObject | undefined): void {
    const before = previous && this.index.valueOf(previous);
    if (before !== undefined && (!object || this.index.valueOf(object) !== before)) {
      const filed = this.#byValue.get(before);
      filed?.delete(key);
      if (filed?.size === 0) this.#byValue.delete(before);
      this.#lists.delete(before);
    }
    if (object) this.#add(key, object);
  }

  #add(key: string, object: KubeObject): void {
    const value = this.index.valueOf(object);
    const filed = this.#byValue.get(value);
    if (filed) filed.set(key, object);
    else this.#byValue.set(value, new Map([[key, object]]));
    this.#lists.delete(value);
  }
}
