import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { StateFile } from '../../src/store/state-file.ts';

const KILLS = 200;
const folder = mkdtempSync(join(tmpdir(), 'kubemu-kills-'));
const hammer = join(folder, 'hammer.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./hammer.ts', import.meta.url))],
    outfile: hammer,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numberOf = (path: string, key: string): number =>
  StateFile.open(path).state.section<{ number: number }>('numbers').get(key)?.number ?? -1;

function newState(name: string): string {
  const path = join(folder, name);
  const file = StateFile.create(path);
  file.lock.acquire();
  file.state.section('numbers').set('begun', { number: 0 });
  file.save({ command: 'test', at: 0 });
  file.lock.release();
  return path;
}

/** Starts a hammer; `last` is the last number that it acknowledged. */
function start(
  path: string,
  who: string,
  first: number,
  ...more: string[]
): { child: ChildProcess; last(): number; ended: Promise<unknown> } {
  const child = spawn(process.execPath, [hammer, path, who, String(first), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise((done) => child.on('close', done));
  return {
    child,
    ended,
    last: () =>
      Number(
        text
          .slice(0, text.lastIndexOf('\n') + 1)
          .trimEnd()
          .split(/\s/)
          .at(-1) || first - 1,
      ),
  };
}

describe.each(['small', 'large'])('a %s state', (size) => {
  it(`survives ${KILLS / 2} kills at random instants`, async () => {
    const path = newState(`${size}.json`);
    const random = new Random(size === 'small' ? 1 : 2);
    let next = 0;
    for (let kill = 0; kill < KILLS / 2; kill++) {
      const { child, last, ended } = start(path, 'one', next, '1000000', size);
      const began = next;
      // Counted from its first acknowledged change, so that most kills fall into writes and not into the start of the process.
      while (last() < began && child.exitCode === null) await delay(1);
      await delay(random.int(25));
      child.kill('SIGKILL');
      await ended;
      const number = numberOf(path, 'one');
      expect(number).toBeGreaterThanOrEqual(last());
      expect(number).toBeLessThanOrEqual(last() + 1);
      expect(numberOf(path, 'one-twin')).toBe(number);
      next = number + 1;
    }
    expect(next).toBeGreaterThanOrEqual(KILLS / 2);
  }, 240_000);
});

it('8 processes at once lose no update', async () => {
  const path = newState('shared.json');
  const names = Array.from({ length: 8 }, (_, index) => `process-${index}`);
  const hammers = names.map((name) => start(path, name, 0, '25'));
  await Promise.all(hammers.map(({ ended }) => ended));
  for (const name of names) expect(numberOf(path, name)).toBe(24);
}, 120_000);
