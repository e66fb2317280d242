import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isPathSegmentName,
  isQualifiedName,
  maskTrailingDash,
} from '../../../base/names.ts';
import type { ObjectMeta, OwnerReference } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { equal } from '../../machinery/patch/json-value.ts';
import { invalidEach, nonNegative, sortedEntries } from './checks.ts';

/** Names what is wrong with an object's name; `prefix` when it is a generateName. */
export type NameRule = (name: string, prefix: boolean) => string[];

const masked =
  (rule: (name: string) => string[]): NameRule =>
  (name, prefix) =>
    rule(prefix ? maskTrailingDash(name) : name);

/** validation.NameIsDNSSubdomain and its sisters. */
export const subdomainName: NameRule = masked(isDns1123Subdomain);
export const labelName: NameRule = masked(isDns1123Label);
export const label1035Name: NameRule = masked(isDns1035Label);
export const pathSegmentName: NameRule = isPathSegmentName;

const MAX_ANNOTATION_BYTES = 256 * 1024;

export const validateLabelName = (key: string, path: string): FieldError[] =>
  invalidEach(path, key, isQualifiedName(key));

export const validateLabels = (labels: Record<string, string> | undefined, path: string): FieldError[] =>
  sortedEntries(labels).flatMap(([key, value]) => [
    ...validateLabelName(key, path),
    ...invalidEach(path, value, isLabelValue(value)),
  ]);

export function validateAnnotations(annotations: Record<string, string> | undefined, path: string): FieldError[] {
  const entries = sortedEntries(annotations);
  const errors = entries.flatMap(([key]) => invalidEach(path, key, isQualifiedName(key.toLowerCase())));
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > MAX_ANNOTATION_BYTES ? [...errors, tooLong(path, '', MAX_ANNOTATION_BYTES)] : errors;
}

