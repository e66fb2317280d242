import { isDns1035Label, isDns1123Subdomain } from '../../base/names.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { KindStrategy } from '../kinds/kind.ts';
import { oneOf, same } from '../kinds/shared/checks.ts';
import { subdomainName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { SPEC_AND_METADATA } from '../kinds/shared/strategy.ts';
import { validateWebhookClient, type WebhookClient } from '../kinds/shared/webhook-client.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../machinery/invalid.ts';
import { equal, type JsonObject } from '../machinery/patch/json-value.ts';
import { defaultErrors } from './default-errors.ts';
import {
  APPROVED,
  type CustomResourceDefinition,
  DEFINITIONS,
  type DefinitionVersion,
  isProtected,
  isServed,
  type PrinterColumn,
} from './definition.ts';
import { findField } from './field-path.ts';
import { openApiErrors } from './schema-errors.ts';
import { isConvertible, structuralErrors } from './structural-errors.ts';

/** Parts of a version that stand in the spec where they are the same in all versions, as the internal type has them. */
interface Shared {
  schema: boolean;
  subresources: boolean;
  additionalPrinterColumns: boolean;
  selectableFields: boolean;
}

const PARTS = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const;

const sharedOf = (versions: readonly DefinitionVersion[]): Shared =>
  Object.fromEntries(
    PARTS.map((part) => [part, versions.every((version) => same(version[part], versions[0]?.[part]))]),
  ) as unknown as Shared;

/** A version as %#v prints the internal type, as far as it can be without pointers. */
function goVersion(version: DefinitionVersion, shared: Shared): string {
  const { name, served, storage, deprecated = false } = version;
  const pointer = (part: (typeof PARTS)[number], type: string) =>
    `(*apiextensions.${type})(${shared[part] || version[part] === undefined ? 'nil' : '0xc000000000'})`;
  return `apiextensions.CustomResourceDefinitionVersion{Name:${JSON.stringify(name)}, Served:${served ?? false}, Storage:${storage ?? false}, Deprecated:${deprecated}, DeprecationWarning:(*string)(nil), Schema:${pointer('schema', 'CustomResourceValidation')}, Subresources:${pointer('subresources', 'CustomResourceSubresources')}, AdditionalPrinterColumns:[]apiextensions.CustomResourceColumnDefinition(nil), SelectableFields:[]apiextensions.SelectableField(nil)}`;
}

const joined = (path: string, value: string, wrong: string[], before = ''): FieldError[] =>
  wrong.length > 0 ? [invalid(path, value, before + wrong.join(','))] : [];

const MIXED_CASE = 'may have mixed case, but should otherwise match: ';

function nameErrors({ spec }: CustomResourceDefinition): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = spec.names ?? {};
  const labels: [string, string, lower: boolean][] = [
    ['plural', plural, false],
    ['singular', singular, false],
    ['kind', kind, true],
    ['listKind', listKind, true],
  ];
  const at = (name: string) => `spec.names.${name}`;
  const each = (name: string, list: readonly string[]) =>
    list.flatMap((text, index) => joined(`${at(name)}[${index}]`, text, isDns1035Label(text)));
  return [
    ...labels.flatMap(([name, value]) => (value ? [] : [required(at(name))])),
    ...labels.flatMap(([name, value, lower]) =>
      value
        ? joined(at(name), value, isDns1035Label(lower ? value.toLowerCase() : value), lower ? MIXED_CASE : '')
        : [],
    ),
    ...each('shortNames', shortNames),
    ...(kind && kind === listKind ? [invalid(at('listKind'), listKind, 'kind and listKind may not be the same')] : []),
    ...each('categories', categories),
  ];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function pathErrors(text: string, at: string): FieldError[] {
  return text.startsWith('.') ? [] : [invalid(at, text, 'must be a simple json path starting with .')];
}

function columnErrors({ name, type, format, jsonPath }: PrinterColumn, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (!name) errors.push(required(`${path}.name`));
  if (!type) errors.push(required(`${path}.type`, types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${path}.type`, type, types));
  if (format && !COLUMN_FORMATS.includes(format))
    errors.push(invalid(`${path}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  return [...errors, ...(jsonPath ? pathErrors(jsonPath, `${path}.JSONPath`) : [required(`${path}.JSONPath`)])];
}

type Subresources = DefinitionVersion['subresources'];

function subresourceErrors(subresources: Subresources, path: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const under = (key: keyof typeof scale, roots: string[], words: string, optional = false): FieldError[] => {
    const at = `${path}.scale.${key}`;
    const text = scale[key];
    if (!text) return optional ? [] : [required(at)];
    const wrong = pathErrors(text, at);
    if (wrong.length > 0) return wrong;
    return roots.some((root) => text.startsWith(root))
      ? []
      : [invalid(at, text, `should be a json path under ${words}`)];
  };
  return [
    ...under('specReplicasPath', ['.spec.'], '.spec'),
    ...under('statusReplicasPath', ['.status.'], '.status'),
    ...under('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status', true),
  ];
}

const MAX_SELECTABLE = 8;
const SELECTABLE = ['string', 'boolean', 'integer'];

function selectableErrors(fields: { jsonPath: string }[] | undefined, schema: JsonObject | undefined, path: string) {
  const errors: FieldError[] = [];
  if (!fields?.length) return errors;
  if (!schema) return [invalid(path, '', 'selectableFields may only be set when validations.schema is included')];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (!jsonPath) {
      errors.push(required(at));
      continue;
    }
    const found = findField(jsonPath, schema, false);
    if (typeof found === 'string') {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found}`));
      continue;
    }
    if (/^metadata(\.|$)/.test(found.path)) errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!SELECTABLE.includes(String(found.schema.type)))
      errors.push(
        invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(found.path)) errors.push(duplicate(at, jsonPath));
    seen.add(found.path);
  }
  if (seen.size > MAX_SELECTABLE) errors.push(tooMany(path, seen.size, MAX_SELECTABLE));
  return errors;
}

const ROOT_KEYS = new Set([
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]); // prettier-ignore
const ROOT_FIELDS =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]';

/** validateCustomResourceDefinitionValidation */
function validationErrors(schema: JsonObject | undefined, hasStatus: boolean, path: string): FieldError[] {
  if (!schema) return [];
  const errors: FieldError[] = [];
  const at = `${path}.openAPIV3Schema`;
  if (hasStatus) {
    if (schema.type && schema.type !== 'object')
      errors.push(
        invalid(
          `${at}.type`,
          schema.type,
          'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
        ),
      );
    else if (Object.keys(schema).some((key) => !ROOT_KEYS.has(key)))
      errors.push(
        invalid(
          at,
          new GoSyntax('apiextensions.JSONSchemaProps{}'),
          `only ${ROOT_FIELDS} fields are allowed at the root of the schema if the status subresource is enabled`,
        ),
      );
  }
  if (schema.nullable === true) errors.push(forbidden(`${at}.nullable`, 'nullable cannot be true at the root'));
  const convertible = isConvertible(schema);
  const structural = convertible ? structuralErrors(schema, at) : [];
  const defaults = convertible && structural.length === 0 ? defaultErrors(schema, at) : [];
  const sound = convertible && structural.length + defaults.length === 0;
  return [...errors, ...structural, ...defaults, ...openApiErrors(schema, at, sound)];
}

function deprecationErrors({ deprecated, deprecationWarning: warning }: DefinitionVersion, path: string): FieldError[] {
  if (warning === undefined) return [];
  const at = `${path}.deprecationWarning`;
  if (!deprecated) return [invalid(at, warning, 'can only be set for deprecated versions')];
  const errors: FieldError[] = [];
  if (Buffer.byteLength(warning) > 256) errors.push(invalid(at, warning, 'must be <= 256 characters long'));
  if (warning === '') errors.push(invalid(at, warning, 'must not be an empty string'));
  const index = warning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  if (index >= 0)
    errors.push(
      invalid(
        at,
        warning,
        `must only contain printable UTF-8 characters; non-printable character found at index ${index}`,
      ),
    );
  return errors;
}

function versionErrors(given: readonly DefinitionVersion[] | undefined): FieldError[] {
  const versions = given ?? [];
  const shared = sharedOf(versions);
  const schemaOf = (version: DefinitionVersion | undefined) => version?.schema?.openAPIV3Schema;
  const errors: FieldError[] = versions.flatMap((version, index) =>
    schemaOf(version) ? [] : [required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required')],
  );
  const partErrors = (version: DefinitionVersion, part: keyof Shared, path: string): FieldError[] => {
    const { subresources, additionalPrinterColumns = [], selectableFields } = version;
    if (part === 'schema') return validationErrors(schemaOf(version), subresources?.status !== undefined, path);
    if (part === 'subresources') return subresourceErrors(subresources, path);
    if (part === 'selectableFields') return selectableErrors(selectableFields, schemaOf(version), path);
    return additionalPrinterColumns.flatMap((column, index) => columnErrors(column, `${path}[${index}]`));
  };
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    errors.push(...joined(`${path}.name`, version.name ?? '', isDns1035Label(version.name ?? '')));
    errors.push(...deprecationErrors(version, path));
    for (const part of PARTS) if (!shared[part]) errors.push(...partErrors(version, part, `${path}.${part}`));
  }
  const all = new GoSyntax(
    !given
      ? '[]apiextensions.CustomResourceDefinitionVersion(nil)'
      : `[]apiextensions.CustomResourceDefinitionVersion{${versions.map((version) => goVersion(version, shared)).join(', ')}}`,
  );
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    errors.push(invalid('spec.versions', all, 'must contain unique version names'));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalid('spec.versions', all, 'must have exactly one version marked as storage version'));
  const first = versions[0]?.name ?? '';
  return [...errors, ...(first ? joined('spec.version', first, isDns1035Label(first)) : [])];
}

/** What all versions have in common is told of the spec, after its names. */
function sharedErrors(versions: readonly DefinitionVersion[]): FieldError[] {
  const shared = sharedOf(versions);
  const [version] = versions;
  if (!version) return [];
  const schema = version.schema?.openAPIV3Schema;
  const hasStatus = versions.some(({ subresources }) => subresources?.status !== undefined);
  const columns = shared.additionalPrinterColumns ? (version.additionalPrinterColumns ?? []) : [];
  return [
    ...(shared.schema ? validationErrors(schema, hasStatus, 'spec.validation') : []),
    ...(shared.subresources ? subresourceErrors(version.subresources, 'spec.subresources') : []),
    ...columns.flatMap((column, index) => columnErrors(column, `spec.additionalPrinterColumns[${index}]`)),
    ...(shared.selectableFields ? selectableErrors(version.selectableFields, schema, 'spec.selectableFields') : []),
  ];
}

interface Conversion {
  strategy?: string;
  webhook?: {
    clientConfig?: WebhookClient;
    conversionReviewVersions?: string[];
  };
}

function conversionErrors(conversion: Conversion | undefined): FieldError[] {
  const { strategy, webhook } = conversion ?? {};
  const path = 'spec.conversion';
  const errors = oneOf(`${path}.strategy`, strategy, ['None', 'Webhook']);
  const config = webhook?.clientConfig;
  const at = `${path}.webhookClientConfig`;
  const versions = webhook?.conversionReviewVersions ?? [];
  const versionsAt = `${path}.conversionReviewVersions`;
  if (strategy !== 'Webhook') {
    const wrong = 'should not be set when strategy is not set to Webhook';
    if (config) errors.push(forbidden(at, wrong));
    if (versions.length > 0) errors.push(forbidden(versionsAt, wrong));
    return errors;
  }
  if (!config) errors.push(required(at, 'required when strategy is set to Webhook'));
  else errors.push(...validateWebhookClient(config, at));
  if (versions.length === 0) return [...errors, required(versionsAt)];
  if (!versions.includes('v1') && !versions.includes('v1beta1'))
    errors.push(invalid(versionsAt, goStrings(versions), 'must include at least one of v1, v1beta1'));
  return errors;
}

const APPROVAL = `protected groups must have approval annotation "${APPROVED}"`;
const PULL = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Groups of the community need somebody's approval. */
function approvalErrors({ metadata, spec }: CustomResourceDefinition, old?: CustomResourceDefinition): FieldError[] {
  if (!isProtected(spec.group)) return [];
  const stateOf = (text: string): string =>
    text === '' ? 'missing' : /^unapproved|^[a-z]+:\/\/[^/]/.test(text) ? 'approved' : 'invalid';
  const text = metadata.annotations?.[APPROVED] ?? '';
  const state = stateOf(text);
  const at = `metadata.annotations[${APPROVED}]`;
  if (state === 'approved' || (old && state === stateOf(old.metadata.annotations?.[APPROVED] ?? ''))) return [];
  if (state === 'missing') return [required(at, `${APPROVAL}, ${PULL}`)];
  return [invalid(at, text, `${APPROVAL} with either a URL or a reason starting with "unapproved", ${PULL}`)];
}

function storedErrors({ spec, status }: CustomResourceDefinition): FieldError[] {
  const at = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalid(at, goStrings(undefined), 'must have at least one stored version')];
  const names = spec.versions?.map(({ name }) => name) ?? [];
  const seen = new Set<string>();
  const isFirst = (name: string) => !seen.has(name) && seen.add(name) !== undefined;
  return [
    ...(spec.versions ?? []).flatMap(({ name, storage }) =>
      !(isFirst(name) && stored.includes(name)) && storage
        ? [invalid(at, goStrings(stored), `must have the storage version ${name}`)]
        : [],
    ),
    ...stored.flatMap((name, index) =>
      names.includes(name)
        ? []
        : [
            invalid(
              `${at}[${index}]`,
              name,
              `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
            ),
          ],
    ),
  ];
}

