import { createHash } from 'node:crypto';
import {
  type ApiGroup,
  type ApiResource,
  type CustomResource,
  groupVersion,
  type RegistryData,
} from '../schema/registry.ts';
import { type CustomResourceDefinition, type DefinitionVersion, isServed } from './definition.ts';

/** In the order in which apiextensions-apiserver tells them. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** How discovery tells clients that a resource's stored form is the same as before. */
const storageHash = (group: string, version: string, kind: string): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64');

/** Versions as users expect them: v2, v1, v1beta2, v1beta1, v1alpha1, then others by name. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string): [number, number, number] => {
    const [, major, level, minor] = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version) ?? [];
    if (!major) return [-1, 0, 0];
    return [level === undefined ? 2 : level === 'beta' ? 1 : 0, Number(major), Number(minor ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  const at = x.findIndex((part, index) => part !== y[index]);
  return at < 0 ? (a < b ? -1 : 1) : y[at]! - x[at]!;
}

function rowsOf({ spec, status }: CustomResourceDefinition, version: DefinitionVersion): ApiResource[] {
  const { group, scope, versions } = spec;
  const names = status?.acceptedNames ?? spec.names;
  const { plural, singular = '', kind, shortNames, categories } = names;
  const namespaced = scope === 'Namespaced';
  const stored = versions.find(({ storage }) => storage)?.name ?? version.name;
  const rows: ApiResource[] = [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: VERBS,
      ...(shortNames?.length && { shortNames }),
      ...(categories?.length && { categories }),
      storageVersionHash: storageHash(group, stored, kind),
    },
  ];
  const { status: hasStatus, scale } = version.subresources ?? {};
  const view = { singularName: '', namespaced, verbs: ['get', 'patch', 'update'] };
  if (hasStatus) rows.push({ name: `${plural}/status`, ...view, kind });
  if (scale) rows.push({ name: `${plural}/scale`, ...view, group: 'autoscaling', version: 'v1', kind: 'Scale' });
  return rows;
}

/** What the registry must know of a custom resource besides its row. */
function customOf({ spec, metadata }: CustomResourceDefinition, version: DefinitionVersion): CustomResource {
  const { names, conversion } = spec;
  const storage = spec.versions.find((one) => one.storage)?.name ?? version.name;
  return {
    schema: version.schema?.openAPIV3Schema,
    columns: version.additionalPrinterColumns ?? [],
    listKind: names.listKind ?? `${names.kind}List`,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath),
    ...(version.subresources?.scale && { scale: version.subresources.scale }),
    ...(conversion?.strategy === 'Webhook' && {
      conversion: { storage, clientConfig: conversion.webhook?.clientConfig },
    }),
    ...(metadata.deletionTimestamp && { terminating: true }),
    ...(version.deprecated && {
      warning: version.deprecationWarning ?? `${spec.group}/${version.name} ${names.kind} is deprecated`,
    }),
  };
}

/** The registry of the built-in resources with those that definitions add. */
export function withCustom(builtIn: RegistryData, definitions: CustomResourceDefinition[]): RegistryData {
  const served = definitions.filter(isServed);
  if (served.length === 0) return builtIn;
  const groups: ApiGroup[] = [...builtIn.groups];
  const resources = { ...builtIn.resources };
  const custom: Record<string, CustomResource> = {};
  const added = new Map<string, Set<string>>();
  for (const definition of served) {
    const { group } = definition.spec;
    for (const version of definition.spec.versions.filter((one) => one.served)) {
      const key = groupVersion(group, version.name);
      resources[key] = [...(resources[key] ?? []), ...rowsOf(definition, version)];
      custom[`${key}/${definition.spec.names.plural}`] = customOf(definition, version);
      added.set(group, (added.get(group) ?? new Set()).add(version.name));
    }
  }
  for (const [name, versions] of [...added].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = groups.findIndex((group) => group.name === name);
    if (known >= 0) groups[known] = { name, versions: [...new Set([...groups[known]!.versions, ...versions])] };
    else groups.push({ name, versions: [...versions].sort(compareVersions) });
  }
  return { groups, resources, custom };
}
