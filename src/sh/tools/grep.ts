import { toRegExp } from './regexp.ts';
import {
  fail,
  inputs,
  isBusybox,
  linesOf,
  parseOptions,
  type Tool,
  type ToolContext,
  type ToolResult,
} from './tool.ts';

/** How a match is coloured. */
const MARK = ['\x1b[01;31m\x1b[K', '\x1b[m\x1b[K'] as const;

export const grep: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'EFGPivclLnqsohHrRwxbe:f:m:A:B:C:azUIT', [
    'extended-regexp',
    'fixed-strings',
    'perl-regexp',
    'ignore-case',
    'invert-match',
    'count',
    'files-with-matches',
    'line-number',
    'quiet',
    'silent',
    'no-messages',
    'only-matching',
    'no-filename',
    'with-filename',
    'files-without-match',
    'byte-offset',
    'text',
    'exclude-dir:',
    'recursive',
    'word-regexp',
    'line-regexp',
    'regexp:',
    'max-count:',
    'color',
    'colour',
    'line-buffered',
    'after-context:',
    'before-context:',
    'context:',
    'include:',
    'exclude:',
  ]);
  const files = [...options.rest];
  const name = context.argv[0]!;
  const patterns = options.values('e', 'regexp').flatMap((pattern) => pattern.split('\n'));
  const file = options.value('f');
  if (file !== undefined) patterns.push(...linesOf(inputs(context, [file])[0]!.text));
  if (patterns.length === 0 && file === undefined) {
    const pattern = files.shift();
    if (pattern === undefined)
      return fail(
        isBusybox(context)
          ? 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: grep [-HhnlLoqvsrRiwFEz] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n'
          : "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
        isBusybox(context) ? 1 : 2,
      );
    patterns.push(...pattern.split('\n'));
  }
  const fixed = options.has('F', 'fixed-strings') || name === 'fgrep';
  const perl = options.has('P', 'perl-regexp');
  const extended = options.has('E', 'extended-regexp') || name === 'egrep';
  const flags = `g${options.has('i', 'ignore-case') ? 'i' : ''}`;
  const expressions = patterns.map((pattern) => {
    const base = fixed
      ? pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      : perl
        ? pattern
        : toRegExp(pattern, extended).source;
    const worded = options.has('w', 'word-regexp') ? `(?<!\\w)(?:${base})(?!\\w)` : base;
    return new RegExp(options.has('x', 'line-regexp') ? `^(?:${worded})$` : worded, flags);
  });
  const inverted = options.has('v', 'invert-match');
  const only = options.has('o', 'only-matching');
  const coloured = options.values('color', 'colour').at(-1) === 'always' && !inverted;
  const shown = (line: string): string =>
    coloured
      ? expressions.reduce(
          (text, expression) => text.replace(expression, (match) => match && MARK[0] + match + MARK[1]),
          line,
        )
      : line;
  const limit = Number(options.value('m', 'max-count') ?? Number.POSITIVE_INFINITY);
  const around = options.value('C', 'context');
  const after = Number(options.value('A', 'after-context') ?? around ?? 0);
  const before = Number(options.value('B', 'before-context') ?? around ?? 0);
  let stderr = '';
  let failed = false;
  const recursive = options.has('r', 'R', 'recursive');
  const targets = recursive
    ? (files.length > 0 ? files : ['.']).flatMap((root) => filesBelow(context, root))
    : files.length > 0
      ? files
      : ['-'];
  const named =
    (targets.length > 1 || recursive || options.has('H', 'with-filename')) && !options.has('h', 'no-filename');
  let stdout = '';
  let found = false;
  for (const target of targets) {
    let text: string;
    try {
      text = inputs(context, [target])[0]!.text;
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
      const code = (error as { code: string }).code;
      failed = true;
      if (!options.has('s', 'no-messages'))
        stderr +=
          code === 'EISDIR'
            ? isBusybox(context)
              ? `${name}: ${target}: Is a directory\n`
              : `${name}: ${target}: Is a directory\n`
            : `${name}: ${target}: No such file or directory\n`;
      continue;
    }
    const label = named ? `${target === '-' ? '(standard input)' : target}` : '';
    const lines = linesOf(text);
    const hits: number[] = [];
    for (const [index, line] of lines.entries()) {
      if (hits.length >= limit) break;
      if (expressions.some((expression) => line.search(expression) >= 0) !== inverted) hits.push(index);
    }
    if (hits.length > 0) found = true;
    if (options.has('q', 'quiet', 'silent')) continue;
    if (options.has('l', 'files-with-matches')) {
      if (hits.length > 0) stdout += `${target === '-' ? '(standard input)' : target}\n`;
      continue;
    }
    if (options.has('L', 'files-without-match')) {
      if (hits.length === 0) stdout += `${target === '-' ? '(standard input)' : target}\n`;
      continue;
    }
    if (options.has('c', 'count')) {
      stdout += `${label ? `${label}:` : ''}${hits.length}\n`;
      continue;
    }
    const numbered = options.has('n', 'line-number');
    const prefix = (index: number, mark: string) =>
      (label ? label + mark : '') +
      (numbered ? `${index + 1}${mark}` : '') +
      (options.has('b', 'byte-offset')
        ? `${Buffer.byteLength(
            lines
              .slice(0, index)
              .map((line) => `${line}\n`)
              .join(''),
          )}${mark}`
        : '');
    if (only) {
      if (!inverted)
        for (const index of hits)
          for (const expression of expressions)
            for (const match of lines[index]!.match(expression) ?? [])
              if (match) stdout += `${prefix(index, ':')}${coloured ? MARK[0] + match + MARK[1] : match}\n`;
      continue;
    }
    const hit = new Set(hits);
    let last = -1;
    for (const [index, line] of lines.entries()) {
      const near = hit.has(index) || hits.some((at) => index > at - before - 1 && index < at + after + 1);
      if (!near) continue;
      if ((after > 0 || before > 0) && last >= 0 && index > last + 1) stdout += '--\n';
      last = index;
      stdout += `${prefix(index, hit.has(index) ? ':' : '-')}${hit.has(index) ? shown(line) : line}\n`;
    }
  }
  return { stdout, stderr, code: failed && !(found && options.has('q')) ? 2 : found ? 0 : 1 };
};

function filesBelow(context: ToolContext, root: string): string[] {
  const stat = context.machine.files.stat(context.path(root));
  if (stat?.type !== 'directory') return [root];
  return context.machine.files
    .list(context.path(root))
    .flatMap((name) => filesBelow(context, root === '.' ? name : `${root.replace(/\/$/, '')}/${name}`));
}
