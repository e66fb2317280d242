import { goValue } from '../../base/go-quote.ts';
import { isMap } from './field-specs.ts';
import type { FieldOptions, Replacement } from './kustomization.ts';
import type { Manifest, Resource } from './resource.ts';
import { ResourceList, type Selector, selectsId } from './resource-list.ts';

const NAME = 'metadata.name';

/** A path's parts: dots within brackets and behind backslashes do not split, `[name=x]` stays whole. */
export function splitFieldPath(path: string): string[] {
  const parts: string[] = [];
  for (const [, bracketed, plain] of path.matchAll(/(\[[^\]]*\])|((?:\\.|[^.[\\])+)/g)) {
    const inside = bracketed?.slice(1, -1);
    if (inside !== undefined) parts.push(inside.includes('=') ? bracketed! : inside);
    else parts.push(plain!.replaceAll('\\.', '.'));
  }
  return parts;
}

const selectorText = ({ group, version, kind, name, namespace }: Selector, fieldPath?: string) => {
  const gvk = [kind || '[noKind]', version || '[noVer]', group || '[noGrp]'].join('.');
  return `${gvk}/${name || '[noName]'}.${namespace || '[noNs]'}${fieldPath ? `:${fieldPath}` : ''}`;
};

/** The value that a path leads to; undefined when there is none. */
export function fieldValue(node: unknown, path: string[]): unknown {
  let value = node;
  for (const part of path) {
    if (Array.isArray(value)) {
      const [, key, wanted] = /^\[([^=]+)=(.*)\]$/.exec(part) ?? [];
      value = key ? value.find((item) => isMap(item) && String(item[key]) === wanted) : value[Number(part)];
    } else value = isMap(value) ? value[part] : undefined;
  }
  return value;
}

function sourceValue({ items }: ResourceList, { source }: Replacement): unknown {
  const found = items.filter(({ allIds }) => allIds.some((id) => selectsId(source!, id)));
  const { fieldPath = NAME, options } = source!;
  const shown = selectorText(source!, source!.fieldPath);
  if (found.length > 1) throw new Error(`multiple matches for selector ${shown}`);
  if (found.length === 0) throw new Error(`nothing selected by ${shown}`);
  const value = fieldValue(found[0]!.object, splitFieldPath(fieldPath));
  if (value === undefined || value === null) {
    throw new Error(`fieldPath \`${fieldPath}\` is missing for replacement source ${selectorText(source!)}`);
  }
  if (!options?.delimiter) return value;
  if (typeof value === 'object') throw new Error('delimiter option can only be used with scalar nodes');
  const parts = String(value).split(options.delimiter);
  const { index = 0 } = options;
  if (index < 0 || index >= parts.length) {
    throw new Error(`options.index ${index} is out of bounds for value ${goValue(value)}`);
  }
  return parts[index];
}

/** The new value of a target's field. */
function replaced(old: unknown, value: unknown, options: FieldOptions = {}): unknown {
  if (!options.delimiter) {
    return typeof old === 'string' && typeof value !== 'object' ? String(value) : structuredClone(value);
  }
  if (old !== undefined && typeof old === 'object')
    throw new Error('delimiter option can only be used with scalar nodes');
  const parts = String(old ?? '').split(options.delimiter);
  const { index = 0 } = options;
  if (index < 0) parts.unshift(String(value));
  else if (index >= parts.length) parts.push(String(value));
  else parts[index] = String(value);
  return parts.join(options.delimiter);
}

/** Sets every field that `path` reaches; answers how many. */
function setFields(node: unknown, path: string[], options: FieldOptions | undefined, value: unknown): number {
  const [part = '', ...rest] = path;
  const create = options?.create ?? false;
  const set = (holder: Record<string, unknown>, key: string): number => {
    if (rest.length === 0) {
      if (holder[key] === undefined && !create) return 0;
      holder[key] = replaced(holder[key], value, options);
      return 1;
    }
    if (holder[key] === undefined && create) holder[key] = {};
    return holder[key] === undefined ? 0 : setFields(holder[key], rest, options, value);
  };
  if (isMap(node)) {
    if (part !== '*') return set(node, part);
    return Object.keys(node).reduce((sum, key) => sum + set(node, key), 0);
  }
  if (!Array.isArray(node)) return 0;
  const holder = node as unknown as Record<string, unknown>;
  if (part === '*') return node.reduce((sum: number, _, index) => sum + set(holder, String(index)), 0);
  const [, key, wanted] = /^\[([^=]+)=(.*)\]$/.exec(part) ?? [];
  const chosen = node.flatMap((item, index) =>
    (key ? isMap(item) && new RegExp(`^(?:${wanted})$`).test(String(item[key])) : String(index) === part)
      ? [index]
      : [],
  );
  if (chosen.length === 0 && key && create) {
    node.push({ [key]: wanted });
    chosen.push(node.length - 1);
  }
  return chosen.reduce((sum, index) => sum + set(holder, String(index)), 0);
}

function replaceIn(object: Manifest, fieldPaths: string[], options: FieldOptions | undefined, value: unknown): void {
  for (const path of fieldPaths) {
    if (setFields(object, splitFieldPath(path), options, value) > 0) continue;
    const verb = options?.create ? 'find or create' : 'find';
    throw new Error(`unable to ${verb} field ${JSON.stringify(path)} in replacement target`);
  }
}

/** Copies a field of one resource to fields of others. */
export function applyReplacement(list: ResourceList, replacement: Replacement): void {
  const { source, targets } = replacement;
  if (!source || !targets) throw new Error('replacements must specify a source and at least one target');
  const value = sourceValue(list, replacement);
  for (const { select, reject = [], fieldPaths = [NAME], options } of targets) {
    if (!select) throw new Error('target must specify resources to select');
    const chosen = (selector: Selector, resource: Resource) => new ResourceList([resource]).select(selector).length > 0;
    for (const resource of list.items) {
      if (!chosen(select, resource) || reject.some((each) => chosen(each, resource))) continue;
      replaceIn(resource.object, fieldPaths, options, value);
    }
  }
}
