import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { realKubectl } from '../../scripts/real-kubectl.mjs';
import { Both } from './both.ts';
import { comparable } from './compare.ts';
import { linesOf } from './lines.ts';

const here = import.meta.dirname;
const read = (name: string) => readFileSync(join(here, name), 'utf8');
const real = realKubectl();
/** Commands whose answers differ, and why: `command # reason`. */
const known = new Map(
  read('known.txt')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split(' # ') as [string, string]),
);
const SETUP = '00-setup.txt';
/** How long a list may take, ms: a process for each command, twice. */
const PATIENCE = 600_000;

describe.skipIf(!real)('the real kubectl and ours on the same cluster', () => {
  const lists = readdirSync(join(here, 'commands')).filter((name) => name !== SETUP);
  describe.each(lists)('%s', (list) => {
    const both = new Both(real ?? '');
    const lines = linesOf(read(`commands/${list}`));
    const setup = [...linesOf(read(`commands/${SETUP}`)), ...lines.filter(({ before }) => before)];
    beforeAll(() => both.open(setup, join(here, 'files')), PATIENCE);
    afterAll(() => both.close());

    test('say the same, byte for byte', { timeout: PATIENCE }, () => {
      const differences: string[] = [];
      const report: string[] = [];
      for (const line of lines.filter(({ before }) => !before)) {
        if ('advance' in line) {
          both.advance(line.advance);
          continue;
        }
        const [ours, theirs] = [both.ours(line), both.theirs(line)].map(comparable);
        if (ours === theirs || known.has(line.command)) continue;
        differences.push(line.command);
        report.push(createTwoFilesPatch('real', `ours: ${line.command}`, theirs!, ours!, '', '', { context: 2 }));
      }
      const file = join(tmpdir(), `kubemu-differential-${list}`);
      writeFileSync(file, report.join('\n'));
      expect(differences, `see ${file}`).toEqual([]);
    });
  });
});

test.skipIf(real)('the real kubectl 1.33 is not on this machine: set KUBEMU_REAL_KUBECTL to compare with it', () => {});
