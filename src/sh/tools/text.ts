import { createHash } from 'node:crypto';
import {
  fail,
  filter,
  forEachFile,
  inputs,
  isBusybox,
  linesOf,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
  unlines,
} from './tool.ts';

/** `-5` as `-n 5`, and tail's `+5`. */
const countArgs = ([name, ...args]: string[]) =>
  args.flatMap((arg) =>
    /^-[0-9]+$/.test(arg) ? ['-n', arg.slice(1)] : name === 'tail' && /^\+[0-9]+$/.test(arg) ? ['-n', arg] : [arg],
  );

const ends =
  (first: boolean): Tool =>
  (context) => {
    const long = ['lines:', 'bytes:', 'quiet', 'silent', 'verbose', 'follow', 'retry', 'pid:'];
    const options = parseOptions(context, 'n:c:qvfFs:', long, false, countArgs(context.argv));
    const bytes = options.value('c', 'bytes');
    const count = options.value('n', 'lines') ?? '10';
    const titled = (options.rest.length > 1 && !options.has('q', 'quiet', 'silent')) || options.has('v', 'verbose');
    let before = false;
    return filter(context, options.rest, (text, name) => {
      const title = titled ? `${before ? '\n' : ''}==> ${name === '-' ? 'standard input' : name} <==\n` : '';
      before = true;
      const units = bytes === undefined ? text.split(/(?<=\n)/) : [...text];
      const size = bytes ?? count;
      const number = Number(size.replace(/^[-+]/, '').replace(/k$/i, '000'));
      if (Number.isNaN(number))
        throw new ToolError(
          isBusybox(context)
            ? `invalid number '${size}'`
            : `invalid number of ${bytes === undefined ? 'lines' : 'bytes'}: '${size}'`,
        );
      if (units.at(-1) === '') units.pop();
      const chosen = first
        ? size.startsWith('-')
          ? units.slice(0, Math.max(0, units.length - number))
          : units.slice(0, number)
        : size.startsWith('+')
          ? units.slice(Math.max(0, number - 1))
          : number === 0
            ? []
            : units.slice(-number);
      return title + chosen.join('');
    });
  };

const wc: Tool = (context) => {
  const options = parseOptions(context, 'lwcmL', ['lines', 'words', 'bytes', 'chars']);
  const all = !options.has('l', 'w', 'c', 'm', 'L', 'lines', 'words', 'bytes', 'chars');
  const rows: { counts: number[]; name: string }[] = [];
  const count = (text: string) => [
    ...(all || options.has('l', 'lines') ? [text.split('\n').length - 1] : []),
    ...(all || options.has('w', 'words') ? [text.split(/\s+/).filter(Boolean).length] : []),
    ...(all || options.has('c', 'bytes') ? [Buffer.byteLength(text)] : []),
    ...(options.has('m', 'chars') ? [[...text].length] : []),
    ...(options.has('L') ? [Math.max(0, ...linesOf(text).map((line) => line.length))] : []),
  ];
  const read = forEachFile(
    options.rest.length > 0 ? options.rest : ['-'],
    context,
    (file, reason) => (isBusybox(context) ? `${file}: ${reason}` : `${file}: ${reason}`),
    (file) => {
      rows.push({ counts: count(inputs(context, [file])[0]!.text), name: options.rest.length > 0 ? file : '' });
      return undefined;
    },
  );
  if (rows.length > 1)
    rows.push({
      counts: rows[0]!.counts.map((_, index) => rows.reduce((sum, row) => sum + row.counts[index]!, 0)),
      name: 'total',
    });
  const single = rows[0]?.counts.length === 1;
  const widest = Math.max(
    ...rows.flatMap((row) => row.counts.map((value) => String(value).length)),
    !single && options.rest.length === 0 ? 7 : 1,
  );
  const width = isBusybox(context) ? (single ? 0 : 9) : single && rows.length === 1 ? 0 : widest;
  const shown = rows.map(
    (row) => row.counts.map((value) => String(value).padStart(width)).join(' ') + (row.name ? ` ${row.name}` : ''),
  );
  return { ...read, stdout: unlines(shown) };
};

