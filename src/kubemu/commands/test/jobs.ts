import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../../base/assets.ts';
import { UserError } from '../../../base/user-error.ts';
import type { FileReport } from '../../../transcript/report/report.ts';

/** Shares files out among so many processes of this program; resolves with their reports, in the order of the files. */
export async function inProcesses(files: string[], jobs: number, options: string[]): Promise<FileReport[]> {
  const shares = Array.from({ length: jobs }, (_, job) => files.filter((_file, index) => index % jobs === job));
  const reports = (await Promise.all(shares.map((share) => inProcess(share, options)))).flat();
  return files.map((file) => reports.find((report) => report.file === file)!);
}

async function inProcess(files: string[], options: string[]): Promise<FileReport[]> {
  const { readJsonReport } = await import('../../../transcript/report/json.ts');
  const argv = [join(packageRoot(), 'bin', 'kubemu'), 'test', '--json', '--jobs', '1', ...options, '--', ...files];
  return await new Promise((done, fail) => {
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.out += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.err += chunk;
    });
    child.on('error', fail);
    child.on('close', () => {
      if (text.out === '') fail(new UserError(text.err.replace(/^error: /, '').trim()));
      else done(readJsonReport(text.out));
    });
  });
}
