import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesIn, readLab } from '../../src/lab/library.ts';
import { Verifier } from '../../src/lab/verify.ts';

/** Every lab of a series can be solved, and only by solving it. */
export function verifySeries(series: string): void {
  const verifier = new Verifier();
  const files = filesIn(join(import.meta.dirname, '../../fixtures/labs', series));
  test.each(files.map((file) => [file.split('/').at(-1)!, file]))('%s', async (_name, file) => {
    expect((await verifier.verify(readLab(file))).problems).toEqual([]);
  });
}
