import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { admissionVariables } from './admission-variables.ts';
import { compile } from './compile.ts';
import { nameOf } from './types.ts';
import { fromJson } from './values.ts';

interface Case {
  expression: string;
  /** What the API server says of an expression that is wrong. */
  compile?: string;
  type?: string;
  /** As Go prints it. */
  value?: string;
  error?: string;
}

/** Answers of cel-go 0.23 as kube-apiserver 1.33 uses it for admission. */
const { object, cases } = JSON.parse(readFileSync(new URL('./testdata/expressions.json', import.meta.url), 'utf8')) as {
  object: object;
  cases: Case[];
};

const VALUES = {
  ...(fromJson({
    object,
    oldObject: null,
    request: {
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'x',
      operation: 'CREATE',
      userInfo: { username: 'admin', groups: ['system:masters'] },
      dryRun: false,
      options: null,
    },
    namespaceObject: { metadata: { name: 'default', labels: { env: 'test' } }, spec: {}, status: {} },
  }) as object),
  variables: {},
};

/** A value as Go's %v shows it. */
function shown(value: unknown): string {
  if (value === null) return 'NULL_VALUE';
  if (Array.isArray(value) || value instanceof Uint8Array) return `[${[...value].map(shown).join(' ')}]`;
  if (typeof value !== 'object' || value.constructor !== Object) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${shown(one)}`).join(' ')}]`;
}

function outcome(expression: string): Omit<Case, 'expression'> {
  try {
    const program = compile(expression, admissionVariables({ variables: {} }));
    const type = nameOf(program.type);
    try {
      return { type, value: shown(program.evaluate(VALUES)) };
    } catch (error) {
      return { type, error: (error as Error).message };
    }
  } catch (error) {
    return { compile: (error as Error).message };
  }
}

describe('expressions are judged and evaluated as cel-go does', () => {
  test.each(cases)('$expression', ({ expression, ...expected }) => {
    expect(outcome(expression)).toEqual(expected);
  });
});
