import { existsSync, statSync } from 'node:fs';
import { UserError } from '../../../base/user-error.ts';
import { type Lab, LabError } from '../../../lab/format/lab.ts';
import { filesIn, findLab, readLab, shippedFiles } from '../../../lab/library.ts';
import { Verifier } from '../../../lab/verify.ts';
import type { ProcessStreams } from '../../streams.ts';

/** `kubemu lab verify [FILE|FOLDER|ID...]`; resolves with the exit code. */
export async function verify(streams: ProcessStreams, targets: string[]): Promise<number> {
  const files = targets.length === 0 ? shippedFiles() : targets.flatMap(filesOf);
  const verifier = new Verifier();
  let wrong = 0;
  for (const file of files) {
    const { line, problems } = await verdictOf(verifier, file);
    streams.out(
      `${problems.length === 0 ? '✓' : '✗'} ${line}\n${problems.map((problem) => `  ${problem}\n`).join('')}`,
    );
    streams.flush();
    if (problems.length > 0) wrong++;
  }
  const count = files.length === 1 ? '1 lab' : `${files.length} labs`;
  streams.out(wrong === 0 ? `${count} verified.\n` : `${count}, ${wrong} with problems.\n`);
  return wrong === 0 ? 0 : 1;
}

function filesOf(target: string): string[] {
  if (!existsSync(target) || !statSync(target).isDirectory()) return [findLab(target)];
  const files = filesIn(target);
  if (files.length === 0) throw new UserError(`there is no lab in ${target}: a lab is a file NAME.md`);
  return files;
}

async function verdictOf(verifier: Verifier, file: string): Promise<{ line: string; problems: string[] }> {
  let lab: Lab;
  try {
    lab = readLab(file);
    const { problems, runs } = await verifier.verify(lab);
    const checks = lab.tasks.reduce((sum, { checks }) => sum + checks.length, 0);
    const tasks = lab.tasks.length === 1 ? '1 task' : `${lab.tasks.length} tasks`;
    return { line: `${lab.file}: ${tasks}, ${checks} checks, ${runs} runs`, problems };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { line: file, problems: error.problems };
  }
}
