import { UserError } from '../base/user-error.ts';
import { StateFileError } from '../store/state-file-error.ts';
import { ProcessStreams } from './streams.ts';

/** Runs a command to its end: what it printed comes out, and its code becomes the process's. No stack trace reaches a user. */
export async function runProcess(program: string, run: (streams: ProcessStreams) => Promise<number>): Promise<void> {
  const streams = new ProcessStreams();
  let code: number;
  try {
    code = await run(streams);
    streams.flush();
  } catch (error) {
    streams.drop();
    streams.err(describe(program, error));
    streams.flush();
    code = 1;
  }
  process.exit(code);
}

function describe(program: string, error: unknown): string {
  if (process.env.KUBEMU_DEBUG) return `${(error as Error).stack ?? error}\n`;
  const message = error instanceof Error ? error.message : String(error);
  const ours = error instanceof UserError || error instanceof StateFileError;
  return ours
    ? `error: ${message}\n`
    : `error: ${program} met a defect of its own: ${message}\nThe cluster was left as it was. KUBEMU_DEBUG=1 shows where it happened.\n`;
}
