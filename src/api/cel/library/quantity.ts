import { Quantity, QuantityError } from '../../../base/quantity.ts';
import { CelRuntimeError } from '../issues.ts';
import type { Library } from './library.ts';

function parse(text: string): Quantity {
  try {
    return Quantity.parse(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new CelRuntimeError(error.message);
    throw error;
  }
}

function isQuantity(text: string): boolean {
  try {
    return Boolean(Quantity.parse(text));
  } catch {
    return false;
  }
}

const MAX = 2n ** 63n;
const fits = (quantity: Quantity): boolean =>
  quantity.isInteger() && quantity.toBigInt() < MAX && quantity.toBigInt() >= -MAX;

function asInteger(quantity: Quantity): bigint {
  if (!fits(quantity)) throw new CelRuntimeError('cannot convert value to integer');
  return quantity.toBigInt();
}

const Q = 'kubernetes.Quantity';

export const quantities: Library = {
  types: { [Q]: Quantity as unknown as abstract new () => object },
  functions: [
    [`quantity(string): ${Q}`, parse],
    ['isQuantity(string): bool', isQuantity],
    [`sign(${Q}): int`, (it: Quantity) => BigInt(it.sign())],
    [`${Q}.isGreaterThan(${Q}): bool`, (it: Quantity, other: Quantity) => it.compare(other) > 0],
    [`${Q}.isLessThan(${Q}): bool`, (it: Quantity, other: Quantity) => it.compare(other) < 0],
    [`${Q}.compareTo(${Q}): int`, (it: Quantity, other: Quantity) => BigInt(it.compare(other))],
    [`${Q}.asApproximateFloat(): double`, (it: Quantity) => it.toNumber()],
    [`${Q}.asInteger(): int`, asInteger],
    [`${Q}.isInteger(): bool`, fits],
    [`${Q}.add(${Q}): ${Q}`, (it: Quantity, other: Quantity) => it.add(other)],
    [`${Q}.add(int): ${Q}`, (it: Quantity, other: bigint) => it.add(Quantity.of(other))],
    [`${Q}.sub(${Q}): ${Q}`, (it: Quantity, other: Quantity) => it.subtract(other)],
    [`${Q}.sub(int): ${Q}`, (it: Quantity, other: bigint) => it.subtract(Quantity.of(other))],
  ],
};
