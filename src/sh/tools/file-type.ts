import { BINARY_MARK } from '../evaluator/commands.ts';
import { fail, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

const ELF = 'ELF 64-bit LSB executable, x86-64, version 1 (SYSV), statically linked, Go BuildID=kubemu, stripped';

/** What a text begins with, and what it is then. */
const MAGIC: [pattern: RegExp, type: string][] = [
  [/^-----BEGIN CERTIFICATE REQUEST-----/, 'PEM certificate request'],
  [/^-----BEGIN CERTIFICATE-----/, 'PEM certificate'],
  [/^-----BEGIN RSA PRIVATE KEY-----/, 'PEM RSA private key'],
  [/^-----BEGIN EC PRIVATE KEY-----/, 'ASCII text'],
  [/^-----BEGIN PRIVATE KEY-----/, 'OpenSSH private key (no password)'],
  [/^#! ?(?:\/usr)?\/bin\/(?:env )?bash/, 'Bourne-Again shell script, ASCII text executable'],
  [/^#! ?(?:\/usr)?\/bin\/(?:env )?sh/, 'POSIX shell script, ASCII text executable'],
  [/^#! ?.*python/, 'Python script, ASCII text executable'],
  [/^\s*[[{]["\s{[\]}]/, 'JSON text data'],
];

function typeOf({ machine, path }: ToolContext, file: string): string {
  const at = path(file);
  const stat = machine.files.stat(at);
  if (!stat) return `cannot open \`${file}' (No such file or directory)`;
  if (stat.type === 'symlink') return `symbolic link to ${stat.target}`;
  if (stat.type === 'directory') return 'directory';
  if (/\.sock$/.test(at)) return 'socket';
  if (at === '/dev/null' || at.startsWith('/dev/')) return 'character special';
  const text = machine.files.read(at);
  if (text === '') return 'empty';
  if (text.startsWith(BINARY_MARK)) return ELF;
  const known = MAGIC.find(([pattern]) => pattern.test(text))?.[1];
  if (known) return known;
  if (/[^\P{Cc}\s]/u.test(text)) return 'data';
  const ends = /\r\n/.test(text)
    ? ', with CRLF line terminators'
    : text.includes('\n')
      ? ''
      : ', with no line terminators';
  return `${/[^ -~\s]/.test(text) ? 'Unicode text, UTF-8 text' : 'ASCII text'}${ends}`;
}

/** `file [-b] FILE...` */
export const file: Tool = (context) => {
  const options = parseOptions(context, 'bLihkz', ['brief', 'dereference', 'mime-type']);
  if (options.rest.length === 0) return fail('Usage: file [-bLi] [--mime-type] [--brief] [--dereference] <file> ...\n');
  const width = Math.max(...options.rest.map((name) => name.length));
  const brief = options.has('b', 'brief');
  const lines = options.rest.map((name) => (brief ? '' : `${`${name}:`.padEnd(width + 2)}`) + typeOf(context, name));
  return { stdout: unlines(lines), stderr: '', code: 0 };
};