/** Sort keys: `2`, `2,3`, `2.1n`, `k2r`. */
const sort: Tool = (context) => {
  const options = parseOptions(context, 'rnufbhgVMsdict:k:o:zC', [
    'reverse',
    'numeric-sort',
    'unique',
    'field-separator:',
    'key:',
    'output:',
    'human-numeric-sort',
    'version-sort',
    'ignore-case',
  ]);
  const separator = options.value('t', 'field-separator');
  const keys = options
    .values('k', 'key')
    .map((key) => /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(key));
  const letters =
    ['n', 'r', 'f', 'h', 'V', 'g', 'b', 'M', 'd'].filter((letter) => options.has(letter)).join('') +
    (options.has('numeric-sort') ? 'n' : '') +
    (options.has('reverse') ? 'r' : '') +
    (options.has('human-numeric-sort') ? 'h' : '') +
    (options.has('version-sort') ? 'V' : '') +
    (options.has('ignore-case') ? 'f' : '');
  const field = (line: string, from: number, to: number | undefined, offset: number) => {
    const fields = separator === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(separator);
    return fields
      .slice(from - 1, to)
      .join(separator ?? '')
      .slice(offset);
  };
  const compareBy = (a: string, b: string, flags: string): number => {
    let order: number;
    if (/[ng]/.test(flags)) order = (Number.parseFloat(a) || 0) - (Number.parseFloat(b) || 0);
    else if (flags.includes('h')) order = humanValue(a) - humanValue(b);
    else if (flags.includes('V')) order = a.localeCompare(b, 'en', { numeric: true });
    else {
      const [x, y] = [a, b].map((text) => {
        const trimmed = flags.includes('b') ? text.trimStart() : text;
        return flags.includes('f') ? trimmed.toUpperCase() : trimmed;
      }) as [string, string];
      order = x < y ? -1 : x > y ? 1 : 0;
    }
    return flags.includes('r') ? -order : order;
  };
  const compare = (a: string, b: string): number => {
    for (const key of keys) {
      if (!key) continue;
      const flags = (key[3] ?? '') + (key[5] ?? '') || letters;
      const [from, to, offset] = [Number(key[1]), key[4] ? Number(key[4]) : undefined, key[2] ? Number(key[2]) - 1 : 0];
      const order = compareBy(field(a, from, to, offset), field(b, from, to, offset), flags);
      if (order !== 0) return order;
    }
    if (keys.length > 0) return options.has('u', 'unique', 's') ? 0 : compareBy(a, b, letters.includes('r') ? 'r' : '');
    const order = compareBy(a, b, letters);
    return order !== 0 || options.has('u', 'unique', 's') ? order : compareBy(a, b, letters.includes('r') ? 'r' : '');
  };
  const lines: string[] = [];
  const read = forEachFile(
    options.rest.length > 0 ? options.rest : ['-'],
    context,
    (file, reason) => (isBusybox(context) ? `${file}: ${reason}` : `cannot read: ${file}: ${reason}`),
    (file) => {
      lines.push(...linesOf(inputs(context, [file])[0]!.text));
      return undefined;
    },
  );
  if (read.code) return { ...read, code: 2 };
  const sorted = lines.sort(compare);
  const text = unlines(
    options.has('u', 'unique')
      ? sorted.filter((line, index) => index === 0 || compare(sorted[index - 1]!, line) !== 0)
      : sorted,
  );
  const output = options.value('o', 'output');
  if (output === undefined) return ok(text);
  context.machine.files.write(context.path(output), text);
  return ok('');
};

const humanValue = (text: string) =>
  (Number.parseFloat(text) || 0) *
  1024 ** ('KMGTP'.indexOf((/[kKMGTP]/.exec(text.trim())?.[0] ?? '').toUpperCase() || ' ') + 1);

const uniq: Tool = (context) => {
  const options = parseOptions(context, 'cduif:s:w:', ['count', 'repeated', 'unique', 'ignore-case']);
  const groups: { line: string; count: number }[] = [];
  const key = (line: string) => {
    const skipped = Number(options.value('f') ?? 0);
    const text = skipped ? line.replace(new RegExp(`^(\\s*\\S+){0,${skipped}}`), '') : line;
    return options.has('i', 'ignore-case') ? text.toLowerCase() : text;
  };
  for (const line of linesOf(inputs(context, options.rest.slice(0, 1))[0]!.text)) {
    const last = groups.at(-1);
    if (last && key(last.line) === key(line)) last.count++;
    else groups.push({ line, count: 1 });
  }
  const chosen = groups.filter(({ count }) =>
    options.has('d', 'repeated') ? count > 1 : options.has('u', 'unique') ? count === 1 : true,
  );
  return ok(
    unlines(
      chosen.map(({ line, count }) => (options.has('c', 'count') ? `${String(count).padStart(7)} ${line}` : line)),
    ),
  );
};

