import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin');

export interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

/** A user's home with nothing in it, in which the built programs run. */
export class Home {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'kubemu-home-')));
  readonly state = join(this.folder, 'state.json');
  readonly env: Record<string, string>;

  constructor(more: Record<string, string> = {}) {
    const { PATH = '', SystemRoot = '' } = process.env;
    this.env = {
      PATH: `${bin}${delimiter}${PATH}`,
      HOME: this.folder,
      USERPROFILE: this.folder,
      LOCALAPPDATA: this.folder,
      SystemRoot,
      TZ: 'UTC',
      NO_COLOR: '1',
      KUBEMU_STATE: this.state,
      ...more,
    };
  }

  /** Runs `kubectl get pods` (the launcher of that name, without a shell). */
  run(program: string, ...args: string[]): Outcome {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(bin, program), ...args], {
      cwd: this.folder,
      env: this.env,
      encoding: 'utf8',
    });
    return { stdout, stderr, code: status ?? -1 };
  }

  /** The same without waiting. */
  start(program: string, ...args: string[]): Promise<Outcome> {
    return new Promise((done) => {
      execFile(
        process.execPath,
        [join(bin, program), ...args],
        { cwd: this.folder, env: this.env },
        (error, stdout, stderr) => done({ stdout, stderr, code: error ? Number(error.code ?? -1) : 0 }),
      );
    });
  }

  remove(): void {
    // A program that was stopped may still write its cache.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
