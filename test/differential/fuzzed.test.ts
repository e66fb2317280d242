import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realKubectl } from '../../scripts/real-kubectl.mjs';
import { Random } from '../../src/base/random.ts';
import { Typist, verbs } from '../fuzz-arguments/lines.ts';
import { Both } from './both.ts';
import { comparable } from './compare.ts';
import { linesOf } from './lines.ts';

const real = realKubectl();
/** How many argument lists are compared; FUZZ=2000 for longer. */
const COUNT = Number(process.env.FUZZ ?? 300);
/** FUZZ_SEED=8 compares others. */
const SEED = Number(process.env.FUZZ_SEED ?? 7);
/** How long a list may take, ms; those that wait longer are no comparison. */
const PATIENCE = 8_000;
/** How many of them may differ, for one of our messages is not Go's. */
const TOLERATED = 0.03;

/** What changes the kubeconfig, or tells what the two do not share: the way to the server, and where it is. */
const APART =
  /^(edit|completion|plugin|__complete|options)$|^-+v(=|$)|^-v|^--(log|cache|profile|server|kubeconfig|insecure|tls|cert|client|match-server)|^config$|^cluster-info$/;

describe.skipIf(!real)('fuzzed argument lists', () => {
  const both = new Both(real ?? '', PATIENCE);
  const setup = readFileSync(join(import.meta.dirname, 'commands', '00-setup.txt'), 'utf8');
  beforeAll(() => both.open(linesOf(setup), join(import.meta.dirname, 'files')), 600_000);
  afterAll(() => both.close());

  test('get the same answers from the real kubectl and from ours', { timeout: 36_000_000 }, async () => {
    const typist = new Typist(await verbs(), new Random(SEED));
    const report: string[] = [];
    let compared = 0;
    for (let i = 0; i < COUNT; i++) {
      const argv = typist.next();
      // No system hands a program half a character.
      if (argv.some((one) => APART.test(one) || /[\ud800-\udfff]/u.test(one))) continue;
      const outcomes = [both.ours({ argv }), both.theirs({ argv })];
      if (outcomes.some(({ code }) => code < 0)) continue;
      compared++;
      const [ours = '', theirs = ''] = outcomes.map(comparable);
      if (ours !== theirs)
        report.push(createTwoFilesPatch('real', `ours: ${JSON.stringify(argv)}`, theirs, ours, '', '', { context: 2 }));
    }
    const file = join(tmpdir(), 'kubemu-differential-fuzzed');
    writeFileSync(file, report.join('\n'));
    expect(report.length / compared, `${report.length} of ${compared}: see ${file}`).toBeLessThanOrEqual(TOLERATED);
  });
});
