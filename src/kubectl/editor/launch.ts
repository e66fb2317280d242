import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { KubectlEnvironment } from '../io.ts';

const VARIABLES = ['KUBE_EDITOR', 'EDITOR'];

/** Splits an editor's command as kubectl does: at spaces, or by a shell when it has quotes. */
function editorCommand({ host }: KubectlEnvironment, file: string): { argv: string[]; shown: string } {
  const windows = process.platform === 'win32';
  const chosen = VARIABLES.map((name) => host.env[name]).find((value) => value) ?? (windows ? 'notepad' : 'vi');
  if (!/["'\\]/.test(chosen)) {
    const words = chosen.split(' ');
    return { argv: [...words, file], shown: words.join(' ') };
  }
  const shell = windows ? ['cmd', '/C'] : [host.env.SHELL || '/bin/bash', '-c'];
  return { argv: [...shell, `${chosen} ${JSON.stringify(file)}`], shown: [...shell, chosen].join(' ') };
}

/** Digits that make a temporary file's name its own. */
const uniqueDigits = (environment: KubectlEnvironment): string =>
  [...environment.randomSuffix(10)].map((letter) => letter.charCodeAt(0) % 10).join('');

/** Puts text into a temporary file and opens it in the user's editor; resolves with what was saved. */
export async function editText(
  { environment, factory }: Pick<Invocation, 'environment' | 'factory'>,
  text: string,
  extension: string,
): Promise<{ text: string; file: string }> {
  const { host } = environment;
  const folder = host.env.TMPDIR ?? host.env.TEMP ?? '/tmp';
  const file = `${folder.replace(/\/$/, '')}/kubectl-edit-${uniqueDigits(environment)}${extension}`;
  host.writeFile(file, text, 0o600);
  const { argv, shown } = editorCommand(environment, file);
  factory.log.info(5, 'launcher_others.go:62', `Opening file with editor [${argv.join(' ')}]`);
  try {
    const { code } = await host.spawn(argv, {});
    if (code !== 0) throw new CommandError(`there was a problem with the editor ${JSON.stringify(shown)}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`unable to launch the editor ${JSON.stringify(shown)}`);
  }
  const saved = host.readFile(file);
  factory.log.info(4, 'editoptions.go:310', `User edited:\n${saved.replace(/\n$/, '')}`);
  return { text: saved, file };
}
