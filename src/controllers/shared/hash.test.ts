import { expect, test } from 'vitest';
import type { PodTemplateSpec } from '../../types/objects.ts';
import { dumpForHash } from './go-dump.ts';
import fixture from './hash.fixture.json' with { type: 'json' };
import { computeHash } from './hash.ts';

test.each(fixture.recorded)('the template of a recorded replica set hashes to $hash', ({ hash, template }) => {
  expect(computeHash(template as unknown as PodTemplateSpec)).toBe(hash);
});

test.each(fixture.dumps)('a template is dumped as Go dumps it', ({ template, dump }) => {
  expect(dumpForHash('v1.PodTemplateSpec', template)).toBe(dump);
});
