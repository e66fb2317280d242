import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { packageRoot } from '../base/assets.ts';
import { UserError } from '../base/user-error.ts';
import type { Prompt, Streams } from './document.ts';
import { type OpenPlace, snapshotOf } from './place.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What becomes of a command's streams; OUTPUT is the file that is read afterwards. */
const REDIRECTED: Record<Streams, string> = {
  both: '> OUTPUT 2>&1',
  ignore: '> OUTPUT 2> /dev/null',
  only: '2> OUTPUT > /dev/null',
};

/** The real bash, with the launchers first on PATH, in a home of its own that is removed afterwards. */
class Bash {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'kubemu-test-')));
  readonly home = join(this.folder, 'home');
  readonly state = join(this.folder, 'state.json');
  #shell: ChildProcessWithoutNullStreams | undefined;
  #ended: (code: number, failure?: Error) => void = () => {};

  constructor(private readonly columns: number | undefined) {
    mkdirSync(this.home);
  }

  /** Runs a line in the one shell that all of them share; one that was left with `exit` is followed by another. */
  async run(command: string, streams: Streams): Promise<{ output: string; code: number }> {
    const file = (name: string) => join(this.folder, name);
    writeFileSync(file('command'), command);
    writeFileSync(file('output'), '');
    this.#shell ??= this.#start();
    const code = await new Promise<number>((done, fail) => {
      this.#ended = (ended, failure) => (failure ? fail(failure) : done(ended));
      const redirected = REDIRECTED[streams].replace('OUTPUT', quoted(file('output')));
      this.#shell!.stdin.write(
        `{ eval "$(cat ${quoted(file('command'))})"; } ${redirected} < /dev/null; __code=$?; echo $__code; (exit $__code)\n`,
      );
    });
    return { output: readFileSync(file('output'), 'utf8').replace(/^bash: line \d+: /gm, 'bash: '), code };
  }

  #start(): ChildProcessWithoutNullStreams {
    const { PATH = '' } = process.env;
    const env = {
      ...process.env,
      PATH: [join(packageRoot(), 'bin'), PATH].join(delimiter),
      HOME: this.home,
      KUBEMU_STATE: this.state,
      KUBECONFIG: '',
      TZ: 'UTC',
      NO_COLOR: '1',
      COLUMNS: this.columns === undefined ? '' : String(this.columns),
    };
    const shell = spawn('bash', ['--norc', '--noprofile'], { cwd: this.home, env });
    shell.stdout.on('data', (text: Buffer) => this.#ended(Number(text)));
    shell.stdin.on('error', () => {});
    shell.on('exit', (code) => {
      this.#shell = undefined;
      this.#ended(code ?? 137);
    });
    shell.on('error', (error) =>
      this.#ended(0, new UserError(`--shell bash: bash cannot be started: ${error.message}`)),
    );
    return shell;
  }

  close(): void {
    this.#shell?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a prompt's command is to the one shell: those of nodes go through `kubemu ssh`. */
function asLine(command: string, { node, user, folder }: Prompt, columns: number | undefined): string {
  const go = folder === undefined ? '' : `cd ${folder} 2>/dev/null\n`;
  if (node === undefined) return `${go}${command}`;
  return `kubemu ssh ${columns === undefined ? '' : '-t '}${user}@${node} ${quoted(`${go}${command}`)}`;
}

/** The host's own bash and a cluster in a file: slower by far, and with everything that is installed there. */
export const openBash: OpenPlace = async (settings) => {
  const snapshot = await snapshotOf(settings);
  const { columns, namespace } = settings;
  const bash = new Bash(columns);
  writeFileSync(bash.state, snapshot);
  const prepared = await bash.run(`kubectl config set-context --current --namespace=${namespace ?? ''}`, 'both');
  if (prepared.code !== 0) throw new UserError(`--shell bash: ${prepared.output.trim()}`);
  return {
    run: (command, prompt, streams) => bash.run(asLine(command, prompt, columns), streams),
    put(path, text) {
      const at = resolve(bash.home, path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, text);
    },
    close: () => bash.close(),
  };
};