/** `1,3-5,7-` as a test. */
function ranges(list: string): (index: number) => boolean {
  const spans = list.split(',').map((part) => {
    const [from, to] = part.split('-') as [string, string?];
    return [
      Number(from || 1),
      to === undefined ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to),
    ] as const;
  });
  return (index) => spans.some(([from, to]) => index >= from && index <= to);
}

const cut: Tool = (context) => {
  const options = parseOptions(context, 'd:f:c:b:sn', [
    'delimiter:',
    'fields:',
    'characters:',
    'bytes:',
    'only-delimited',
    'output-delimiter:',
    'complement',
  ]);
  const delimiter = options.value('d', 'delimiter') ?? '\t';
  const fields = options.value('f', 'fields');
  const chars = options.value('c', 'b', 'characters', 'bytes');
  if (fields === undefined && chars === undefined)
    return fail(
      isBusybox(context)
        ? 'cut: expected a list of bytes, characters, or fields\n'
        : "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n",
    );
  const within = ranges((fields ?? chars)!);
  const wanted = options.has('complement') ? (index: number) => !within(index) : within;
  return filter(context, options.rest, (text) =>
    unlines(
      linesOf(text).flatMap((line) => {
        if (chars !== undefined) return [[...line].filter((_, index) => wanted(index + 1)).join('')];
        if (!line.includes(delimiter)) return options.has('s', 'only-delimited') ? [] : [line];
        return [
          line
            .split(delimiter)
            .filter((_, index) => wanted(index + 1))
            .join(options.value('output-delimiter') ?? delimiter),
        ];
      }),
    ),
  );
};

const SETS: Record<string, string> = {
  upper: 'A-Z',
  lower: 'a-z',
  digit: '0-9',
  alpha: 'A-Za-z',
  alnum: 'A-Za-z0-9',
  space: ' \\t\\n\\r\\v\\f',
  blank: ' \\t',
  punct: '!-/:-@[-`{-~',
};

function expandSet(set: string): string[] {
  const text = set
    .replace(/\[:([a-z]+):\]/g, (_, name: string) => SETS[name] ?? '')
    .replace(
      /\\(n|t|r|\\|0|[0-7]{3})/g,
      (_, code: string) =>
        ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' })[code] ?? String.fromCharCode(Number.parseInt(code, 8)),
    );
  const chars: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i + 1] === '-' && i + 2 < text.length) {
      for (let code = text.charCodeAt(i); code <= text.charCodeAt(i + 2); code++) chars.push(String.fromCharCode(code));
      i += 2;
    } else chars.push(text[i]!);
  }
  return chars;
}

const tr: Tool = (context) => {
  const options = parseOptions(context, 'dscCt', ['delete', 'squeeze-repeats', 'complement']);
  const [first = '', second = ''] = options.rest;
  const from = expandSet(first);
  const to = expandSet(second);
  const complement = options.has('c', 'C', 'complement');
  const inFirst = (char: string) => from.includes(char) !== complement;
  let out = '';
  for (const char of context.stdin) {
    if (options.has('d', 'delete')) {
      if (!inFirst(char)) out += char;
      continue;
    }
    const mapped =
      inFirst(char) && to.length > 0 ? (complement ? to.at(-1)! : (to[from.indexOf(char)] ?? to.at(-1)!)) : char;
    const squeezes = options.has('s', 'squeeze-repeats') && (to.length > 0 ? to.includes(mapped) : inFirst(mapped));
    if (!(squeezes && out.endsWith(mapped))) out += mapped;
  }
  return ok(out);
};

