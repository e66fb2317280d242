import { equal, isObject, type JsonObject } from './json-value.ts';

/** Why a JSON patch cannot be applied; `message` is that of evanphx/json-patch, which kubectl prints. */
export class JsonPatchError extends Error {}

export interface JsonPatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

const pointer = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'));

const missingPath = (op: string, path: string): JsonPatchError =>
  new JsonPatchError(`${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);

type Container = JsonObject | unknown[];

/** The container of `path` in a copy of the document that may be changed, and the last part of the path. */
function locate(document: Container, op: string, path: string): { container: Container; key: string } {
  const parts = pointer(path);
  const key = parts.pop() ?? '';
  let container = document;
  for (const part of parts) {
    const next: unknown = Array.isArray(container) ? container[Number(part)] : container[part];
    if (typeof next !== 'object' || next === null) throw missingPath(op, path);
    const copy = Array.isArray(next) ? [...(next as unknown[])] : { ...(next as JsonObject) };
    if (Array.isArray(container)) container[Number(part)] = copy;
    else container[part] = copy;
    container = copy;
  }
  return { container, key };
}

/** An index into `list`; `size` is one more where an element may be put behind the last. Negative ones count from the end. */
function arrayIndex(size: number, key: string, op: string, path: string): number {
  const refused = (why: string) =>
    new JsonPatchError(`${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: ${why}`);
  if (!/^-?[0-9]+$/.test(key)) throw refused(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  const index = Number(key);
  const at = index < 0 ? index + size : index;
  if (at < 0 || at >= size) throw refused(`Unable to access invalid index: ${index}: invalid index referenced`);
  return at;
}

function add(document: Container, op: string, path: string, value: unknown): void {
  const { container, key } = locate(document, op, path);
  if (!Array.isArray(container)) container[key] = value;
  else if (key === '-') container.push(value);
  else container.splice(arrayIndex(container.length + 1, key, op, path), 0, value);
}

function read(document: Container, op: string, path: string): unknown {
  let value: unknown = document;
  for (const part of pointer(path)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value) && Object.hasOwn(value, part)) value = value[part];
    else throw missingPath(op, path);
    if (value === undefined) throw missingPath(op, path);
  }
  return value;
}

function remove(document: Container, op: string, path: string): void {
  const { container, key } = locate(document, op, path);
  if (Array.isArray(container)) container.splice(arrayIndex(container.length, key, op, path), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new JsonPatchError(`${op} operation does not apply: doc is missing key: ${path}: missing value`);
}

/** RFC 6902, applied to a copy; throws JsonPatchError. */
export function jsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): JsonObject {
  const result = { ...document };
  for (const { op, path, from = '', value } of operations) {
    switch (op) {
      case 'add':
        add(result, op, path, value);
        break;
      case 'remove':
        remove(result, op, path);
        break;
      case 'replace': {
        read(result, op, path);
        const { container, key } = locate(result, op, path);
        if (Array.isArray(container)) container[arrayIndex(container.length, key, op, path)] = value;
        else container[key] = value;
        break;
      }
      case 'move': {
        const moved = read(result, op, from);
        remove(result, op, from);
        add(result, op, path, moved);
        break;
      }
      case 'copy':
        add(result, op, path, read(result, op, from));
        break;
      case 'test': {
        let found: unknown;
        try {
          found = read(result, op, path);
        } catch (error) {
          if (value !== null && value !== undefined) throw error;
          found = null;
        }
        if (!equal(found, value ?? null)) throw new JsonPatchError(`testing value ${path} failed: test failed`);
        break;
      }
      default:
        throw new JsonPatchError(`Unexpected kind: ${op}`);
    }
  }
  return result;
}
