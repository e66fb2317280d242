import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GoTemplate } from './index.ts';

/** The first line is the data; each other one a template with what Go's text/template made of it. */
const [data, ...cases] = readFileSync(new URL('./testdata/text-template.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line)) as [unknown, ...{ template: string; text: string; error?: string }[]];

function run(template: string): { text: string; error?: string } {
  try {
    const { text, error } = new GoTemplate('output', template).execute(data);
    return error ? { text, error: error.message } : { text };
  } catch (error) {
    return { text: '', error: (error as Error).message };
  }
}

describe('GoTemplate', () => {
  it.each(cases)('$template', ({ template, ...expected }) => expect(run(template)).toEqual(expected));

  it('knows whether a path exists', () => {
    expect(run('{{exists .m "a"}} {{exists .items 1 "metadata" "labels"}} {{exists .z "x"}}').text).toBe(
      'true false false',
    );
  });
});