/** A basic or extended regular expression in JavaScript's notation. */
export function toRegExp(pattern: string, extended: boolean, flags = ''): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '[') {
      let end = i + 1;
      if (pattern[end] === '^') end++;
      if (pattern[end] === ']') end++;
      while (end < pattern.length && pattern[end] !== ']')
        end = pattern.startsWith('[:', end) ? pattern.indexOf(':]', end) + 2 : end + 1;
      const body = pattern.slice(i + 1, end);
      source += `[${body
        .replace(/\[:([a-z]+):\]/g, (_, name: string) =>
          name === 'space' ? '\\s' : (SETS[name] ?? '').replace(/[[\]]/g, '\\$&'),
        )
        .replace(/^(\^?)\]/, '$1\\]')
        .replace(/\[/g, '\\[')
        .replace(/\\\\\[/g, '\\[')}]`;
      i = end;
    } else if (char === '\\') {
      const next = pattern[++i] ?? '\\';
      if (!extended && '(){}|+?'.includes(next)) source += next;
      else if (next === '<' || next === '>') source += '\\b';
      else if (next === '`') source += '^';
      else if (/[wWsSbBdn1-9t]/.test(next)) source += `\\${next}`;
      else source += /[a-zA-Z]/.test(next) ? next : `\\${next}`;
    } else if (!extended && '(){}|+?'.includes(char)) source += `\\${char}`;
    else if (!extended && char === '*' && (i === 0 || /\\\($/.test(pattern.slice(0, i)))) source += '\\*';
    else if (char === '{' && extended && !/^\{[0-9]*,?[0-9]*\}/.test(pattern.slice(i))) source += '\\{';
    else source += char;
  }
  return new RegExp(source, flags);
}

const grep: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'EFGPivclLnqsohHrRwxe:f:m:A:B:C:azUI', [
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
  const limit = Number(options.value('m', 'max-count') ?? Number.POSITIVE_INFINITY);
  const around = options.value('C', 'context');
  const after = Number(options.value('A', 'after-context') ?? around ?? 0);
  const before = Number(options.value('B', 'before-context') ?? around ?? 0);
  let stderr = '';
  const recursive = options.has('r', 'R', 'recursive');
  const targets = recursive
    ? (files.length > 0 ? files : ['.']).flatMap((root) => filesBelow(context, root))
    : files.length > 0
      ? files
      : ['-'];
  const named = (targets.length > 1 || recursive || options.has('H')) && !options.has('h', 'no-filename');
  let stdout = '';
  let found = false;
  for (const target of targets) {
    let text: string;
    try {
      text = inputs(context, [target])[0]!.text;
    } catch (error) {
      if (!(error as { code?: string }).code) throw error;
      const code = (error as { code: string }).code;
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
      if (hits.length > 0) stdout += `${target}\n`;
      continue;
    }
    if (options.has('L')) {
      if (hits.length === 0) stdout += `${target}\n`;
      continue;
    }
    if (options.has('c', 'count')) {
      stdout += `${label ? `${label}:` : ''}${hits.length}\n`;
      continue;
    }
    const numbered = options.has('n', 'line-number');
    const prefix = (index: number, mark: string) =>
      (label ? label + mark : '') + (numbered ? `${index + 1}${mark}` : '');
    if (only) {
      if (!inverted)
        for (const index of hits)
          for (const expression of expressions)
            for (const match of lines[index]!.match(expression) ?? [])
              if (match) stdout += `${prefix(index, ':')}${match}\n`;
      continue;
    }
    const hit = new Set(hits);
    let last = -1;
    for (const [index, line] of lines.entries()) {
      const near = hit.has(index) || hits.some((at) => index > at - before - 1 && index < at + after + 1);
      if (!near) continue;
      if ((after > 0 || before > 0) && last >= 0 && index > last + 1) stdout += '--\n';
      last = index;
      stdout += `${prefix(index, hit.has(index) ? ':' : '-')}${line}\n`;
    }
  }
  return { stdout, stderr, code: stderr && !(found && options.has('q')) ? 2 : found ? 0 : 1 };
};

function filesBelow(context: ToolContext, root: string): string[] {
  const stat = context.machine.files.stat(context.path(root));
  if (stat?.type !== 'directory') return [root];
  return context.machine.files
    .list(context.path(root))
    .flatMap((name) => filesBelow(context, root === '.' ? name : `${root.replace(/\/$/, '')}/${name}`));
}

