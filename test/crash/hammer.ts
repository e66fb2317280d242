// Changes a state file as fast as it can, and says of each change on standard output that it is on disk: `WHO NUMBER`.
// Run by kills.test.ts, which kills it.
import { writeSync } from 'node:fs';
import { StateFile } from '../../src/store/state-file.ts';

const [path = '', who = '', first = '0', count = '1000000'] = process.argv.slice(2);
// Values of this size make the file cross the limit at which it gets a journal.
const padding = 'x'.repeat(process.argv[6] === 'large' ? 60_000 : 200);

for (let number = Number(first); number < Number(first) + Number(count); number++) {
  let file = StateFile.open(path);
  file.lock.acquire();
  if (!file.isCurrent()) file = StateFile.open(path, file.lock);
  const section = file.state.section<{ number: number; padding: string }>('numbers');
  // Both change together, or neither does.
  section.set(who, { number, padding });
  section.set(`${who}-twin`, { number, padding });
  section.set(`${who}-${number % 40}`, { number, padding });
  file.save({ command: `hammer ${number}`, at: number });
  file.lock.release();
  writeSync(1, `${who} ${number}\n`);
}
