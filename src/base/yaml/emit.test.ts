import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emitYaml } from './emit.ts';
import { parseYaml } from './parse.ts';

const cases = readFileSync(new URL('./testdata/sigs-yaml.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { json: string; yaml: string });
const FAILED = 'ERR ';

describe('emitYaml', () => {
  it.each(cases.filter(({ yaml }) => !yaml.startsWith(FAILED)))('$json', ({ json, yaml }) =>
    expect(emitYaml(JSON.parse(json))).toBe(yaml),
  );
});

// sigs.k8s.io/yaml reads JSON as YAML before it writes it: what cannot be read fails there.
it.each(cases.filter(({ yaml }) => yaml.startsWith(FAILED)))('$json is no YAML', async ({ json, yaml }) => {
  await expect(parseYaml(json)).rejects.toThrow(yaml.slice(FAILED.length));
});