const seq: Tool = (context) => {
  const args = context.argv.slice(1);
  let separator = '\n';
  let wide = false;
  while (args[0] && /^-[swf]/.test(args[0])) {
    const option = args.shift()!;
    if (option.startsWith('-s')) separator = option.slice(2) || args.shift()!;
    else if (option === '-w') wide = true;
  }
  const bad = args.find((arg) => Number.isNaN(Number(arg)));
  if (bad !== undefined || args.length === 0)
    return fail(
      args.length === 0
        ? isBusybox(context)
          ? 'seq: missing operand\n'
          : "seq: missing operand\nTry 'seq --help' for more information.\n"
        : isBusybox(context)
          ? `seq: invalid number '${bad}'\n`
          : `seq: invalid floating point argument: '${bad}'\nTry 'seq --help' for more information.\n`,
    );
  const numbers = args.map(Number);
  const [from, step, to] =
    numbers.length === 1
      ? [1, 1, numbers[0]!]
      : numbers.length === 2
        ? [numbers[0]!, 1, numbers[1]!]
        : (numbers as [number, number, number]);
  const digits = Math.max(...args.map((arg) => (arg.split('.')[1] ?? '').length));
  const values: string[] = [];
  for (let i = 0; values.length < 1_000_000; i++) {
    const value = from + i * step;
    if (step > 0 ? value > to + 1e-9 : value < to - 1e-9) break;
    values.push(value.toFixed(digits));
  }
  const width = wide ? Math.max(...values.map((value) => value.length)) : 0;
  return ok(values.length > 0 ? `${values.map((value) => value.padStart(width, '0')).join(separator)}\n` : '');
};

const base64: Tool = (context) => {
  const options = parseOptions(context, 'dDw:i', ['decode', 'wrap:', 'ignore-garbage']);
  return filter(context, options.rest, (text) => {
    if (options.has('d', 'D', 'decode')) {
      if (/[^A-Za-z0-9+/=\s]/.test(text))
        throw new ToolError(isBusybox(context) ? 'truncated base64 input' : 'invalid input');
      return Buffer.from(text, 'base64').toString('utf8');
    }
    const encoded = Buffer.from(text, 'utf8').toString('base64');
    const width = Number(options.value('w', 'wrap') ?? 76);
    return width > 0 ? unlines(encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []) : encoded;
  });
};

const checksum =
  (algorithm: string): Tool =>
  (context) => {
    const options = parseOptions(context, 'cbtsw', ['check']);
    return filter(
      context,
      options.rest,
      (text, name) => `${createHash(algorithm).update(text, 'utf8').digest('hex')}  ${name}\n`,
    );
  };

