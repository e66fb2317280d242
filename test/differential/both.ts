import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wallClock } from '../../src/base/clock.ts';
import { parseDuration } from '../../src/base/duration.ts';
import { Home, type Outcome, root } from '../tools/built.ts';
import type { Line } from './lines.ts';

/**
 * What the making of the copy and of the first commands may take, ms. The real kubectl counts ages by the machine's clock: after more
 * than ten minutes the seconds that the two differ by are not shown any more.
 */
const MARGIN = 30_000;

/** How long a command may take unless said, ms: one that waits for ever is no comparison. */
const PATIENCE = 30_000;

/** Where the commands are typed: beside nothing but the files of the test. */
const workOf = ({ folder }: Home): string => join(folder, 'work');

function run([program = '', ...argv]: string[], home: Home, timeout: number, env = {}): Outcome {
  const { stdout, stderr, status, error } = spawnSync(program, argv, {
    cwd: workOf(home),
    env: { ...home.env, EDITOR: 'true', ...env },
    encoding: 'utf8',
    timeout,
  });
  // The real kubectl ends with 1 when it is told to stop waiting.
  return { stdout, stderr, code: error ? -1 : (status ?? -1) };
}

function succeeded({ code, stderr }: Outcome): void {
  if (code !== 0) throw new Error(stderr);
}

/** What is told kubectl, or a shell. */
type Typed = Pick<Extract<Line, { argv: string[] }>, 'argv' | 'shell' | 'variables'>;

/** Where the client under test is found as `kubectl`, and nothing else of ours. */
const binOf = (home: Home): string => join(home.folder, 'bin');
const pathOf = (home: Home): string => `${binOf(home)}:${process.env.PATH}`;

/** The same cluster twice: one for our kubectl, one served to the real one. What is typed is typed on both. */
export class Both {
  readonly #ours = new Home();
  readonly #theirs = new Home();
  #server: ChildProcess | undefined;
  #kubeconfig = '';

  constructor(
    private readonly real: string,
    private readonly patience = PATIENCE,
  ) {}

  /** Makes the cluster with our own kubectl, then the copy of it. */
  async open(setup: Line[], files: string): Promise<void> {
    for (const home of [this.#ours, this.#theirs]) {
      cpSync(files, workOf(home), { recursive: true });
      mkdirSync(binOf(home));
    }
    symlinkSync(join(root, 'bin', 'kubectl'), join(binOf(this.#ours), 'kubectl'));
    const preset = readFileSync(join(root, 'fixtures', 'clusters', 'kubeadm.yaml'), 'utf8');
    const config = join(this.#ours.folder, 'cluster.yaml');
    const lived = setup.reduce((sum, line) => sum + ('advance' in line ? parseDuration(line.advance) : 0), MARGIN);
    const epoch = new Date(wallClock.now() - lived).toISOString().replace(/\.\d+/, '');
    const clock = `clock: { mode: manual, perCommand: "0", epoch: "${epoch}" }\n  seed: 1`;
    writeFileSync(config, preset.replace('clock: { mode: real }', clock));
    succeeded(this.#ours.run('kubemu', 'create', 'cluster', '--config', config));
    rmSync(config);
    for (const line of setup) {
      if ('advance' in line) this.#ours.run('kubemu', 'advance', line.advance);
      else succeeded(this.ours(line));
    }
    copyFileSync(this.#ours.state, this.#theirs.state);
    // It says in its messages by what name it was called.
    symlinkSync(this.real, join(binOf(this.#theirs), 'kubectl'));
    this.#server = spawn(process.execPath, [join(root, 'bin', 'kubemu'), 'serve', '--port', '0'], {
      env: this.#theirs.env,
    });
    this.#kubeconfig = await new Promise<string>((resolve, reject) => {
      let text = '';
      this.#server!.stdout!.on('data', (piece) => {
        text += piece;
        const [, found] = /export KUBECONFIG=(\S+)/.exec(text) ?? [];
        if (found) resolve(found);
      });
      this.#server!.on('exit', (code) => reject(new Error(`kubemu serve ended with ${code}`)));
    });
  }

  advance(duration: string): void {
    for (const home of [this.#ours, this.#theirs]) home.run('kubemu', 'advance', duration);
  }

  ours({ argv, shell, variables }: Typed): Outcome {
    const env = { PATH: pathOf(this.#ours), ...variables };
    return run(
      shell ? argv : [process.execPath, join(root, 'bin', 'kubectl'), ...argv],
      this.#ours,
      this.patience,
      env,
    );
  }

  theirs({ argv, shell, variables }: Typed): Outcome {
    const env = { KUBECONFIG: this.#kubeconfig, PATH: pathOf(this.#theirs), ...variables };
    return run(shell ? argv : [join(binOf(this.#theirs), 'kubectl'), ...argv], this.#theirs, this.patience, env);
  }

  close(): void {
    this.#server?.removeAllListeners('exit');
    this.#server?.kill();
    this.#ours.remove();
    this.#theirs.remove();
  }
}
