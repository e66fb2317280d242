import { equal, isObject, type JsonObject } from './json-value.ts';

/** Why a JSON patch cannot be applied; `message` is that of evanphx/json-patch 4, which kubectl prints. */
export class JsonPatchError extends Error {}

export interface JsonPatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

type Container = JsonObject | unknown[];

const MISSING = 'missing value';
const pointer = (part: string) => part.replace(/~1/g, '/').replace(/~0/g, '~');
const invalidIndex = (index: number) =>
  new JsonPatchError(`Unable to access invalid index: ${index}: invalid index referenced`);

/** An index below `size`; negative ones count from the end. */
function arrayIndex(key: string, size: number): number {
  if (!/^[-+]?[0-9]+$/.test(key))
    throw new JsonPatchError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const index = Number(key);
  if (index >= size || index < -size) throw invalidIndex(index);
  return index < 0 ? index + size : index;
}

/** A member; one that is missing is no error in a map. */
function get(container: Container, key: string): unknown {
  if (Array.isArray(container)) return container[arrayIndex(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function set(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[arrayIndex(key, container.length)] = value;
  else container[key] = value;
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) {
    container[key] = value;
    return;
  }
  if (key === '-') {
    container.push(value);
    return;
  }
  if (!/^[-+]?[0-9]+$/.test(key)) {
    throw new JsonPatchError(
      `value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    );
  }
  container.splice(arrayIndex(key, container.length + 1), 0, value);
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(arrayIndex(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new JsonPatchError(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
}

/** The container that `path` points into, made one that may be changed, and the last part of the path. */
function locate(document: Container, path: string, missing: string): { container: Container; key: string } {
  const parts = path.split('/').map(pointer);
  const fail = () => new JsonPatchError(`${missing}: ${MISSING}`);
  if (parts.length < 2) throw fail();
  let container = document;
  for (const part of parts.slice(1, -1)) {
    const next = attempt(() => get(container, part), fail);
    if (!Array.isArray(next) && !isObject(next)) throw fail();
    const copy: Container = Array.isArray(next) ? [...(next as unknown[])] : { ...next };
    set(container, part, copy);
    container = copy;
  }
  return { container, key: parts.at(-1)! };
}

function attempt<T>(work: () => T, failure: (error: Error) => Error): T {
  try {
    return work();
  } catch (error) {
    throw failure(error as Error);
  }
}

const within = (context: string) => (error: Error) => new JsonPatchError(`${context}: ${error.message}`);

/** What each operation does to the document; `replace` of a map's key makes it when it is not there. */
const OPERATIONS: Record<string, (document: Container, operation: JsonPatchOperation) => void> = {
  add(document, { path, value }) {
    const { container, key } = locate(document, path, `add operation does not apply: doc is missing path: "${path}"`);
    attempt(() => add(container, key, value), within(`error in add for path: '${path}'`));
  },
  remove(document, { path }) {
    const { container, key } = locate(
      document,
      path,
      `remove operation does not apply: doc is missing path: "${path}"`,
    );
    attempt(() => remove(container, key), within(`error in remove for path: '${path}'`));
  },
  replace(document, { path, value }) {
    const { container, key } = locate(document, path, `replace operation does not apply: doc is missing path: ${path}`);
    const missing = () =>
      new JsonPatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
    attempt(() => get(container, key), missing);
    set(container, key, value);
  },
  move(document, { from = '', path }) {
    const source = locate(document, from, `move operation does not apply: doc is missing from path: ${from}`);
    const context = within(`error in move for path: '${source.key}'`);
    const value = attempt(() => get(source.container, source.key), context);
    attempt(() => remove(source.container, source.key), context);
    const target = locate(document, path, `move operation does not apply: doc is missing destination path: ${path}`);
    attempt(() => add(target.container, target.key, value), within(`error in move for path: '${path}'`));
  },
  copy(document, { from = '', path }) {
    const source = locate(document, from, `copy operation does not apply: doc is missing from path: ${from}`);
    const value = attempt(() => get(source.container, source.key), within(`error in copy for from: '${from}'`));
    const target = locate(document, path, `copy operation does not apply: doc is missing destination path: ${path}`);
    attempt(() => add(target.container, target.key, value ?? null), within('error while adding value during copy'));
  },
  test(document, { path, value = null }) {
    const failed = () => new JsonPatchError(`testing value ${path} failed: test failed`);
    if (path === '') {
      if (!equal(document, value)) throw failed();
      return;
    }
    const { container, key } = locate(document, path, `test operation does not apply: is missing path: ${path}`);
    const found = attempt(() => get(container, key), within(`error in test for path: '${path}'`));
    if (!equal(found ?? null, value)) throw failed();
  },
};

/** RFC 6902 as evanphx/json-patch 4 understands it, applied to a copy; throws JsonPatchError. */
export function jsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): JsonObject {
  let result: JsonObject = { ...document };
  for (const operation of operations) {
    const { op, path, value } = operation;
    if (op === 'replace' && path === '' && isObject(value)) {
      result = { ...value };
      continue;
    }
    const apply = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op]! : undefined;
    if (!apply) throw new JsonPatchError(`Unexpected kind: ${op}`);
    apply(result, operation);
  }
  return result;
}
