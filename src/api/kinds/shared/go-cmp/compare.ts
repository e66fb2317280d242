import { compareStrings } from '../../../../base/go-json.ts';
import { Quantity } from '../../../../base/quantity.ts';
import { type Edit, editScript } from './edits.ts';
import { elementOf, fieldsOf, fieldValue, kindOf, scalarOf } from './types.ts';

/** One side of what is compared: an element that only the other list has is missing. */
export interface Side {
  value: unknown;
}

/** Two values and what became of comparing them (go-cmp's valueNode). */
export interface Comparison {
  type: string;
  x: Side | undefined;
  y: Side | undefined;
  same: number;
  diff: number;
  /** How many comparisons are below it, and how deep. */
  children: number;
  depth: number;
  records?: { key: string; node: Comparison }[];
  /** What a pointer points to. */
  target?: Comparison;
}

function leaf(type: string, x: Side | undefined, y: Side | undefined, equal: boolean): Comparison {
  return { type, x, y, same: equal ? 1 : 0, diff: equal ? 0 : 1, children: 0, depth: 0 };
}

function adopt(parent: Comparison, child: Comparison): void {
  parent.same += child.same;
  parent.diff += child.diff;
  parent.children += child.children + 1;
  parent.depth = Math.max(parent.depth, child.depth + 1);
}

function parentOf(type: string, x: Side, y: Side, records: NonNullable<Comparison['records']>): Comparison {
  const parent: Comparison = { type, x, y, same: 0, diff: 0, children: 0, depth: 0, records };
  for (const { node } of records) adopt(parent, node);
  return parent;
}

const amount = (value: unknown): Quantity => Quantity.parse((value as string | undefined) ?? '0');

function compareLists(type: string, x: unknown[], y: unknown[]): Comparison {
  const element = elementOf(type);
  const known = new Map<number, Comparison>();
  const at = (ix: number, iy: number): Comparison => {
    const key = ix * (y.length + 1) + iy;
    if (!known.has(key)) known.set(key, compareValues(element, { value: x[ix] }, { value: y[iy] }));
    return known.get(key)!;
  };
  const edits: Edit[] = editScript(x.length, y.length, at);
  let ix = 0;
  let iy = 0;
  const records = edits.map((edit) => {
    if (edit === 'X') return { key: '', node: leaf(element, { value: x[ix++] }, undefined, false) };
    if (edit === 'Y') return { key: '', node: leaf(element, undefined, { value: y[iy++] }, false) };
    return { key: '', node: at(ix++, iy++) };
  });
  return parentOf(type, { value: x }, { value: y }, records);
}

function compareMaps(type: string, x: Record<string, unknown>, y: Record<string, unknown>): Comparison {
  const keys = [...new Set([...Object.keys(x), ...Object.keys(y)])].sort(compareStrings);
  const side = (map: Record<string, unknown>, key: string) => (key in map ? { value: map[key] } : undefined);
  const records = keys.map((key) => ({ key, node: compareValues(elementOf(type), side(x, key), side(y, key)) }));
  return parentOf(type, { value: x }, { value: y }, records);
}

export function compareValues(type: string, x: Side | undefined, y: Side | undefined): Comparison {
  if (!x || !y) return leaf(type, x, y, false);
  const kind = kindOf(type);
  if (kind === 'quantity') return leaf(type, x, y, amount(x.value).compare(amount(y.value)) === 0);
  if (kind === 'scalar') return leaf(type, x, y, scalarOf(type, x.value) === scalarOf(type, y.value));
  if (kind === 'struct') {
    const records = fieldsOf(type).map((field) => ({
      key: field.go,
      node: compareValues(field.type, { value: fieldValue(x.value, field) }, { value: fieldValue(y.value, field) }),
    }));
    return parentOf(type, x, y, records);
  }
  const absent = [x, y].filter(({ value }) => value === undefined || value === null).length;
  if (absent > 0) return leaf(type, x, y, absent === 2);
  if (kind === 'slice') return compareLists(type, x.value as unknown[], y.value as unknown[]);
  if (kind === 'map') return compareMaps(type, x.value as Record<string, unknown>, y.value as Record<string, unknown>);
  const target = compareValues(elementOf(type), x, y);
  const pointer: Comparison = { type, x, y, same: 0, diff: 0, children: 0, depth: 0, target };
  adopt(pointer, target);
  return pointer;
}
