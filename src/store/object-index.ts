import type { KubeObject } from '../types/objects.ts';
import { lowerBound } from './lower-bound.ts';

/** A way to find objects by something in them, as client-go's indexers do. */
export interface ObjectIndex {
  name: string;
  /** What the object is filed under. */
  valueOf(object: KubeObject): string;
}

/** Objects in the order of their keys. */
interface Filed {
  keys: string[];
  objects: KubeObject[];
  /** Somebody has the list of objects: it is copied before it changes. */
  given: boolean;
}

/** The objects of one resource by what an index files them under. */
export class FiledObjects {
  readonly #byValue = new Map<string, Filed>();

  constructor(
    private readonly index: ObjectIndex,
    objects: Iterable<[key: string, object: KubeObject]>,
  ) {
    for (const [key, object] of objects) this.#put(this.#filed(index.valueOf(object)), key, object);
  }

  /** In the order of their keys; the same array until one of them changes. */
  under(value: string): KubeObject[] {
    const filed = this.#filed(value);
    filed.given = true;
    return filed.objects;
  }

  /** Takes a change of one object; `object` is absent when it was removed. */
  change(key: string, previous: KubeObject | undefined, object: KubeObject | undefined): void {
    const before = previous && this.index.valueOf(previous);
    const after = object && this.index.valueOf(object);
    if (before !== undefined && before !== after) this.#remove(before, key);
    if (after !== undefined) this.#put(own(this.#filed(after)), key, object!);
  }

  #filed(value: string): Filed {
    let filed = this.#byValue.get(value);
    if (!filed) {
      filed = { keys: [], objects: [], given: false };
      this.#byValue.set(value, filed);
    }
    return filed;
  }

  #put({ keys, objects }: Filed, key: string, object: KubeObject): void {
    const at = keys.length === 0 || keys.at(-1)! < key ? keys.length : lowerBound(keys, key);
    const isNew = keys[at] !== key;
    if (isNew) keys.splice(at, 0, key);
    objects.splice(at, isNew ? 0 : 1, object);
  }

  #remove(value: string, key: string): void {
    const { keys, objects } = own(this.#filed(value));
    const at = lowerBound(keys, key);
    if (keys[at] !== key) return;
    keys.splice(at, 1);
    objects.splice(at, 1);
    if (keys.length === 0) this.#byValue.delete(value);
  }
}

function own(filed: Filed): Filed {
  if (filed.given) filed.objects = filed.objects.slice();
  filed.given = false;
  return filed;
}
