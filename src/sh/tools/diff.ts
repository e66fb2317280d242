import {
  inputs,
  isBusybox,
  linesOf,
  type Options,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  type ToolResult,
  unlines,
} from './tool.ts';

/** The shortest script of line changes between two texts, in `diff`'s default or unified form. */
function compare(context: ToolContext, options: Options, left: string, right: string): ToolResult {
  const [a, b] = inputs(context, [left, right]).map(({ text }) => linesOf(text)) as [string[], string[]];
  if (a.join('\n') === b.join('\n')) return ok('');
  if (options.has('q', 'brief')) return { stdout: `Files ${left} and ${right} differ\n`, stderr: '', code: 1 };
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  const unified = options.has('u', 'unified', 'U') || isBusybox(context);
  const body: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      if (unified) body.push(` ${a[i]}`);
      i++;
      j++;
      continue;
    }
    const [fromA, fromB] = [i, j];
    while (i < a.length && (j >= b.length || (a[i] !== b[j] && lengths[i + 1]![j]! >= lengths[i]![j + 1]!))) i++;
    while (j < b.length && (i >= a.length || (a[i] !== b[j] && lengths[i]![j + 1]! >= lengths[i + 1]![j]!))) j++;
    const [gone, added] = [a.slice(fromA, i), b.slice(fromB, j)];
    if (unified) body.push(...gone.map((line) => `-${line}`), ...added.map((line) => `+${line}`));
    else {
      const span = (from: number, to: number) =>
        to - from > 1 ? `${from + 1},${to}` : String(to === from ? from : from + 1);
      body.push(
        `${span(fromA, i)}${gone.length === 0 ? 'a' : added.length === 0 ? 'd' : 'c'}${span(fromB, j)}`,
        ...gone.map((line) => `< ${line}`),
        ...(gone.length > 0 && added.length > 0 ? ['---'] : []),
        ...added.map((line) => `> ${line}`),
      );
    }
  }
  const head = unified
    ? [
        `--- ${left}`,
        `+++ ${right}`,
        `@@ -1${a.length === 1 ? '' : `,${a.length}`} +1${b.length === 1 ? '' : `,${b.length}`} @@`,
      ]
    : [];
  return { stdout: unlines([...head, ...body]), stderr: '', code: 1 };
}

const join = (folder: string, name: string): string => `${folder.replace(/\/$/, '')}/${name}`;

/** What two folders have differently, file by file, in the order of their names. */
function compareFolders(context: ToolContext, options: Options, left: string, right: string): ToolResult {
  const { files } = context.machine;
  const [a, b] = [left, right].map((folder) => new Set(files.list(context.path(folder)))) as [Set<string>, Set<string>];
  const recursive = options.has('r', 'recursive');
  const isFolder = (path: string) => files.stat(context.path(path))?.type === 'directory';
  const given = context.argv.slice(1).filter((word) => word.startsWith('-'));
  const result: ToolResult = ok('');
  for (const name of [...new Set([...a, ...b])].sort()) {
    const [one, other] = [join(left, name), join(right, name)];
    if (!a.has(name) || !b.has(name)) {
      result.stdout += `Only in ${a.has(name) ? left : right}: ${name}\n`;
      result.code = 1;
    } else if (isFolder(one) && isFolder(other)) {
      if (!recursive) {
        result.stdout += `Common subdirectories: ${one} and ${other}\n`;
        continue;
      }
      const below = compareFolders(context, options, one, other);
      result.stdout += below.stdout;
      result.code ||= below.code;
    } else if (isFolder(one) !== isFolder(other)) {
      const kind = (path: string) => (isFolder(path) ? 'directory' : 'regular file');
      result.stdout += `File ${one} is a ${kind(one)} while file ${other} is a ${kind(other)}\n`;
      result.code = 1;
    } else {
      const { stdout, code } = compare(context, options, one, other);
      if (code !== 0 && !options.has('q', 'brief')) result.stdout += `diff ${[...given, one, other].join(' ')}\n`;
      result.stdout += stdout;
      result.code ||= code;
    }
  }
  return result;
}

/** diff [-u] [-q] [-r] A B: of two files, two folders, or a file and the one of its name in a folder. */
export const diff: Tool = (context) => {
  const options = parseOptions(context, 'uqrNbwaiBU:', ['brief', 'unified', 'recursive', 'new-file']);
  const [left = '-', right = '-'] = options.rest;
  const isFolder = (path: string) => context.machine.files.stat(context.path(path))?.type === 'directory';
  const lastOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  if (isFolder(left) && isFolder(right)) return compareFolders(context, options, left, right);
  if (isFolder(left)) return compare(context, options, join(left, lastOf(right)), right);
  return compare(context, options, left, isFolder(right) ? join(right, lastOf(left)) : right);
};

/** `cmp [-s] A B`: silent where two files are the same. */
export const cmp: Tool = (context) => {
  const options = parseOptions(context, 'sl', ['silent', 'quiet']);
  const [left = '-', right = '-'] = options.rest;
  const [a, b] = inputs(context, [left, right]).map(({ text }) => text) as [string, string];
  if (a === b) return ok('');
  const differs = { stdout: '', stderr: '', code: 1 };
  if (options.has('s', 'silent', 'quiet')) return differs;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  const same = at < 0 ? a.length : at;
  const line = a.slice(0, same).split('\n').length;
  if (same < Math.min(a.length, b.length))
    return {
      ...differs,
      stdout: `${left} ${right} differ: ${isBusybox(context) ? 'char' : 'byte'} ${same + 1}, line ${line}\n`,
    };
  const short = a.length < b.length ? left : right;
  return {
    ...differs,
    stderr: isBusybox(context)
      ? `cmp: EOF on ${short}\n`
      : `cmp: EOF on ${short} after byte ${same}, in line ${line}\n`,
  };
};
