import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { UserError } from '../../../base/user-error.ts';
import { LabError } from '../../../lab/format/lab.ts';
import { filesIn, findLab, readLab, shippedFiles } from '../../../lab/library.ts';
import { count } from '../../../lab/text.ts';
import { Verifier } from '../../../lab/verify.ts';
import type { ProcessStreams } from '../../streams.ts';

/** What is said of one lab; a line of `--json`. */
interface Report {
  file: string;
  tasks: number;
  checks: number;
  /** How many clusters were played through. */
  runs: number;
  problems: string[];
}

export interface VerifyOptions {
  jobs?: number;
  json?: boolean;
}

/** `kubemu lab verify [FILE|FOLDER|ID...]`; resolves with the exit code. */
export async function verify(streams: ProcessStreams, targets: string[], options: VerifyOptions): Promise<number> {
  const files = targets.length === 0 ? shippedFiles() : targets.flatMap(filesOf);
  const jobs = Math.min(options.jobs ?? availableParallelism(), files.length);
  let wrong = 0;
  const tell = (report: Report) => {
    streams.out(options.json ? `${JSON.stringify(report)}\n` : shown(report));
    streams.flush();
    if (report.problems.length > 0) wrong++;
  };
  if (jobs <= 1) await verifyHere(files, tell);
  else await verifyInProcesses(files, jobs, tell);
  if (!options.json)
    streams.out(`${count(files.length, 'lab')} ${wrong === 0 ? 'verified' : `looked at, ${wrong} with problems`}.\n`);
  return wrong === 0 ? 0 : 1;
}

function shown({ file, tasks, checks, runs, problems }: Report): string {
  const facts = tasks > 0 ? `: ${count(tasks, 'task')}, ${count(checks, 'check')}, ${count(runs, 'run')}` : '';
  return `${problems.length === 0 ? '✓' : '✗'} ${file}${facts}\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
}

function filesOf(target: string): string[] {
  if (!existsSync(target) || !statSync(target).isDirectory()) return [findLab(target)];
  const files = filesIn(target);
  if (files.length === 0) throw new UserError(`there is no lab in ${target}: a lab is a file NAME.md`);
  return files;
}

async function verifyHere(files: string[], tell: (report: Report) => void): Promise<void> {
  const verifier = new Verifier();
  for (const file of files) tell(await reportOn(verifier, file));
}

async function reportOn(verifier: Verifier, file: string): Promise<Report> {
  try {
    const lab = readLab(file);
    const { problems, runs } = await verifier.verify(lab);
    const checks = lab.tasks.reduce((sum, task) => sum + task.checks.length, 0);
    return { file: lab.file, tasks: lab.tasks.length, checks, runs, problems };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { file, tasks: 0, checks: 0, runs: 0, problems: error.problems };
  }
}

/** Each process takes its share of the labs, and tells of each as soon as it knows. */
async function verifyInProcesses(files: string[], jobs: number, tell: (report: Report) => void): Promise<void> {
  const shares = Array.from({ length: jobs }, (_, job) => files.filter((_file, index) => index % jobs === job));
  await Promise.all(
    shares.map(async (share) => {
      const args = [process.argv[1]!, 'lab', 'verify', '--json', '--jobs', '1', '--', ...share];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      let reports = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        reports++;
        tell(JSON.parse(line) as Report);
      }
      if (reports < share.length)
        throw new UserError(said.replace(/^error: /, '').trim() || 'a process ended too early');
    }),
  );
}