function validateOwnerReferences(references: OwnerReference[] | undefined, path: string): FieldError[] {
  let controller = '';
  return (references ?? []).flatMap((reference) => {
    const errors: FieldError[] = [];
    const version = (reference.apiVersion ?? '').split('/').at(-1);
    if (!version) errors.push(invalid(`${path}.apiVersion`, reference.apiVersion ?? '', 'version must not be empty'));
    for (const field of ['kind', 'name', 'uid'] as const)
      if (!reference[field])
        errors.push(invalid(`${path}.${field}`, reference[field] ?? '', `${field} must not be empty`));
    if (reference.kind === 'Event' && ['v1', 'events.k8s.io/v1'].includes(reference.apiVersion))
      errors.push(invalid(path, reference, `${reference.apiVersion}, Kind=Event is disallowed from being an owner`));
    if (!reference.controller) return errors;
    const name = `${reference.kind}/${reference.name}`;
    if (!controller) controller = name;
    else
      errors.push(
        invalid(
          path,
          references,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
    return errors;
  });
}

function validateFinalizers(finalizers: string[] | undefined, path: string): FieldError[] {
  const errors = (finalizers ?? []).flatMap((name) => invalidEach(path, name, isQualifiedName(name)));
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalid(path, goStrings(finalizers), 'finalizer orphan and foregroundDeletion cannot be both set'));
  return errors;
}

const FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** validateKubeFinalizerName: a finalizer without a domain is one of Kubernetes' own. */
export const validateFinalizerName = (name: string, path: string): FieldError[] =>
  name.includes('/') || FINALIZERS.includes(name)
    ? []
    : [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];

/**
 * What is wrong with an object's metadata (apimachinery's ValidateObjectMeta). `before`: the metadata that is stored, of which the
 * new one may share parts.
 */
export function validateObjectMeta(
  metadata: ObjectMeta,
  namespaced: boolean,
  nameRule: NameRule,
  before?: ObjectMeta,
): FieldError[] {
  const path = 'metadata';
  const { name, generateName, namespace } = metadata;
  const errors: FieldError[] = [];
  if (generateName) errors.push(...invalidEach(`${path}.generateName`, generateName, nameRule(generateName, true)));
  if (!name) errors.push(required(`${path}.name`, 'name or generateName is required'));
  else errors.push(...invalidEach(`${path}.name`, name, nameRule(name, false)));
  if (namespaced) {
    if (!namespace) errors.push(required(`${path}.namespace`));
    else errors.push(...invalidEach(`${path}.namespace`, namespace, labelName(namespace, false)));
  } else if (namespace) errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'));
  errors.push(
    ...nonNegative(`${path}.generation`, metadata.generation),
    ...validateGivenMeta(metadata, path, before),
    ...validateFinalizers(metadata.finalizers, `${path}.finalizers`),
  );
  return errors;
}

const IMMUTABLE = 'field is immutable';
const FIXED = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** A time as its String method writes it; other values are rendered as they stand. */
const shown = (field: string, value: unknown): unknown =>
  field.endsWith('Timestamp') && typeof value === 'string'
    ? new GoSyntax(`${value.replace('T', ' ').replace('Z', '')} +0000 UTC`)
    : (value ?? '');

/** apimachinery's ValidateObjectMetaUpdate: what no update of any kind may change, and what is wrong with what it may. */
export function validateMetaUpdate(now: ObjectMeta, before: ObjectMeta): FieldError[] {
  const path = 'metadata';
  const errors: FieldError[] = [];
  if (before.deletionTimestamp) {
    const added = (now.finalizers ?? []).filter((one) => !before.finalizers?.includes(one)).sort();
    if (added.length > 0)
      errors.push(
        forbidden(
          `${path}.finalizers`,
          `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added).text}`,
        ),
      );
  }
  for (const field of FIXED)
    if (!equal(now[field] ?? undefined, before[field] ?? undefined))
      errors.push(invalid(`${path}.${field}`, shown(field, now[field]), IMMUTABLE));
  return [...errors, ...validateGivenMeta(now, path, before)];
}

/** What is asked of metadata whenever it is written; a part that is the stored one itself was asked then. */
function validateGivenMeta(now: ObjectMeta, path: string, before?: ObjectMeta): FieldError[] {
  const { labels, annotations, ownerReferences, managedFields } = now;
  const errors: FieldError[] = [];
  if (labels !== before?.labels) errors.push(...validateLabels(labels, `${path}.labels`));
  if (annotations !== before?.annotations) errors.push(...validateAnnotations(annotations, `${path}.annotations`));
  if (ownerReferences !== before?.ownerReferences)
    errors.push(...validateOwnerReferences(ownerReferences, `${path}.ownerReferences`));
  if (managedFields !== before?.managedFields)
    errors.push(...validateManagedFields(managedFields, `${path}.managedFields`));
  return errors;
}

const MAX_MANAGER = 128;
const MAX_SUBRESOURCE = 256;
/** What nothing is wrong with: most names are such. */
const PLAIN_MANAGER = /^[ -~]{0,128}$/;

/** ValidateFieldManager: who a change is said to be by. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  if (PLAIN_MANAGER.test(manager)) return [];
  const unprintable = [...manager].flatMap((character, index) => {
    if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) return [];
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const position = Buffer.byteLength([...manager].slice(0, index).join(''));
    return [invalid(path, manager, `invalid character U+${code} (at position ${position})`)];
  });
  return [...(manager.length > MAX_MANAGER ? [tooLong(path, manager, MAX_MANAGER)] : []), ...unprintable];
}

/** What can be wrong with managers whose fields were read. */
const validateManagedFields = (entries: ObjectMeta['managedFields'], path: string): FieldError[] =>
  (entries ?? []).flatMap(({ manager = '', subresource = '' }, index) => [
    ...validateFieldManager(manager, `${path}[${index}].manager`),
    ...(subresource.length > MAX_SUBRESOURCE
      ? [tooLong(`${path}[${index}].subresource`, subresource, MAX_SUBRESOURCE)]
      : []),
  ]);

/** What core's own rules for metadata add to apimachinery's. */
export const validateFinalizerNames = ({ finalizers = [] }: ObjectMeta, path = 'metadata'): FieldError[] =>
  finalizers.flatMap((name, index) => validateFinalizerName(name, `${path}.finalizers[${index}]`));
