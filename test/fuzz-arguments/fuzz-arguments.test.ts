import { expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { type Answered, Kubectl } from './kubectl.ts';
import { setupLines, Typist, verbs } from './lines.ts';

/** How many argument lists are tried; FUZZ=100000 for longer. */
const COUNT = Number(process.env.FUZZ ?? 1500);
/** FUZZ_SEED=8 tries others. */
const SEED = Number(process.env.FUZZ_SEED ?? 7);
/** After so many the cluster is as it was at first. */
const ROUND = 100;

/** What no sentence of kubectl holds, but those of a program that has gone wrong. */
const NOT_GO =
  /\[object |is not a function|is not iterable|Cannot (read propert|set propert|destructure|convert)|before initialization|BigInt|\bundefined\b(?! variable)|\bNaN\b|(Type|Range|Syntax|Reference)Error|\.ts:\d+|call stack/;

/** `auth can-i -q` says no by its exit code alone. */
const QUIET = /\bcan-i\b.* -(q|-quiet)/;

/** Why an outcome is none of kubectl's. */
function wrong(said: string, { out, err, code }: Answered): string | undefined {
  if (code === undefined) return 'no end';
  if (!Number.isInteger(code) || code < 0 || code > 255) return `exit code ${code}`;
  // Words that the list itself holds come back in Go's errors too.
  const word = NOT_GO.exec(err)?.[0];
  if (word !== undefined && !said.includes(word)) return 'a fault of ours';
  if (code !== 0 && err === '' && out === '' && !QUIET.test(said)) return 'a failure without a word';
  return undefined;
}

test(`${COUNT} argument lists end with a result or an error of kubectl's`, { timeout: 36_000_000 }, async () => {
  const random = new Random(SEED);
  const kubectl = new Kubectl();
  await kubectl.open(setupLines());
  const typist = new Typist(await verbs(), random);
  const faults: string[] = [];
  const slowest = { ms: 0, line: '' };
  for (let i = 0; i < COUNT; i++) {
    if (i % ROUND === 0) kubectl.reset();
    const argv = typist.next();
    const said = argv.join(' ');
    const start = performance.now();
    const answered = await kubectl.run(argv);
    const ms = performance.now() - start;
    if (ms > slowest.ms) Object.assign(slowest, { ms, line: said });
    const fault = wrong(said, answered);
    if (fault) faults.push(`${fault}: ${JSON.stringify(argv)}\n${answered.err}`);
  }
  if (process.env.FUZZ) console.log(`${COUNT} lists; the slowest took ${slowest.ms.toFixed(0)} ms: ${slowest.line}`);
  expect(faults.slice(0, 50)).toEqual([]);
});
