import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyObject } from '../../testing/arbitrary.ts';
import type { JsonObject } from './json-value.ts';
import { createMergePatch, createThreeWayMergePatch, mergePatch } from './merge-patch.ts';
import { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from './strategic-diff.ts';
import { patchSchema, strategicMergePatch } from './strategic-merge.ts';

const OPTIONS = { seed: 33, numRuns: 100 };
const TYPES = ['core/v1.Pod', 'apps/v1.Deployment', 'core/v1.Service'];

describe.each(TYPES)('patches of %s', (type) => {
  const schema = patchSchema(type);
  const object = anyObject(type);

  test('a strategic patch of two versions turns one into the other', () => {
    fc.assert(
      fc.property(object, object, (before, after) => {
        const patch = createTwoWayStrategicPatch(before, after, schema);
        expect(strategicMergePatch(before, patch, schema)).toEqual(after);
      }),
      OPTIONS,
    );
  });

  test('a strategic patch of a version and itself says nothing', () => {
    fc.assert(
      fc.property(object, (version) => {
        expect(createTwoWayStrategicPatch(version, version, schema)).toEqual({});
      }),
      OPTIONS,
    );
  });

  test('apply then apply changes nothing', () => {
    fc.assert(
      fc.property(object, object, object, (last, config, others) => {
        const live = strategicMergePatch(others, last, schema);
        const apply = (from: JsonObject, current: JsonObject) =>
          strategicMergePatch(current, createThreeWayStrategicPatch(from, config, current, schema), schema);
        const first = apply(last, live);
        expect(apply(config, first)).toEqual(first);
      }),
      OPTIONS,
    );
  });

  test('a merge patch of two versions turns one into the other, and in three ways it leaves alone what nobody applied', () => {
    fc.assert(
      fc.property(object, object, object, (last, config, live) => {
        expect(mergePatch(live, createMergePatch(live, config))).toEqual(config);
        const first = mergePatch(live, createThreeWayMergePatch(last, config, live)) as JsonObject;
        expect(createThreeWayMergePatch(config, config, first)).toEqual({});
      }),
      OPTIONS,
    );
  });
});
