import { readJsonAsset } from '../../base/assets.ts';
import { type Gvk, isSelected, parseApiVersion } from './identity.ts';
import { compareKinds } from './order.ts';
import type { Manifest } from './resource.ts';

/** A field that a transformer changes, and in which kinds. */
export interface FieldSpec extends Gvk {
  /** `spec/template/metadata/labels`; lists on the way stand for all of their items. */
  path: string;
  create?: boolean;
}

/** Kinds whose name is referred to, and the fields that do. */
export interface BackReference extends Gvk {
  fieldSpecs: FieldSpec[];
}

/** What transformers change, by transformer; kustomizations may add to it with `configurations`. */
export interface TransformerConfig {
  namePrefix: FieldSpec[];
  nameSuffix: FieldSpec[];
  namespace: FieldSpec[];
  commonLabels: FieldSpec[];
  templateLabels: FieldSpec[];
  labels: FieldSpec[];
  commonAnnotations: FieldSpec[];
  images: FieldSpec[];
  replicas: FieldSpec[];
  varReference: FieldSpec[];
  nameReference: BackReference[];
}

const EMPTY: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  templateLabels: [],
  labels: [],
  commonAnnotations: [],
  images: [],
  replicas: [],
  varReference: [],
  nameReference: [],
};

const sameSpec = (a: FieldSpec, b: FieldSpec) =>
  a.path === b.path &&
  ['group', 'version', 'kind'].every((part) => (a[part as keyof Gvk] ?? '') === (b[part as keyof Gvk] ?? ''));

/** Both lists; what is in both stands once. */
export function mergeSpecs(a: FieldSpec[], b: FieldSpec[]): FieldSpec[] {
  const merged = [...a];
  for (const spec of b) {
    const known = merged.find((each) => sameSpec(each, spec));
    if (!known) merged.push(spec);
    else if ((known.create ?? false) !== (spec.create ?? false)) throw new Error('conflicting fieldspecs');
  }
  return merged;
}

function mergeReferences(a: BackReference[], b: BackReference[]): BackReference[] {
  const merged = [...a];
  for (const reference of b) {
    const same = (each: BackReference) =>
      each.kind === reference.kind &&
      (each.group ?? '') === (reference.group ?? '') &&
      (each.version ?? '') === (reference.version ?? '');
    const at = merged.findIndex(same);
    if (at < 0) merged.push(reference);
    else merged[at] = { ...merged[at]!, fieldSpecs: mergeSpecs(merged[at]!.fieldSpecs, reference.fieldSpecs) };
  }
  return merged;
}

export function mergeConfig(a: TransformerConfig, b: Partial<TransformerConfig>): TransformerConfig {
  const merged = { ...a };
  for (const key of Object.keys(EMPTY) as (keyof TransformerConfig)[]) {
    try {
      if (key === 'nameReference')
        merged.nameReference = mergeReferences(a.nameReference, b.nameReference ?? []).sort(compareKinds);
      else merged[key] = mergeSpecs(a[key], b[key] ?? []).sort(compareKinds);
    } catch (error) {
      const name = key === 'namespace' ? 'NameSpace' : `${key[0]!.toUpperCase()}${key.slice(1)}`;
      throw new Error(`failed to merge ${name} fieldSpec: ${(error as Error).message}`);
    }
  }
  return merged;
}

export const emptyConfig = (): TransformerConfig => ({ ...EMPTY });

/** What a file of `configurations` holds; throws for a field that there is not. */
export function checkedConfig(value: unknown): Partial<TransformerConfig> {
  for (const name of Object.keys(value ?? {})) {
    if (name in EMPTY) continue;
    throw new Error(`error unmarshaling JSON: while decoding JSON: json: unknown field ${JSON.stringify(name)}`);
  }
  return (value ?? {}) as Partial<TransformerConfig>;
}

/** kustomize's own configuration. */
export const defaultConfig = (): TransformerConfig =>
  mergeConfig(EMPTY, readJsonAsset<Partial<TransformerConfig>>('fixtures/kustomize/config.json'));

/** Gives the new value of a field; undefined for one that does not exist. */
export type Change = (value: unknown) => unknown;

const splitPath = (path: string) =>
  path
    .replaceAll('\\/', '\0')
    .split('/')
    .map((part) => part.replaceAll('\0', '/'));

export const isMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function walk(node: unknown, path: string[], create: boolean, change: Change): void {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, path, create, change);
    return;
  }
  if (node === null || node === undefined) return;
  if (!isMap(node)) throw new Error('expected sequence or mapping node');
  const [part = '', ...rest] = path;
  const name = part.replace(/\[\]$/, '');
  const mayCreate = create && name === part;
  const missing = node[name] === undefined || (node[name] === null && mayCreate);
  if (missing && !mayCreate) return;
  if (rest.length > 0) {
    if (missing) node[name] = {};
    walk(node[name], rest, create, change);
    return;
  }
  const value = node[name];
  node[name] = Array.isArray(value) && name !== part ? value.map(change) : change(missing ? undefined : value);
}

/** Changes the field that `spec` names, if the object is of its kind. Without `create`, only where it exists. */
export function changeField(object: Manifest, spec: FieldSpec, change: Change, create = spec.create ?? false): void {
  if (!isSelected({ ...parseApiVersion(object.apiVersion), kind: object.kind }, spec)) return;
  walk(object, splitPath(spec.path), create, change);
}