const expr: Tool = (context) => {
  const args = context.argv.slice(1);
  let at = 0;
  const number = (text: string) => {
    if (!/^-?[0-9]+$/.test(text))
      throw new ToolError(isBusybox(context) ? 'non-numeric argument' : 'non-integer argument', 2);
    return BigInt(text);
  };
  const primary = (): string => {
    const word = args[at++];
    if (word === undefined)
      throw new ToolError(
        isBusybox(context) ? 'syntax error' : `syntax error: missing argument after '${args.at(-1)}'`,
        2,
      );
    if (word === '(') {
      const value = level(0);
      at++;
      return value;
    }
    if (word === 'length') return String(primary().length);
    if (word === 'substr') {
      const [text, from, length] = [primary(), Number(primary()), Number(primary())];
      return text.slice(from - 1, from - 1 + length);
    }
    if (word === 'index') {
      const [text, chars] = [primary(), primary()];
      return String([...text].findIndex((char) => chars.includes(char)) + 1);
    }
    return word;
  };
  const operations: Record<string, (a: string, b: string) => string> = {
    '|': (a, b) => (a !== '' && a !== '0' ? a : b || '0'),
    '&': (a, b) => (a !== '' && a !== '0' && b !== '' && b !== '0' ? a : '0'),
    '=': (a, b) => String(Number(a === b)),
    '==': (a, b) => String(Number(a === b)),
    '!=': (a, b) => String(Number(a !== b)),
    '<': (a, b) => String(Number(/^-?\d+$/.test(a + b) ? number(a) < number(b) : a < b)),
    '<=': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) <= number(b) : a <= b)),
    '>': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) > number(b) : a > b)),
    '>=': (a, b) => String(Number(/^-?\d+$/.test(a) ? number(a) >= number(b) : a >= b)),
    '+': (a, b) => String(number(a) + number(b)),
    '-': (a, b) => String(number(a) - number(b)),
    '*': (a, b) => String(number(a) * number(b)),
    '/': (a, b) => String(divided(number(a), number(b), false)),
    '%': (a, b) => String(divided(number(a), number(b), true)),
    ':': (a, b) => {
      const match = toRegExp(`^${b.replace(/^\^/, '')}`, false).exec(a);
      return match ? (match.length > 1 ? (match[1] ?? '') : String(match[0].length)) : b.includes('\\(') ? '' : '0';
    },
  };
  const divided = (a: bigint, b: bigint, rest: boolean) => {
    if (b === 0n) throw new ToolError('division by zero', 2);
    return rest ? a % b : a / b;
  };
  const levels = [['|'], ['&'], ['=', '==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], [':']];
  const level = (depth: number): string => {
    if (depth === levels.length) return primary();
    let value = level(depth + 1);
    while (args[at] !== undefined && levels[depth]!.includes(args[at]!)) {
      const operator = args[at++]!;
      value = operations[operator]!(value, level(depth + 1));
    }
    return value;
  };
  if (args.length === 0)
    return fail(
      isBusybox(context)
        ? 'expr: too few arguments\n'
        : "expr: missing operand\nTry 'expr --help' for more information.\n",
      2,
    );
  const value = level(0);
  if (at < args.length)
    return fail(
      isBusybox(context) ? 'expr: syntax error\n' : `expr: syntax error: unexpected argument '${args[at]}'\n`,
      2,
    );
  return { stdout: `${value}\n`, stderr: '', code: value === '' || /^-?0+$/.test(value) ? 1 : 0 };
};

/** A filter on lines without options that matter. */
const onLines =
  (flags: string, work: (lines: string[], options: ReturnType<typeof parseOptions>) => string[]): Tool =>
  (context) => {
    const options = parseOptions(context, flags);
    return filter(context, options.rest, (text) => unlines(work(linesOf(text), options)));
  };

const paste: Tool = (context) => {
  const options = parseOptions(context, 'd:s', ['delimiters:', 'serial']);
  const delimiter = (options.value('d', 'delimiters') ?? '\t').replace('\\n', '\n').replace('\\t', '\t');
  const columns = inputs(context, options.rest).map(({ text }) => linesOf(text));
  if (options.has('s', 'serial')) return ok(unlines(columns.map((lines) => lines.join(delimiter))));
  const length = Math.max(...columns.map((lines) => lines.length));
  return ok(unlines(Array.from({ length }, (_, index) => columns.map((lines) => lines[index] ?? '').join(delimiter))));
};

const strings: Tool = (context) =>
  filter(context, context.argv.slice(1), (text) => unlines(text.match(/[\x20-\x7e\t]{4,}/g) ?? []));

/** The shortest script of line changes between two texts, in `diff`'s default or unified form. */
const diff: Tool = (context) => {
  const options = parseOptions(context, 'uqrNbwaiBU:', ['brief', 'unified', 'recursive']);
  const [left = '-', right = '-'] = options.rest;
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
};

const show: Tool = (context) => {
  const files = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  return filter(context, files, (text) => text);
};

export const TEXT_TOOLS: Record<string, Tool> = {
  head: ends(true),
  tail: ends(false),
  wc,
  sort,
  uniq,
  cut,
  tr,
  grep,
  egrep: grep,
  fgrep: grep,
  seq,
  base64,
  md5sum: checksum('md5'),
  sha1sum: checksum('sha1'),
  sha256sum: checksum('sha256'),
  sha512sum: checksum('sha512'),
  expr,
  tac: onLines('', (lines) => lines.reverse()),
  rev: onLines('', (lines) => lines.map((line) => [...line].reverse().join(''))),
  nl: onLines('b:w:s:', (lines) => {
    let number = 0;
    return lines.map((line) => (line === '' ? '       ' : `${String(++number).padStart(6)}\t${line}`));
  }),
  fold: onLines('w:s', (lines, options) =>
    lines.flatMap((line) => line.match(new RegExp(`.{1,${options.value('w') ?? 80}}`, 'g')) ?? ['']),
  ),
  expand: onLines('t:', (lines) => lines.map((line) => line.replaceAll('\t', '        '))),
  paste,
  strings,
  diff,
  less: show,
  more: show,
};
