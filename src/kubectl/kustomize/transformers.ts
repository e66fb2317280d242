import { goValue } from '../../base/go-quote.ts';
import { changeField, type FieldSpec, isMap, mergeSpecs, type TransformerConfig } from './field-specs.ts';
import { gvkText, isClusterScoped, isSelected, sameId } from './identity.ts';
import type { ImageTag, Kustomization } from './kustomization.ts';
import type { Manifest, Resource } from './resource.ts';
import type { ResourceList } from './resource-list.ts';

/** Kinds whose names are not theirs to choose. */
const FIXED_NAMES: FieldSpec[] = [
  { kind: 'CustomResourceDefinition', path: '' },
  { group: 'apiregistration.k8s.io', kind: 'APIService', path: '' },
  { kind: 'Namespace', path: '' },
];

/** Puts a prefix or suffix to names, and remembers it. */
export function rename(list: ResourceList, side: 'prefixes' | 'suffixes', text: string, specs: FieldSpec[]): void {
  for (const resource of list.items) {
    const { originalId } = resource;
    if (FIXED_NAMES.some((spec) => isSelected(originalId, spec))) continue;
    for (const spec of specs.filter((each) => isSelected(originalId, each))) {
      if (spec.path === 'metadata/name') {
        resource[side].push(text);
        resource.rememberId();
      }
      changeField(resource.object, spec, (name) => (side === 'prefixes' ? `${text}${name}` : `${name}${text}`));
    }
  }
}

const isRoleBinding = (kind = '') => kind === 'RoleBinding' || kind === 'ClusterRoleBinding';

/** Which subjects of role bindings get the namespace. */
export type SubjectMode = 'defaultOnly' | 'none' | 'allServiceAccounts';

export interface NamespaceOptions {
  subjects: SubjectMode;
  /** Only where there is none yet. */
  unsetOnly: boolean;
}

const takesNamespace = (subject: unknown, mode: SubjectMode): subject is Record<string, unknown> =>
  isMap(subject) &&
  ((mode === 'defaultOnly' && subject.name === 'default') ||
    (mode === 'allServiceAccounts' && subject.kind === 'ServiceAccount'));

function setNamespaceOf(
  resource: Resource,
  namespace: string,
  specs: FieldSpec[],
  { subjects, unsetOnly }: NamespaceOptions,
): void {
  const { object, id } = resource;
  const chosen = (old: unknown) => (unsetOnly && old ? String(old) : namespace);
  if (!isClusterScoped(id)) object.metadata = { ...object.metadata, namespace: chosen(object.metadata?.namespace) };
  const isBinding = isRoleBinding(id.kind);
  if (isBinding && Array.isArray(object.subjects)) {
    for (const subject of object.subjects)
      if (takesNamespace(subject, subjects)) subject.namespace = chosen(subject.namespace);
  }
  for (const spec of specs) {
    if (spec.path === 'metadata/namespace') continue;
    if (spec.path === 'metadata/name' && object.apiVersion !== 'v1') continue;
    if (isBinding && isRoleBinding(spec.kind) && spec.path === 'subjects/namespace') continue;
    changeField(object, spec, chosen);
  }
}

export function setNamespace(
  list: ResourceList,
  namespace: string,
  specs: FieldSpec[],
  options: NamespaceOptions = { subjects: 'defaultOnly', unsetOnly: false },
): void {
  for (const resource of list.items) {
    resource.rememberId();
    setNamespaceOf(resource, namespace, specs, options);
    const { id } = resource;
    const same = list.items.filter((each) => sameId(each.id, id));
    if (same.length !== 1) {
      throw new Error(
        `namespace transformation produces ID conflict: ${goValue(same.map(({ object }) => JSON.stringify(object)))}`,
      );
    }
  }
}

/** Sets keys of a map: labels, selectors, annotations. */
export function setKeys(list: ResourceList, keys: Record<string, string>, specs: FieldSpec[]): void {
  for (const { object } of list.items) {
    for (const spec of specs) {
      changeField(object, spec, (map) => ({ ...(isMap(map) ? map : {}), ...keys }));
    }
  }
}

/** What `labels` and `commonLabels` come to: keys, and the fields that take them. */
export function labelSettings(
  { labels = [], commonLabels }: Kustomization,
  config: TransformerConfig,
): { keys: Record<string, string>; specs: FieldSpec[] }[] {
  if (labels.length === 0 && !commonLabels) return [];
  const settings = labels.map(({ pairs = {}, includeSelectors, includeTemplates, fields = [] }) => {
    try {
      const own = mergeSpecs(fields, config.labels);
      if (includeSelectors) return { keys: pairs, specs: mergeSpecs(own, config.commonLabels) };
      const templates = includeTemplates ? mergeSpecs(own, config.templateLabels) : own;
      return { keys: pairs, specs: mergeSpecs(templates, [{ path: 'metadata/labels', create: true }]) };
    } catch (error) {
      throw new Error(`failed to merge labels: ${(error as Error).message}`);
    }
  });
  return [...settings, { keys: commonLabels ?? {}, specs: commonLabels ? config.commonLabels : [] }];
}

export function setReplicas(list: ResourceList, name: string, count: number, specs: FieldSpec[]): void {
  let found = false;
  for (const spec of specs) {
    for (const { object } of list.withAnyId((id) => id.name === name && isSelected(id, spec))) {
      found = true;
      changeField(object, spec, () => count);
    }
  }
  if (found) return;
  throw new Error(
    `resource with name ${name} does not match a config with the following GVK [${specs.map(gvkText).join(' ')}]`,
  );
}

/** `registry:5000/team/app:v1@sha256:…` → name, tag and digest. */
function splitImage(image: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(image.indexOf('/'), 0);
  const rest = image.slice(slash);
  const [beforeDigest = '', digest = ''] = rest.split(/@(.*)/s);
  const [name = '', tag = ''] = beforeDigest.split(/:(.*)/s);
  return { name: image.slice(0, slash) + name, tag, digest };
}

function changeImage(image: unknown, { name: wanted = '', newName, newTag, digest, tagSuffix }: ImageTag): unknown {
  if (typeof image !== 'string') return image;
  const pattern = `^${wanted}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`;
  if (!new RegExp(pattern).test(image)) return image;
  const old = splitImage(image);
  let changed = { tag: old.tag, digest: old.digest };
  if (newTag) changed = { tag: newTag, digest: digest ?? '' };
  else if (digest) changed = { tag: '', digest };
  else if (tagSuffix) changed = { tag: old.tag + tagSuffix, digest: '' };
  return (newName || old.name) + (changed.tag && `:${changed.tag}`) + (changed.digest && `@${changed.digest}`);
}

/** Images of containers, wherever in an object they stand. */
function changeContainers(node: unknown, change: (image: unknown) => unknown): void {
  if (Array.isArray(node)) for (const item of node) changeContainers(item, change);
  if (!isMap(node)) return;
  for (const [key, value] of Object.entries(node)) {
    const containers = /^(containers|initContainers)$/.test(key) && Array.isArray(value) ? value : [];
    for (const container of containers) {
      if (isMap(container) && container.image !== undefined) container.image = change(container.image);
    }
    changeContainers(value, change);
  }
}

export function setImage(list: ResourceList, tag: ImageTag, specs: FieldSpec[]): void {
  const change = (image: unknown) => changeImage(image, tag);
  for (const { object } of list.items as { object: Manifest }[]) {
    if (object.kind === 'CustomResourceDefinition') continue;
    changeContainers(object, change);
    for (const spec of specs) changeField(object, spec, change, false);
  }
}
