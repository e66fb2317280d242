import { readFileSync } from 'node:fs';
import { UserError } from '../../../base/user-error.ts';
import type { Lab } from '../../../lab/format/lab.ts';
import { parseLab } from '../../../lab/format/parse.ts';
import { findLab, readLab } from '../../../lab/library.ts';
import { type Receipt, readReceipt, replayReceipt } from '../../../lab/receipt.ts';
import { percent, total } from '../../../lab/score.ts';
import { count } from '../../../lab/text.ts';
import type { ProcessStreams } from '../../streams.ts';

/** `kubemu lab replay RECEIPT`; resolves with the exit code: 0 when the score is what the receipt says. */
export async function replay(streams: ProcessStreams, path: string, { lab: file }: { lab?: string }): Promise<number> {
  const receipt = readReceipt(readText(path), path);
  const lab = labOf(receipt, file);
  const scores = await replayReceipt(receipt, lab);
  const [now, then] = [total(scores), total(receipt.result)];
  const wrong = scores.filter(({ checks }, index) => String(checks) !== String(receipt.result[index]?.checks));
  streams.out(`${receipt.lab.title}: did ${count(receipt.log.length, 'thing')} again.\n`);
  if (wrong.length === 0) {
    streams.out(`${now.score} of ${now.of} points, ${percent(now)} %: as the receipt says.\n`);
    return 0;
  }
  streams.out(
    `${now.score} of ${now.of} points, but the receipt says ${then.score}: they differ in ${wrong.map(({ title }) => `"${title}"`).join(', ')}.\n`,
  );
  return 1;
}

function labOf({ lab }: Receipt, file: string | undefined): Lab {
  if (file !== undefined) return readLab(findLab(file));
  return lab.source === undefined
    ? readLab(findLab(lab.id))
    : parseLab(lab.source, `${lab.id}.md`, { id: lab.id, series: 'own' });
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? `there is no file ${path}` : (error as Error).message,
    );
  }
}
