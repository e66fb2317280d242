import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { loadCel } from '../cel/index.ts';
import type { StrategyContext } from '../kinds/kind.ts';
import { errorText } from '../machinery/invalid.ts';
import type { JsonObject } from '../machinery/patch/json-value.ts';
import type { Resource } from '../schema/registry.ts';
import type { CustomResourceDefinition, DefinitionVersion } from './definition.ts';
import { definitionStrategy } from './definition-strategy.ts';
import { customStrategy } from './strategy.ts';
import { prune } from './structural.ts';

/** Answers of apiextensions-apiserver 0.33. Its errors of properties come in any order. */
const read = <T>(name: string): T[] =>
  JSON.parse(readFileSync(new URL(`./testdata/${name}.json`, import.meta.url), 'utf8')) as T[];

const CONTEXT = {} as StrategyContext;

beforeAll(loadCel);

describe('definitions are checked', () => {
  interface Case {
    metadata: object;
    spec: object;
    errors: string[];
  }

  test.each(read<Case>('definitions').map((one, index) => [index, one] as const))('%i', (_, { errors, ...given }) => {
    const draft = structuredClone(given) as unknown as CustomResourceDefinition;
    definitionStrategy.setDefaults!(draft);
    definitionStrategy.prepareForCreate!(draft, CONTEXT);
    expect(definitionStrategy.validate!(draft, CONTEXT).map(errorText).sort()).toEqual([...errors].sort());
  });
});

describe('objects are defaulted and checked', () => {
  interface Case {
    schema: JsonObject;
    subresources?: DefinitionVersion['subresources'];
    object: object;
    old?: object;
    defaulted?: object;
    errors: string[];
  }

  test.each(read<Case>('objects').map((one, index) => [index, one] as const))('%i', (_, given) => {
    const { schema, subresources, object, old, defaulted, errors } = given;
    const strategy = customStrategy({
      group: 'x.io',
      version: 'v1',
      kind: 'Foo',
      plural: 'foos',
      name: 'foos.x.io',
      namespaced: true,
      subresources: new Map(Object.keys(subresources ?? {}).map((name) => [name, {}])),
      custom: { schema, columns: [], selectableFields: [], listKind: 'FooList', scale: subresources?.scale },
    } as unknown as Resource);
    const decoded = (given: object): KubeObject => {
      const metadata = { name: 'a', namespace: 'default' };
      const whole = { apiVersion: 'x.io/v1', kind: 'Foo', metadata, ...structuredClone(given) };
      const draft = prune(schema, whole, []) as unknown as KubeObject;
      strategy.setDefaults!(draft);
      return draft;
    };
    const draft = decoded(object);
    expect(
      strategy.validate!(draft, CONTEXT, old && decoded(old))
        .map(errorText)
        .sort(),
    ).toEqual([...errors].sort());
    const { apiVersion: _v, kind: _k, metadata: _m, ...content } = draft;
    expect(content).toEqual(defaulted ?? object);
  });
});
