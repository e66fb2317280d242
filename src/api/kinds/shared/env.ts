import { isConfigMapKey, isDns1123Subdomain, isRelaxedEnvVarName, maskTrailingDash } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { Container } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { each, invalidEach, qualifiedName, requiredText } from './checks.ts';

type EnvVar = NonNullable<Container['env']>[number];
type EnvSource = NonNullable<EnvVar['valueFrom']>;
type EnvFrom = NonNullable<Container['envFrom']>[number];

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** What ConvertDownwardAPIFieldLabel knows beside them. */
const OTHER_FIELDS = [
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
];
const CONTAINER_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const DIVISIBLE = /^(limits|requests)\.(cpu$|memory$|ephemeral-storage$|hugepages-)/;
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** A downward API field: `expressions` are the fields allowed here. */
export function validateFieldRef(
  { apiVersion, fieldPath }: NonNullable<EnvSource['fieldRef']>,
  expressions: string[],
  path: string,
): FieldError[] {
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const conversionError = (reason: string) => [
    invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${reason}`),
  ];
  if (apiVersion !== 'v1') return conversionError(`unsupported pod version: ${apiVersion}`);
  const subscript = /^(.+?)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    const [, base = '', key = ''] = subscript;
    if (base !== 'metadata.annotations' && base !== 'metadata.labels')
      return conversionError(`field label does not support subscript: ${fieldPath}`);
    return qualifiedName(path, base === 'metadata.annotations' ? key.toLowerCase() : key);
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  if (!ENV_FIELDS.includes(field) && !OTHER_FIELDS.includes(field))
    return conversionError(`field label not supported: ${fieldPath}`);
  return expressions.includes(field) ? [] : [notSupported(`${path}.fieldPath`, field, expressions)];
}

function divisorError(resource: string, divisor: string | undefined): string[] {
  if (divisor === undefined || Quantity.parse(divisor).isZero()) return [];
  const kind = resource.replace(/^(limits|requests)\./, '');
  if (!DIVISIBLE.test(resource)) return [];
  if (kind === 'cpu')
    return ['1m', '1'].includes(divisor) ? [] : ["only divisor's values 1m and 1 are supported with the cpu resource"];
  const name =
    kind === 'ephemeral-storage' ? 'local ephemeral storage' : kind.startsWith('hugepages-') ? 'hugepages' : kind;
  return BYTE_DIVISORS.includes(divisor)
    ? []
    : [`only divisor's values ${BYTE_DIVISORS.join(', ')} are supported with the ${name} resource`];
}

/** A container's resource as the downward API gives it; a volume must name the container. */
export function validateResourceFieldRef(
  { containerName, resource, divisor }: NonNullable<EnvSource['resourceFieldRef']>,
  inVolume: boolean,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && !containerName) errors.push(required(`${path}.containerName`));
  else if (!resource) errors.push(required(`${path}.resource`));
  else if (!CONTAINER_RESOURCES.includes(resource) && !/^(requests|limits)\.hugepages-/.test(resource))
    errors.push(notSupported(`${path}.resource`, resource, CONTAINER_RESOURCES));
  return [...errors, ...invalidEach(`${path}.divisor`, resource, divisorError(resource, divisor))];
}

function validateKeyRef(ref: { name?: string; key: string }, path: string): FieldError[] {
  return [
    ...invalidEach(`${path}.name`, ref.name ?? '', isDns1123Subdomain(ref.name ?? '')),
    ...(ref.key ? invalidEach(`${path}.key`, ref.key, isConfigMapKey(ref.key)) : [required(`${path}.key`)]),
  ];
}

function validateValueFrom({ value, valueFrom }: EnvVar, path: string): FieldError[] {
  if (!valueFrom) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, ENV_FIELDS, `${path}.fieldRef`));
  if (resourceFieldRef) errors.push(...validateResourceFieldRef(resourceFieldRef, false, `${path}.resourceFieldRef`));
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length;
  if (sources === 0)
    errors.push(
      invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'),
    );
  else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

/** ValidateEnv */
export const validateEnv = (env: EnvVar[] | undefined, path: string): FieldError[] =>
  each(env, path, (variable, at) => [
    ...(variable.name
      ? invalidEach(`${at}.name`, variable.name, isRelaxedEnvVarName(variable.name))
      : [required(`${at}.name`)]),
    ...validateValueFrom(variable, `${at}.valueFrom`),
  ]);

const validateSourceName = (name: string | undefined, path: string): FieldError[] =>
  name ? invalidEach(path, name, isDns1123Subdomain(maskTrailingDash(name))) : requiredText(path, name);

/** ValidateEnvFrom */
export const validateEnvFrom = (sources: EnvFrom[] | undefined, path: string): FieldError[] =>
  each(sources, path, ({ prefix, configMapRef, secretRef }, at) => {
    const errors = prefix ? invalidEach(`${at}.prefix`, prefix, isRelaxedEnvVarName(prefix)) : [];
    if (configMapRef) errors.push(...validateSourceName(configMapRef.name, `${at}.configMapRef.name`));
    if (secretRef) errors.push(...validateSourceName(secretRef.name, `${at}.secretRef.name`));
    if (!configMapRef && !secretRef)
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef)
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
    return errors;
  });
