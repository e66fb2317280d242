import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emitYaml } from './emit.ts';

const cases = readFileSync(new URL('./testdata/sigs-yaml.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { json: string; yaml: string })
  // What go-yaml cannot even read is no matter of writing.
  .filter(({ yaml }) => !yaml.startsWith('ERR '));

describe('emitYaml', () => {
  it.each(cases)('$json', ({ json, yaml }) => expect(emitYaml(JSON.parse(json))).toBe(yaml));
});
