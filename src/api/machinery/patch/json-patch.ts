import { compareStrings } from '../../../base/go-json.ts';
import { goQuote } from '../../../base/go-quote.ts';
import { jsonKind } from '../decode.ts';
import { equal, isObject, type JsonObject } from './json-value.ts';

/** Why a JSON patch cannot be applied; `message` is that of evanphx/json-patch 4, which kubectl prints. */
export class JsonPatchError extends Error {}

/** An operation as it came: members may be missing, or of another type. */
export type JsonPatchOperation = Record<string, unknown>;

type Container = JsonObject | unknown[];

const MISSING = 'missing value';
const failed = (context: string, reason: string) => new JsonPatchError(`${context}: ${reason}`);
const pointer = (part: string) => part.replace(/~1/g, '/').replace(/~0/g, '~');
const isContainer = (value: unknown): value is Container => Array.isArray(value) || isObject(value);

/** A text of an operation, `path` or `from`. */
function member(operation: JsonPatchOperation, name: 'path' | 'from', missing: string): string {
  const value = operation[name];
  if (value === undefined || value === null) throw failed(missing, MISSING);
  if (typeof value !== 'string')
    throw new JsonPatchError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
  return value;
}

const pathOf = (operation: JsonPatchOperation) => member(operation, 'path', 'operation missing path field');
const fromOf = (operation: JsonPatchOperation) => member(operation, 'from', 'operation, missing from field');

function attempt<T>(context: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw failed(context, (error as Error).message);
  }
}

/** The same, for failures of which only the context is told. */
function attemptOrMissing<T>(context: string, work: () => T): T {
  try {
    return work();
  } catch {
    throw failed(context, MISSING);
  }
}

/** An index below `size`; negative ones count from the end. */
function arrayIndex(key: string, size: number): number {
  if (!/^[-+]?[0-9]+$/.test(key)) throw new JsonPatchError(`strconv.Atoi: parsing ${goQuote(key)}: invalid syntax`);
  const index = Number(key);
  if (index >= size || index < -size)
    throw failed(`Unable to access invalid index: ${index}`, 'invalid index referenced');
  return index < 0 ? index + size : index;
}

