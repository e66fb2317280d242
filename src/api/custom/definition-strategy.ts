import { isDns1035Label } from '../../base/names.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy } from '../kinds/kind.ts';
import { subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { type FieldError, invalid, required } from '../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../machinery/invalid.ts';
import { equal, isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { type CustomResourceDefinition, DEFINITIONS, type DefinitionVersion } from './definition.ts';

const notSupported = (field: string, value: unknown, supported: string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  value,
  detail: `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
});

/** A version as %#v prints the internal type, as far as it can be without pointers. */
const goVersion = ({ name, served, storage }: DefinitionVersion): string =>
  `apiextensions.CustomResourceDefinitionVersion{Name:${JSON.stringify(name)}, Served:${served ?? false}, Storage:${storage ?? false}, Deprecated:false, DeprecationWarning:(*string)(nil), Schema:(*apiextensions.CustomResourceValidation)(nil), Subresources:(*apiextensions.CustomResourceSubresources)(nil), AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition(nil), SelectableFields:[]apiextensions.SelectableField(nil)}`;

const TYPES = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);

/** What a schema must say to be structural. */
function schemaErrors(schema: JsonObject, path: string, root = false): FieldError[] {
  const errors: FieldError[] = [];
  const { type } = schema;
  const free = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined || type === '') {
    if (!free)
      errors.push(
        required(
          `${path}.type`,
          root ? 'must not be empty at the root' : 'must not be empty for specified object fields',
        ),
      );
  } else if (!TYPES.has(String(type))) errors.push(notSupported(`${path}.type`, type, [...TYPES]));
  if (root && type !== undefined && type !== 'object')
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const key of Object.keys(properties).sort()) {
    const inner = properties[key];
    if (isObject(inner)) errors.push(...schemaErrors(inner, `${path}.properties[${key}]`));
  }
  if (isObject(schema.items)) errors.push(...schemaErrors(schema.items, `${path}.items`));
  if (isObject(schema.additionalProperties)) {
    if (Object.keys(properties).length > 0)
      errors.push({
        type: 'FieldValueForbidden',
        field: `${path}.additionalProperties`,
        detail: 'must not be used together with properties',
      });
    errors.push(...schemaErrors(schema.additionalProperties, `${path}.additionalProperties`));
  }
  if (type === 'array' && !isObject(schema.items)) errors.push(required(`${path}.items`, 'must be specified'));
  return errors;
}

function validate(object: KubeObject): FieldError[] {
  const { metadata, spec, status } = object as CustomResourceDefinition;
  const { names, group, scope } = spec;
  const versions = spec.versions ?? [];
  const rule = (name: string, prefix: boolean): string[] => {
    const wrong = subdomainName(name, prefix);
    return name === `${names?.plural}.${group}` ? wrong : [...wrong, 'must be spec.names.plural+"."+spec.group'];
  };
  const errors = validateObjectMeta(metadata, false, rule);
  if (!group) errors.push(required('spec.group'));
  else if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
  if (!scope) errors.push(required('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced')
    errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  const seen = new Set<string>();
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    if (seen.has(version.name))
      errors.push({ type: 'FieldValueDuplicate', field: `${path}.name`, value: version.name, detail: '' });
    seen.add(version.name);
    const wrong = isDns1035Label(version.name ?? '');
    if (wrong.length > 0) errors.push(invalid(`${path}.name`, version.name ?? '', wrong.join(',')));
    const schema = version.schema?.openAPIV3Schema;
    if (!schema) errors.push(required(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
    else errors.push(...schemaErrors(schema, `${path}.schema.openAPIV3Schema`, true));
  });
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(
      invalid(
        'spec.versions',
        new GoSyntax(`[]apiextensions.CustomResourceDefinitionVersion{${versions.map(goVersion).join(', ')}}`),
        'must have exactly one version marked as storage version',
      ),
    );
  const labels: [string, string | undefined][] = [
    ['plural', names?.plural],
    ['singular', names?.singular],
  ];
  for (const [field, value] of labels) {
    if (!value) errors.push(required(`spec.names.${field}`));
    else if (isDns1035Label(value).length > 0)
      errors.push(invalid(`spec.names.${field}`, value, isDns1035Label(value).join(',')));
  }
  for (const field of ['kind', 'listKind'] as const) {
    const value = names?.[field];
    if (!value) errors.push(required(`spec.names.${field}`));
    else if (isDns1035Label(value.toLowerCase()).length > 0)
      errors.push(
        invalid(
          `spec.names.${field}`,
          value,
          `may have mixed case, but should otherwise match: ${isDns1035Label(value.toLowerCase()).join(',')}`,
        ),
      );
  }
  if (names?.kind && names.kind === names.listKind)
    errors.push(invalid('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0)
    errors.push(invalid('status.storedVersions', goNil(stored), 'must have at least one stored version'));
  return errors;
}

const goNil = (list: string[]): GoSyntax => (list.length === 0 ? new GoSyntax('[]string(nil)') : goStrings(list));

/** CustomResourceDefinition: what apiextensions-apiserver defaults, sets and checks. */
export const definitionStrategy: KindStrategy<CustomResourceDefinition> = {
  resource: DEFINITIONS,
  setDefaults({ spec }) {
    const { names } = spec;
    if (names?.kind) {
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    }
    spec.conversion ??= { strategy: 'None' };
  },
  prepareForCreate(draft) {
    const stored = draft.spec.versions?.find(({ storage }) => storage)?.name;
    draft.metadata = { ...draft.metadata, generation: 1 };
    draft.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      ...(stored !== undefined && { storedVersions: [stored] }),
    };
  },
  prepareForUpdate(draft, old) {
    draft.status = old.status;
    const stored = draft.spec.versions?.find(({ storage }) => storage)?.name;
    if (stored && !old.status?.storedVersions?.includes(stored))
      draft.status = { ...old.status, storedVersions: [...(old.status?.storedVersions ?? []), stored] };
    const generation = old.metadata.generation ?? 1;
    draft.metadata = { ...draft.metadata, generation: equal(draft.spec, old.spec) ? generation : generation + 1 };
  },
  validate,
  validateUpdate(draft, old) {
    const errors: FieldError[] = [];
    const immutable = (field: string, now: unknown, before: unknown) => {
      if (now !== before) errors.push(invalid(field, now, 'field is immutable'));
    };
    immutable('spec.group', draft.spec.group, old.spec.group);
    immutable('spec.names.plural', draft.spec.names.plural, old.spec.names.plural);
    immutable('spec.scope', draft.spec.scope, old.spec.scope);
    immutable('spec.names.kind', draft.spec.names.kind, old.spec.names.kind);
    return errors;
  },
};
