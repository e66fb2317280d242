import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StateFile } from './state-file.ts';

const section = fc.constantFrom('objects/pods', 'timers');
const key = fc.constantFrom('a', 'b', 'default/c', 'é"\n');
const change = fc.oneof(
  fc.record({ verb: fc.constant('set' as const), section, key, value: fc.jsonValue() }),
  fc.record({ verb: fc.constant('delete' as const), section, key }),
);
/** Commands: what each changes, and whether it is saved or its process ends before. */
const commands = fc.array(fc.record({ changes: fc.array(change, { maxLength: 6 }), saved: fc.boolean() }), {
  maxLength: 8,
});

// A large value makes the file one that gets a journal.
it.each([0, 2_100_000])('holds what was saved and nothing else (%i characters)', (size) => {
  fc.assert(
    fc.property(commands, (history) => {
      const folder = mkdtempSync(join(tmpdir(), 'kubemu-property-'));
      const path = join(folder, 'state.json');
      try {
        let file = StateFile.create(path);
        file.lock.acquire();
        file.state.section('base').set('size', 'x'.repeat(size));
        file.save({ command: 'create', at: 0 });
        file.lock.release();
        const expected = new Map<string, string>();
        for (const { changes, saved } of history) {
          file = StateFile.open(path);
          file.lock.acquire();
          for (const one of changes) {
            const place = JSON.stringify([one.section, one.key]);
            if (one.verb === 'set') file.state.section(one.section).set(one.key, one.value);
            else file.state.section(one.section).delete(one.key);
            if (!saved) continue;
            if (one.verb === 'set') expected.set(place, JSON.stringify(one.value));
            else expected.delete(place);
          }
          if (saved) file.save({ command: 'change', at: 0 });
          file.lock.release();
        }
        const { state } = StateFile.open(path);
        const found = ['objects/pods', 'timers'].flatMap((name) =>
          state
            .section(name)
            .keys()
            .map((one) => [JSON.stringify([name, one]), JSON.stringify(state.section(name).get(one))]),
        );
        expect(new Map(found as [string, string][])).toEqual(expected);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: size ? 15 : 60, seed: 1 },
  );
});