/** A member; one that is missing is no error in a map. */
function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[arrayIndex(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function set(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[arrayIndex(key, container.length)] = value;
  else Object.defineProperty(container, key, { value, enumerable: true, writable: true, configurable: true });
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) return set(container, key, value);
  if (key === '-') {
    container.push(value);
    return;
  }
  if (!/^[-+]?[0-9]+$/.test(key))
    throw failed(
      `value was not a proper array index: '${key}'`,
      `strconv.Atoi: parsing ${goQuote(key)}: invalid syntax`,
    );
  container.splice(arrayIndex(key, container.length + 1), 0, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(arrayIndex(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw failed(`Unable to remove nonexistent key: ${key}`, MISSING);
}

function sortInPlace(map: JsonObject): void {
  for (const key of Object.keys(map).sort(compareStrings)) {
    const value = map[key];
    delete map[key];
    set(map, key, value);
  }
}

const copyOf = (container: Container): Container => (Array.isArray(container) ? [...container] : { ...container });

/** A document that a patch changes: what lies on the way to a change is copied first. */
class Patched {
  root: Container;
  readonly #opened = new Set<Container>();

  constructor(document: JsonObject) {
    this.root = this.open(document);
  }

  /** A container that is looked into, as a copy that may be changed. */
  open(container: Container): Container {
    const copy = copyOf(container);
    this.#opened.add(copy);
    return copy;
  }

  /** The patched document. Maps that were looked into are Go's, written in the order of their keys; the others are text still. */
  close(): Container {
    for (const container of this.#opened) if (!Array.isArray(container)) sortInPlace(container);
    return this.root;
  }

  /** The container that `path` points into, and the last part of the path. */
  locate(path: string, missing: string): { container: Container; key: string } {
    const parts = path.split('/').map(pointer);
    if (parts.length < 2) throw failed(missing, MISSING);
    let container = this.root;
    for (const part of parts.slice(1, -1)) {
      const parent = container;
      const next = attemptOrMissing(missing, () => get(parent, part));
      if (!isContainer(next)) throw failed(missing, MISSING);
      container = this.open(next);
      set(parent, part, container);
    }
    return { container, key: parts.at(-1)! };
  }
}

/** What each operation does to the document; `replace` of a map's key makes it when it is not there. */
const OPERATIONS: Record<string, (document: Patched, operation: JsonPatchOperation) => void> = {
  add(document, operation) {
    const path = attemptOrMissing('add operation failed to decode path', () => pathOf(operation));
    const { container, key } = document.locate(path, `add operation does not apply: doc is missing path: "${path}"`);
    attempt(`error in add for path: '${path}'`, () => add(container, key, operation.value ?? null));
  },
  remove(document, operation) {
    const path = attemptOrMissing('remove operation failed to decode path', () => pathOf(operation));
    const { container, key } = document.locate(path, `remove operation does not apply: doc is missing path: "${path}"`);
    attempt(`error in remove for path: '${path}'`, () => remove(container, key));
  },
  replace(document, operation) {
    const path = attempt('replace operation failed to decode path', () => pathOf(operation));
    const value = operation.value ?? null;
    if (path === '') {
      // A document that would be none stays as it was, without a word.
      if (isContainer(value)) document.root = document.open(value);
      return;
    }
    const { container, key } = document.locate(path, `replace operation does not apply: doc is missing path: ${path}`);
    attemptOrMissing(`replace operation does not apply: doc is missing key: ${path}`, () => get(container, key));
    set(container, key, value);
  },
  move(document, operation) {
    const from = attempt('move operation failed to decode from', () => fromOf(operation));
    const source = document.locate(from, `move operation does not apply: doc is missing from path: ${from}`);
    const context = `error in move for path: '${source.key}'`;
    const value = attempt(context, () => get(source.container, source.key));
    attempt(context, () => remove(source.container, source.key));
    const path = attempt('move operation failed to decode path', () => pathOf(operation));
    const target = document.locate(path, `move operation does not apply: doc is missing destination path: ${path}`);
    attempt(`error in move for path: '${path}'`, () => add(target.container, target.key, value));
  },
  copy(document, operation) {
    const from = attempt('copy operation failed to decode from', () => fromOf(operation));
    const source = document.locate(from, `copy operation does not apply: doc is missing from path: ${from}`);
    const value = attempt(`error in copy for from: '${from}'`, () => get(source.container, source.key));
    const path = attemptOrMissing('copy operation failed to decode path', () => pathOf(operation));
    const target = document.locate(path, `copy operation does not apply: doc is missing destination path: ${path}`);
    attempt('error while adding value during copy', () => add(target.container, target.key, value ?? null));
  },
  test(document, operation) {
    const path = attempt('test operation failed to decode path', () => pathOf(operation));
    const wanted = operation.value ?? null;
    let found: unknown = document.root;
    if (path !== '') {
      const { container, key } = document.locate(path, `test operation does not apply: is missing path: ${path}`);
      found = attempt(`error in test for path: '${path}'`, () => get(container, key)) ?? null;
    }
    if (!equal(found, wanted)) throw failed(`testing value ${path} failed`, 'test failed');
  },
};

/** RFC 6902 as evanphx/json-patch 4 understands it, applied to a copy; throws JsonPatchError. */
export function jsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): unknown {
  const patched = new Patched(document);
  for (const operation of operations) {
    const kind = typeof operation?.op === 'string' ? operation.op : 'unknown';
    const apply = Object.hasOwn(OPERATIONS, kind) ? OPERATIONS[kind] : undefined;
    if (!apply) throw new JsonPatchError(`Unexpected kind: ${kind}`);
    apply(patched, operation);
  }
  return patched.close();
}
