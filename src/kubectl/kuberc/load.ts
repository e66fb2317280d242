import { asError, CommandError } from '../errors.ts';
import type { KubectlEnvironment } from '../io.ts';
import { decodePreference, type Preference } from './preference.ts';

/** The file that --kuberc names; '' without the flag, which is looked for before flags are read. */
function explicitFile(argv: string[]): string {
  for (const [index, arg] of argv.entries()) {
    if (arg === '--') return '';
    if (arg !== '--kuberc' && !arg.includes('--kuberc=')) continue;
    const file = arg === '--kuberc' ? argv[index + 1] : arg.split('=')[1] || undefined;
    if (file === undefined) throw new CommandError('kuberc file is not found');
    return file;
  }
  return '';
}

/**
 * The preferences of a command line: from the file that --kuberc names, else from ~/.kube/kuberc, of which nothing but warnings
 * comes when it is broken. Undefined without any, and when KUBERC is `off`. Throws for a file that was named and is no good.
 */
export function loadPreference({ host, io }: KubectlEnvironment, argv: string[]): Preference | undefined {
  const named = explicitFile(argv);
  const failed = (why: string) => new CommandError(`kuberc error ${why}`);
  if (host.env.KUBERC === 'off') {
    if (named === '') return undefined;
    throw failed('disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive');
  }
  const file = named || `${host.home}/.kube/kuberc`;
  const unused = (why: string) => {
    if (named) throw failed(`kuberc: ${why}`);
    io.err(`kuberc: no preferences loaded from ${file}: ${why}`);
    return undefined;
  };
  if (!named && !host.stat(file)) return undefined;
  let decoded: ReturnType<typeof decodePreference>;
  try {
    decoded = decodePreference(host.readFile(file), file);
  } catch (error) {
    return unused(asError(error).message);
  }
  if (!decoded?.problem) return decoded?.preference;
  if (!named) return unused(decoded.problem);
  io.err(`kuberc: ignoring strict decoding error in ${file}: ${decoded.problem}`);
  return decoded.preference;
}
