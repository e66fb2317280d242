import { beforeAll, describe, expect, it } from 'vitest';
import { loadCel } from '../cel/index.ts';
import { BOOL } from '../cel/types.ts';
import type { JsonObject } from '../machinery/patch/json-value.ts';
import { RuleBudget, ruleCost } from './rule-cost.ts';
import { compileRule } from './rule-errors.ts';
import costs from './testdata/costs.json' with { type: 'json' };

beforeAll(loadCel);

const compiled = (schema: JsonObject, rule: string) => compileRule({ schema, root: false }, { rule }, rule, BOOL);
const costOf = (schema: JsonObject, rule: string) => ruleCost({ schema, root: false }, compiled(schema, rule).cost);

/** A schema whose limits are `max`; without limits when it is undefined. */
const limited = (schema: object, max?: number): JsonObject =>
  JSON.parse(JSON.stringify(schema), (_, value) => (value === 'MAX' ? max : value)) as JsonObject;

interface Case {
  schema: object;
  rule: string;
  max: number;
  unlimited?: number;
  unlimitedAbove?: number;
  limited?: number;
  limitedAbove?: number;
}

describe('the estimated cost of a rule', () => {
  it.each(costs as Case[])('$rule', (one) => {
    const unlimited = costOf(limited(one.schema), one.rule);
    const within = costOf(limited(one.schema, one.max), one.rule);
    if (one.unlimited) expect(unlimited).toBe(one.unlimited);
    if (one.unlimitedAbove) expect(unlimited).toBeGreaterThanOrEqual(one.unlimitedAbove);
    if (one.limited) expect(within).toBe(one.limited);
    if (one.limitedAbove) expect(within).toBeGreaterThanOrEqual(one.limitedAbove);
  });
});

describe('the budget of a definition', () => {
  const self = { schema: { type: 'string' } as JsonObject, root: false };
  const messages = (cost: number, cardinality?: number) =>
    new RuleBudget().rule('a', self, () => cost, cardinality).map(({ detail }) => detail?.replace(/ \(.*/, ''));

  it('counts how often a schema may stand in an object', () => {
    expect(messages(10_000_000, 1)).toEqual([]);
    expect(messages(12_345_678, 1)).toEqual(['estimated rule cost exceeds budget by factor of 1.234568x']);
    expect(messages(1_000_000, 21)).toEqual(['estimated rule cost exceeds budget by factor of 2.1x']);
    expect(messages(1_000)).toEqual(['estimated rule cost exceeds budget by factor of more than 100x']);
  });

  it('has a limit for all rules together', () => {
    const budget = new RuleBudget();
    for (let n = 0; n < 12; n++) budget.rule(`p${n}`, self, () => 9_000_000 + n, 1);
    const [first, ...others] = budget.totalErrors('schema');
    expect(first).toMatchObject({ field: 'p11', type: 'FieldValueForbidden' });
    expect(others).toHaveLength(4);
    expect(others[3]?.detail).toContain('for entire OpenAPIv3 schema exceeds budget by factor of 1.080001x');
  });
});
