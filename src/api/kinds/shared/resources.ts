import { isQualifiedName } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { Container } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { invalidEach, NOT_NEGATIVE, sortedEntries } from './checks.ts';
import { goQuantity } from './go-value.ts';

type ResourceRequirements = NonNullable<Container['resources']>;
export type ResourceList = Record<string, string>;

const HUGE_PAGES = 'hugepages-';
const STANDARD_CONTAINER = ['cpu', 'memory', 'ephemeral-storage'];
const STANDARD_QUOTA = [
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];
const INTEGER = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const STANDARD = [...STANDARD_QUOTA, 'storage'];

const isHugePages = (name: string) => name.startsWith(HUGE_PAGES);
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Whether quotas know the resource by itself (IsStandardQuotaResourceName). */
export const isStandardQuota = (name: string): boolean =>
  STANDARD_QUOTA.includes(name) || isHugePages(name) || name.startsWith('requests.hugepages-');

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0;
}

/** Whether a pod may ask for less than its limit. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

/** Resources that only come whole. */
const isInteger = (name: string) => INTEGER.includes(name) || isExtended(name);

/** A core.ResourceName prints itself, without quotes. */
export const goResourceName = (name: string): GoSyntax => new GoSyntax(name);

function validateResourceName(name: string, path: string): FieldError[] {
  const errors = invalidEach(path, goResourceName(name), isQualifiedName(name));
  if (errors.length > 0 || name.includes('/')) return errors;
  const standard = STANDARD.includes(name) || isHugePages(name) || isStandardQuota(name);
  return standard ? [] : [invalid(path, goResourceName(name), 'must be a standard resource type or fully qualified')];
}

/** ValidateContainerResourceName */
export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/')) {
    const standard = STANDARD_CONTAINER.includes(name) || isHugePages(name);
    return standard
      ? errors
      : [...errors, invalid(path, goResourceName(name), 'must be a standard resource for containers')];
  }
  if (!isNative(name) && !isExtended(name))
    return [...errors, invalid(path, goResourceName(name), "doesn't follow extended resource name standard")];
  return errors;
}

/** ValidateResourceQuotaResourceName */
export function validateQuotaResourceName(name: string, path: string): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/') && !isStandardQuota(name))
    return [...errors, invalid(path, goResourceName(name), 'must be a standard resource for quota')];
  return errors;
}

/** validateLimitRangeResourceName */
export function validateLimitRangeResourceName(type: string, name: string, path: string): FieldError[] {
  if (type === 'Pod' || type === 'Container') return validateContainerResourceName(name, path);
  return validateResourceName(name, path);
}

/** SetDefaults_ResourceList of each: nothing is finer than a thousandth. */
export function roundUpAll(...lists: (object | undefined)[]): void {
  for (const list of lists as (ResourceList | undefined)[])
    for (const [name, value] of Object.entries(list ?? {}))
      if (/[nu]$/.test(value)) list![name] = Quantity.ofMilli(Quantity.parse(value).milliValue()).toString();
}

/** ValidateResourceQuantityValue */
export function validateQuantityValue(name: string, value: string, path: string): FieldError[] {
  const quantity = Quantity.parse(value);
  const errors: FieldError[] = [];
  if (quantity.sign() < 0) errors.push(invalid(path, value, NOT_NEGATIVE));
  if (isInteger(name) && !quantity.isInteger()) errors.push(invalid(path, goQuantity(value), 'must be an integer'));
  return errors;
}

/** The size of a page, in bytes; undefined when the name tells none. */
function pageSize(name: string): number | undefined {
  try {
    const size = Quantity.parse(name.slice(HUGE_PAGES.length));
    return size.sign() > 0 && size.isInteger() ? size.value() : undefined;
  } catch {
    return undefined;
  }
}

function hugePagesError(name: string, value: string): string[] {
  const size = pageSize(name);
  const divisible = size !== undefined && Quantity.parse(value).value() % size === 0;
  return divisible ? [] : [`${value} is not positive integer multiple of ${name}`];
}

function validateList(list: ResourceList | undefined, path: string): [string, string, string, FieldError[]][] {
  return sortedEntries(list).map(([name, value]) => {
    const at = `${path}[${name}]`;
    return [name, value, at, [...validateContainerResourceName(name, at), ...validateQuantityValue(name, value, at)]];
  });
}

/** ValidateContainerResourceRequirements */
export function validateResources(
  requirements: Pick<ResourceRequirements, 'limits' | 'requests'> | undefined,
  path: string,
): FieldError[] {
  if (!requirements) return [];
  const limits = (requirements.limits ?? {}) as ResourceList;
  const requests = (requirements.requests ?? {}) as ResourceList;
  const errors: FieldError[] = [];
  for (const [name, value, at, found] of validateList(limits, `${path}.limits`)) {
    errors.push(...found);
    if (isHugePages(name)) errors.push(...invalidEach(at, value, hugePagesError(name, value)));
  }
  for (const [name, value, at, found] of validateList(requests, `${path}.requests`)) {
    errors.push(...found);
    const limit = limits[name];
    if (limit !== undefined) {
      const order = Quantity.parse(value).compare(Quantity.parse(limit));
      const words = !isOvercommitAllowed(name) && order !== 0 ? 'equal to' : order > 0 ? 'less than or equal to' : '';
      if (words) errors.push(invalid(`${path}.requests`, value, `must be ${words} ${name} limit of ${limit}`));
    } else if (!isOvercommitAllowed(name))
      errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
    if (isHugePages(name)) errors.push(...invalidEach(at, value, hugePagesError(name, value)));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory'))
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  return errors;
}
