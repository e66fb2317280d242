import { describe, expect, test } from 'vitest';
import {
  formatLabelSelector,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  selects,
} from './selectors.ts';

const labels = { app: 'web', tier: 'front', size: '10' };

describe('label selectors', () => {
  test.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier!=back', true],
    ['app in (web, db)', true],
    ['app notin (web)', false],
    ['missing notin (web)', true],
    ['app,!missing', true],
    ['!app', false],
    ['size>9', true],
    ['size<10', false],
    ['in in (in)', false],
    ['app in ()', false],
    ['missing=', false],
  ])('%j', (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
  });

  test.each([
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('%j is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });

  test('are written as upstream writes them', () => {
    expect(formatLabelSelector(parseLabelSelector('b in (2,1),a=x,!c'))).toBe('a=x,b in (1,2),!c');
  });

  test('of objects: none selects nothing, an empty one everything', () => {
    expect(selects(undefined, labels)).toBe(false);
    expect(selects({}, labels)).toBe(true);
    expect(selects({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, labels)).toBe(true);
  });
});

describe('field selectors', () => {
  test('split at commas that are not escaped', () => {
    expect(parseFieldSelector('a=1\\,2,b!=3')).toEqual([
      { field: 'a', operator: '=', value: '1,2' },
      { field: 'b', operator: '!=', value: '3' },
    ]);
  });
  test('match what they name', () => {
    const value = (field: string) => ({ a: '1' })[field] ?? '';
    expect(matchesFields(parseFieldSelector('a=1,b!=x'), value)).toBe(true);
    expect(matchesFields(parseFieldSelector('a!=1'), value)).toBe(false);
  });
  test('say what cannot be understood', () => {
    expect(() => parseFieldSelector('a')).toThrow("invalid selector: 'a'; can't understand 'a'");
  });
});