function groupErrors(group: string | undefined): FieldError[] {
  if (!group) return [required('spec.group')];
  const wrong = isDns1123Subdomain(group);
  if (wrong.length > 0) return joined('spec.group', group, wrong);
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

/** What a definition that is served must keep. */
function changeErrors({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const fixed = (field: string, now: unknown, before: unknown) =>
    now === before ? [] : [invalid(field, now ?? '', 'field is immutable')];
  return [
    ...(isServed(old)
      ? [
          ...fixed('spec.scope', spec.scope, old.spec.scope),
          ...fixed('spec.names.kind', spec.names.kind, old.spec.names.kind),
        ]
      : []),
    ...fixed('spec.group', spec.group, old.spec.group),
    ...fixed('spec.names.plural', spec.names.plural, old.spec.names.plural),
  ];
}

function validate(object: KubeObject, old?: CustomResourceDefinition): FieldError[] {
  const definition = object as CustomResourceDefinition;
  const { metadata, spec } = definition;
  const versions = spec.versions ?? [];
  const rule = (name: string, prefix: boolean): string[] => {
    const wrong = subdomainName(name, prefix);
    return name === `${spec.names?.plural}.${spec.group}`
      ? wrong
      : [...wrong, 'must be spec.names.plural+"."+spec.group'];
  };
  const { scope } = spec;
  const hasDefaults = JSON.stringify(versions.map(({ schema }) => schema ?? {})).includes('"default":');
  return [
    ...(old ? [] : validateObjectMeta(metadata, false, rule)),
    ...groupErrors(spec.group),
    ...(scope && scope !== 'Cluster' && scope !== 'Namespaced'
      ? [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])]
      : scope
        ? []
        : [required('spec.scope')]),
    ...(spec.preserveUnknownFields && hasDefaults
      ? [invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')]
      : []),
    ...versionErrors(spec.versions),
    ...nameErrors(definition),
    ...sharedErrors(versions),
    ...conversionErrors(spec.conversion as Conversion | undefined),
    ...(old ? changeErrors(definition, old) : []),
    ...storedErrors(definition),
    ...approvalErrors(definition, old),
    ...(spec.preserveUnknownFields && !old?.spec.preserveUnknownFields
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

/** CustomResourceDefinition: what apiextensions-apiserver defaults, sets and checks. */
export const definitionStrategy: KindStrategy<CustomResourceDefinition> = {
  resource: DEFINITIONS,
  updateChecks: ['metadata', 'object'],
  resetFields: SPEC_AND_METADATA,
  needsVersion: true,
  setDefaults({ spec }) {
    const { names } = spec;
    if (names) {
      names.singular ||= names.kind?.toLowerCase() ?? '';
      if (names.kind) names.listKind ||= `${names.kind}List`;
    }
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service) service.port ??= 443;
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
    if (stored !== undefined && !old.status?.storedVersions?.includes(stored))
      draft.status = { ...old.status, storedVersions: [...(old.status?.storedVersions ?? []), stored] };
    const generation = old.metadata.generation ?? 1;
    draft.metadata = { ...draft.metadata, generation: equal(draft.spec, old.spec) ? generation : generation + 1 };
  },
  validate: (definition, _, old) => validate(definition, old),
};
