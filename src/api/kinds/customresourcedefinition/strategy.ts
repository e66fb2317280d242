import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { isDns1035Label, isDns1123Subdomain } from '../../../base/names.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { each, immutable, invalidEach } from '../shared/checks.ts';
import { type KindRules, withStatus } from '../shared/strategy.ts';

type Definition = Resource<V1CustomResourceDefinition>;
type Version = Definition['spec']['versions'][number];

const common = withStatus(() => ({}));

function setDefaults({ spec }: Definition): void {
  if (!spec) return;
  spec.names ??= { kind: '', plural: '' };
  spec.names.singular ||= spec.names.kind.toLowerCase();
  if (spec.names.kind) spec.names.listKind ||= `${spec.names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
  for (const { additionalPrinterColumns: columns } of spec.versions ?? [])
    for (const column of columns ?? []) column.priority ||= undefined;
}

function validateNames({ names }: Definition['spec']): FieldError[] {
  const at = 'spec.names';
  const label = (field: string, value: string) => invalidEach(`${at}.${field}`, value, isDns1035Label(value));
  return [
    ...(names.plural ? label('plural', names.plural) : [required(`${at}.plural`)]),
    ...(names.singular ? label('singular', names.singular) : []),
    ...(names.kind ? invalidEach(`${at}.kind`, names.kind, kindErrors(names.kind)) : [required(`${at}.kind`)]),
    ...each(names.shortNames, `${at}.shortNames`, (name, path) => invalidEach(path, name, isDns1035Label(name))),
    ...(names.listKind
      ? invalidEach(`${at}.listKind`, names.listKind, kindErrors(names.listKind))
      : [required(`${at}.listKind`)]),
    ...(names.kind && names.kind === names.listKind
      ? [invalid(`${at}.listKind`, names.listKind, 'kind and listKind may not be the same')]
      : []),
  ];
}

const kindErrors = (kind: string) =>
  isDns1035Label(kind.toLowerCase()).map((message) => `may have mixed case, but should otherwise match: ${message}`);

function validateVersion({ name, schema }: Version, path: string): FieldError[] {
  return [
    ...(name ? invalidEach(`${path}.name`, name, isDns1035Label(name)) : [required(`${path}.name`)]),
    ...(schema?.openAPIV3Schema ? [] : [required(`${path}.schema.openAPIV3Schema`, 'schemas are required')]),
  ];
}

function validateGroup({ group }: Definition['spec']): FieldError[] {
  if (!group) return [required('spec.group')];
  const errors = invalidEach('spec.group', group, isDns1123Subdomain(group));
  return group.split('.').length < 2
    ? [...errors, invalid('spec.group', group, 'should be a domain with at least one dot')]
    : errors;
}

function validate({ metadata, spec }: Definition): FieldError[] {
  const expected = `${spec.names.plural}.${spec.group}`;
  const errors: FieldError[] =
    metadata.name === expected
      ? []
      : [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')];
  const versions = spec.versions ?? [];
  const storage = versions.filter((version) => version.storage).length;
  errors.push(...validateGroup(spec));
  if (!['Cluster', 'Namespaced'].includes(spec.scope)) {
    if (!spec.scope) errors.push(required('spec.scope'));
    else errors.push(notSupported('spec.scope', spec.scope, ['Cluster', 'Namespaced']));
  }
  errors.push(...each(versions, 'spec.versions', validateVersion));
  if (storage !== 1)
    errors.push(
      invalid('spec.versions', goVersions(versions), 'must have exactly one version marked as storage version'),
    );
  return [...errors, ...validateNames(spec)];
}

/** Too deep to print as Go does: names alone. */
const goVersions = (versions: Version[]) =>
  new GoSyntax(
    `[]apiextensions.CustomResourceDefinitionVersion{${versions
      .map(({ name }) => `apiextensions.CustomResourceDefinitionVersion{Name:${JSON.stringify(name)}}`)
      .join(', ')}}`,
  );

export const strategy: KindRules<Definition> = {
  resource: 'customresourcedefinitions.apiextensions.k8s.io',
  clusterScoped: true,
  setDefaults,
  prepareForCreate: (definition, context) => {
    common.prepareForCreate?.(definition, context);
    const stored = (definition.spec.versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);
    definition.status = { acceptedNames: { plural: '', kind: '' }, conditions: [], storedVersions: stored };
  },
  prepareForUpdate: (definition, old, context) => {
    common.prepareForUpdate?.(definition, old, context);
    const stored = new Set(old.status?.storedVersions ?? []);
    for (const { name, storage } of definition.spec.versions ?? []) if (storage) stored.add(name);
    if (old.status) definition.status = { ...old.status, storedVersions: [...stored] };
  },
  validate,
  validateUpdate: ({ spec }, { spec: old }) => [
    ...immutable('spec.group', spec.group, old.group),
    ...immutable('spec.names.plural', spec.names.plural, old.names.plural),
    ...immutable('spec.scope', spec.scope, old.scope),
    ...immutable('spec.names.kind', spec.names.kind, old.names.kind),
  ],
};
