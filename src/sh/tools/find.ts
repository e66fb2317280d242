import { matches } from '../evaluator/pattern.ts';
import { type FileStat, FsError } from '../process.ts';
import { join, lastPart } from './paths.ts';
import { forEachFile, isBusybox, type Tool, type ToolContext, ToolError } from './tool.ts';

/** Visits a path and, where `visit` answers true, what is in it; what cannot be read below is passed over. Throws FsError for the path itself. */
export function walk(
  context: ToolContext,
  path: string,
  visit: (path: string, stat: FileStat, depth: number) => boolean,
  depth = 0,
): void {
  const { files } = context.machine;
  const found = files.stat(context.path(path));
  if (!found) throw new FsError('ENOENT', path);
  if (!visit(path, found, depth) || found.type !== 'directory') return;
  for (const name of files.list(context.path(path))) {
    try {
      walk(context, join(path, name), visit, depth + 1);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }
}

/** `find`: tests and -exec; actions other than printing become a script. */
export const find: Tool = (context) => {
  const args = context.argv.slice(1);
  const first = args.findIndex((arg) => /^[-!(]/.test(arg));
  const roots = first === 0 ? ['.'] : args.slice(0, first < 0 ? undefined : first);
  const expression = first < 0 ? [] : args.slice(first);
  if (roots.length === 0) roots.push('.');
  const { files } = context.machine;
  const found: string[] = [];
  const script: string[] = [];
  const batches = new Map<number, string[]>();
  let at = 0;
  let maxDepth = Number.POSITIVE_INFINITY;
  let minDepth = 0;
  type Test = (path: string, stat: FileStat, depth: number) => boolean;
  let acts = false;
  const compare = (text: string, value: number) =>
    text.startsWith('+')
      ? value > Number(text.slice(1))
      : text.startsWith('-')
        ? value < Number(text.slice(1))
        : value === Number(text);
  const now = context.machine.now();
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const primary = (): Test => {
    const word = expression[at++];
    if (word === '!' || word === '-not') {
      const inner = primary();
      return (...given) => !inner(...given);
    }
    if (word === '(') {
      const inner = or();
      at++;
      return inner;
    }
    const value = () => {
      const given = expression[at++];
      if (given === undefined)
        throw new ToolError(isBusybox(context) ? `${word} requires an argument` : `missing argument to \`${word}'`);
      return given;
    };
    switch (word) {
      case '-name':
      case '-iname': {
        const pattern = value();
        const lower = word === '-iname';
        return (path) =>
          matches(
            lower ? pattern.toLowerCase() : pattern,
            lower ? lastPart(path).toLowerCase() : lastPart(path) || '/',
          );
      }
      case '-path':
      case '-wholename': {
        const pattern = value();
        return (path) => matches(pattern, path);
      }
      case '-type': {
        const letter = value();
        const type = { f: 'file', d: 'directory', l: 'symlink', b: 'block', c: 'character', p: 'pipe', s: 'socket' }[
          letter
        ];
        if (!type && !isBusybox(context)) throw new ToolError(`Unknown argument to -type: ${letter}`);
        return (_, stat) => stat.type === type;
      }
      case '-maxdepth':
        maxDepth = Number(value());
        return () => true;
      case '-mindepth':
        minDepth = Number(value());
        return () => true;
      case '-empty':
        return (path, stat) =>
          stat.type === 'directory' ? files.list(context.path(path)).length === 0 : stat.size === 0;
      case '-size': {
        const text = value();
        const unit = { c: 1, k: 1024, M: 1048576, G: 1073741824 }[text.at(-1)!] ?? 512;
        return (_, stat) => compare(text.replace(/[a-zA-Z]$/, ''), Math.ceil(stat.size / unit));
      }
      case '-mtime':
      case '-mmin': {
        const text = value();
        const unit = word === '-mtime' ? 86_400_000 : 60_000;
        return (_, stat) => compare(text, Math.floor((now - stat.mtime) / unit));
      }
      case '-perm': {
        const text = value();
        return (_, stat) =>
          text.startsWith('-')
            ? (stat.mode & Number.parseInt(text.slice(1), 8)) === Number.parseInt(text.slice(1), 8)
            : (stat.mode & 0o7777) === Number.parseInt(text, 8);
      }
      case '-newer': {
        const other = files.stat(context.path(value()))?.mtime ?? 0;
        return (_, stat) => stat.mtime > other;
      }
      case '-regex':
      case '-iregex': {
        const pattern = new RegExp(`^(?:${value()})$`, word === '-iregex' ? 'i' : '');
        return (path) => pattern.test(path);
      }
      case '-printf': {
        acts = true;
        const format = value();
        return (path, stat) => {
          script.push(`printf %s ${quote(printed(format, path, stat))}`);
          found.push(path);
          return true;
        };
      }
      case '-print':
        acts = true;
        return (path) => {
          found.push(path);
          script.push(`printf '%s\\n' ${quote(path)}`);
          return true;
        };
      case '-print0':
        acts = true;
        return (path) => {
          found.push(`${path}\0`);
          return true;
        };
      case '-delete':
        acts = true;
        return (path) => {
          files.remove(context.path(path), { recursive: true });
          return true;
        };
      case '-exec': {
        acts = true;
        const end = expression.findIndex((arg, index) => index >= at && (arg === ';' || arg === '+'));
        const command = expression.slice(at, end);
        const batch = expression[end] === '+';
        const key = at;
        at = end + 1;
        return (path) => {
          if (batch)
            batches.set(key, [
              ...(batches.get(key) ?? [
                command
                  .filter((word) => word !== '{}')
                  .map(quote)
                  .join(' '),
              ]),
              quote(path),
            ]);
          else script.push(command.map((word) => quote(word.replaceAll('{}', path))).join(' '));
          return true;
        };
      }
      case '-prune':
        return () => true;
      default:
        throw new ToolError(isBusybox(context) ? `unrecognized: ${word}` : `unknown predicate \`${word}'`);
    }
  };
  const and = (): Test => {
    const tests = [primary()];
    while (at < expression.length && expression[at] !== ')' && expression[at] !== '-o' && expression[at] !== '-or') {
      if (expression[at] === '-a' || expression[at] === '-and') at++;
      tests.push(primary());
    }
    return (...given) => tests.every((test) => test(...given));
  };
  const or = (): Test => {
    const tests = [and()];
    while (expression[at] === '-o' || expression[at] === '-or') {
      at++;
      tests.push(and());
    }
    return (...given) => tests.some((test) => test(...given));
  };
  const test = expression.length > 0 ? or() : () => true;
  const result = forEachFile(
    roots,
    context,
    (file, reason) => (isBusybox(context) ? `${file}: ${reason}` : `'${file}': ${reason}`),
    (root) => {
      walk(context, root, (path, stat, depth) => {
        if (depth >= minDepth && test(path, stat, depth) && !acts) found.push(path);
        return depth < maxDepth;
      });
      return undefined;
    },
  );
  for (const batch of batches.values()) script.push(batch.join(' '));
  const runs = script.some((line) => !line.startsWith("printf '%s\\n'"));
  if (runs) return { ...result, run: ['sh', '-c', script.join('\n')] };
  return { ...result, stdout: found.map((path) => (path.endsWith('\0') ? path : `${path}\n`)).join('') };
};

const ESCAPED: Record<string, string> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' };
const TYPES: Record<string, string> = { file: 'f', directory: 'd', symlink: 'l' };

/** What `-printf` writes of a file. */
function printed(
  format: string,
  path: string,
  { type, size, mode, mtime, uid = 0, gid = 0, target = '' }: FileStat,
): string {
  const whole = Math.floor(mtime / 1000);
  const values: Record<string, string> = {
    p: path,
    P: path.includes('/') ? path.slice(path.indexOf('/') + 1) : '',
    f: lastPart(path) || '/',
    h: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.',
    y: TYPES[type] ?? '?',
    s: String(size),
    m: (mode & 0o7777).toString(8),
    d: String(Math.max(0, path.split('/').length - 1)),
    l: target,
    u: uid === 0 ? 'root' : String(uid),
    g: gid === 0 ? 'root' : String(gid),
    U: String(uid),
    G: String(gid),
    'T@': `${whole}.0000000000`,
    Ts: String(whole),
    '%': '%',
  };
  return format.replace(/\\([nt0\\])|%(T.|[a-zA-Z%])/g, (all, slash: string | undefined, code: string | undefined) =>
    slash === undefined ? (values[code!] ?? all) : ESCAPED[slash]!,
  );
}
