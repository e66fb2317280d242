import { existsSync, writeFileSync } from 'node:fs';
import { UserError } from '../../../base/user-error.ts';
import { parseLab } from '../../../lab/format/parse.ts';
import { convert } from '../../../lab/killercoda/convert.ts';
import { lacks } from '../../../lab/killercoda/needs.ts';
import { readScenario } from '../../../lab/killercoda/read.ts';
import { count } from '../../../lab/text.ts';
import type { ProcessStreams } from '../../streams.ts';

/** `kubemu lab import FOLDER`: makes a lab of a Killercoda scenario, and tells what its scripts will miss. */
export async function importScenario(
  streams: ProcessStreams,
  folder: string,
  { output }: { output?: string },
): Promise<void> {
  const scenario = readScenario(folder);
  const path = output ?? `${scenario.id}.md`;
  const source = convert(scenario);
  const lab = parseLab(source, path, { id: scenario.id, series: 'own' });
  if (output === undefined && existsSync(path))
    throw new UserError(`there is a file ${path} already: name another with --output`);
  writeFileSync(path, source);
  streams.out(
    `Wrote ${path}, ${count(lab.tasks.length, 'task')}. To play it: kubemu lab start ${path.includes('/') ? path : `./${path}`}\n`,
  );
  const missing = await lacks(scenario, lab);
  if (missing.length === 0) return;
  streams.err(
    `The scenario needs what the simulation does not have:\n${missing.map((line) => `  ${line}\n`).join('')}`,
  );
}
