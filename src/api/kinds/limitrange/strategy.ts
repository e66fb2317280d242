import { isQualifiedName } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { LimitRange } from '../../../types/objects.ts';
import { duplicate, type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import { each, invalidEach, sortedEntries } from '../shared/checks.ts';
import { WrittenQuantity } from '../shared/go-value.ts';
import {
  isOvercommitAllowed,
  type ResourceList,
  roundUpAll,
  validateLimitRangeResourceName,
} from '../shared/resources.ts';
import type { KindRules } from '../shared/strategy.ts';

type Item = NonNullable<LimitRange['spec']>['limits'][number];
type ListName = 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio';

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];
const list = (item: Item, name: ListName): ResourceList => (item[name] ?? {}) as ResourceList;

function setDefaults({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) {
    roundUpAll(item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio);
    if (item.type !== 'Container') continue;
    item.default = { ...list(item, 'max'), ...list(item, 'default') };
    item.defaultRequest = { ...list(item, 'min'), ...item.default, ...list(item, 'defaultRequest') };
  }
}

/** Pairs of values that must be in order: the first no greater than the second; reported at the first field named, with a value. */
const ORDERED: [small: ListName, great: ListName, at: ListName, value: ListName, names: [string, string]][] = [
  ['min', 'max', 'min', 'min', ['min', 'max']],
  ['min', 'defaultRequest', 'defaultRequest', 'defaultRequest', ['min', 'default request']],
  ['defaultRequest', 'max', 'defaultRequest', 'defaultRequest', ['default request', 'max']],
  ['defaultRequest', 'default', 'defaultRequest', 'defaultRequest', ['default request', 'default limit']],
  ['min', 'default', 'default', 'min', ['min', 'default']],
  ['default', 'max', 'default', 'max', ['default', 'max']],
];

function validateRatio(item: Item, name: string, path: string): FieldError[] {
  const ratio = list(item, 'maxLimitRequestRatio')[name];
  if (ratio === undefined) return [];
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  const value = Quantity.parse(ratio).toNumber();
  const errors = value < 1 ? [invalid(at, new WrittenQuantity(ratio), `ratio ${ratio} is less than 1`)] : [];
  const [min, max] = [list(item, 'min')[name], list(item, 'max')[name]];
  if (min === undefined || max === undefined) return errors;
  const limit = Quantity.parse(max).toNumber() / Quantity.parse(min).toNumber();
  return value > limit
    ? [
        ...errors,
        invalid(at, new WrittenQuantity(ratio), `ratio ${ratio} is greater than max/min = ${limit.toFixed(6)}`),
      ]
    : errors;
}

function validateValues(item: Item, name: string, path: string): FieldError[] {
  const quantity = (field: ListName) => list(item, field)[name];
  const errors = ORDERED.flatMap(([small, great, at, shown, [smallName, greatName]]) => {
    const [low, high] = [quantity(small), quantity(great)];
    if (low === undefined || high === undefined || Quantity.parse(low).compare(Quantity.parse(high)) <= 0) return [];
    return [
      invalid(
        `${path}.${at}[${name}]`,
        new WrittenQuantity(quantity(shown)!),
        `${smallName} value ${low} is greater than ${greatName} value ${high}`,
      ),
    ];
  });
  errors.push(...validateRatio(item, name, path));
  const [limit, request] = [quantity('default'), quantity('defaultRequest')];
  if (!isOvercommitAllowed(name) && limit && request && Quantity.parse(limit).compare(Quantity.parse(request)) !== 0)
    errors.push(
      invalid(
        `${path}.defaultRequest[${name}]`,
        new WrittenQuantity(request),
        `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
      ),
    );
  return errors;
}

function validateItem(item: Item, path: string, types: Set<string>): FieldError[] {
  const { type } = item;
  const errors = invalidEach(`${path}.type`, type, isQualifiedName(type));
  if (errors.length === 0 && !type.includes('/') && !TYPES.includes(type))
    errors.push(invalid(`${path}.type`, type, 'must be a standard limit type or fully qualified'));
  if (types.has(type)) errors.push(duplicate(`${path}.type`, type));
  types.add(type);
  const isPod = type === 'Pod';
  const names = new Set<string>();
  const visit = (field: ListName) => {
    for (const [name] of sortedEntries(list(item, field))) {
      errors.push(...validateLimitRangeResourceName(type, name, `${path}.${field}[${name}]`));
      names.add(name);
    }
  };
  visit('max');
  visit('min');
  for (const field of ['default', 'defaultRequest'] as const) {
    if (!isPod) visit(field);
    else if (Object.keys(list(item, field)).length > 0)
      errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"));
  }
  if (type === 'PersistentVolumeClaim' && !list(item, 'min').storage && !list(item, 'max').storage)
    errors.push(
      required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  visit('maxLimitRequestRatio');
  return [...errors, ...[...names].sort().flatMap((name) => validateValues(item, name, path))];
}

export const strategy: KindRules<LimitRange> = {
  resource: 'limitranges',
  updateChecks: ['object', 'changes'],
  createsOnUpdate: true,
  namesItself: true,
  setDefaults,
  validate: ({ spec }) => {
    const types = new Set<string>();
    return each(spec?.limits, 'spec.limits', (item, at) => validateItem(item, at, types));
  },
};
