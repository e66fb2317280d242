import { createHash } from 'node:crypto';
import { dd, gzip, hexdump, od, sized, xxd } from './bytes.ts';
import { cmp, diff } from './diff.ts';
import { expr } from './expr.ts';
import { grep } from './grep.ts';
import { formatPrintf } from './printf.ts';
import { sort } from './sort.ts';
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
  ToolError,
  unlines,
} from './tool.ts';
import { tr } from './tr.ts';

/** `-5` as `-n 5`, and tail's `+5`; what follows `-n` is its value. */
const countArgs = ([name, ...args]: string[]) =>
  args.flatMap((arg, index) => {
    if (/^(-[nc]|--lines|--bytes)$/.test(args[index - 1] ?? '')) return [arg];
    if (/^-[0-9]+$/.test(arg)) return ['-n', arg.slice(1)];
    return name === 'tail' && /^\+[0-9]+$/.test(arg) ? ['-n', arg] : [arg];
  });

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

const seq: Tool = (context) => {
  const args = context.argv.slice(1);
  let separator = '\n';
  let wide = false;
  let format: string | undefined;
  while (args[0] && /^-[swf]/.test(args[0])) {
    const option = args.shift()!;
    if (option.startsWith('-s')) separator = option.slice(2) || args.shift()!;
    else if (option === '-w') wide = true;
    else format = option.slice(2) || args.shift()!;
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
    values.push(format === undefined ? value.toFixed(digits) : formatPrintf(format, [value.toFixed(digits)]).text);
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

/** A filter on lines without options that matter. */
const onLines =
  (flags: string, work: (lines: string[], options: ReturnType<typeof parseOptions>) => string[]): Tool =>
  (context) => {
    const options = parseOptions(context, flags);
    return filter(context, options.rest, (text) => unlines(work(linesOf(text), options)));
  };

/** A line whose tabs are blanks up to the next stop. */
function untabbed(line: string, stops: number): string {
  let text = '';
  for (const char of line) text += char === '\t' ? ' '.repeat(stops - (text.length % stops)) : char;
  return text;
}

/** `column -t [-s SEPARATOR] [-o SEPARATOR]` */
const column: Tool = (context) => {
  const options = parseOptions(context, 'ts:o:nx', ['table', 'separator:', 'output-separator:']);
  const lines = inputs(context, options.rest)
    .flatMap(({ text }) => linesOf(text))
    .filter((line) => line.trim() !== '');
  if (!options.has('t', 'table')) return ok(unlines(lines));
  const separator = options.value('s', 'separator');
  const rows = lines.map((line) => (separator === undefined ? line.trim().split(/\s+/) : line.split(separator)));
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const gap = options.value('o', 'output-separator') ?? '  ';
  return ok(
    unlines(rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join(gap))),
  );
};

const paste: Tool = (context) => {
  const options = parseOptions(context, 'd:s', ['delimiters:', 'serial']);
  const delimiter = (options.value('d', 'delimiters') ?? '\t').replace('\\n', '\n').replace('\\t', '\t');
  const dashes = options.rest.filter((file) => file === '-').length;
  const piped = dashes > 1 ? linesOf(context.stdin) : [];
  // Each `-` takes the next line in its turn.
  let turn = 0;
  const columns = options.rest.map((file) => {
    if (file !== '-' || dashes < 2) return linesOf(inputs(context, [file])[0]!.text);
    const own = turn++;
    return piped.filter((_, index) => index % dashes === own);
  });
  if (columns.length === 0) columns.push(linesOf(context.stdin));
  if (options.has('s', 'serial')) return ok(unlines(columns.map((lines) => lines.join(delimiter))));
  const length = Math.max(...columns.map((lines) => lines.length));
  return ok(unlines(Array.from({ length }, (_, index) => columns.map((lines) => lines[index] ?? '').join(delimiter))));
};

const strings: Tool = (context) =>
  filter(context, context.argv.slice(1), (text) => unlines(text.match(/[\x20-\x7e\t]{4,}/g) ?? []));

const show: Tool = (context) => {
  const files = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  return filter(context, files, (text) => text);
};

/** `envsubst`: what variables stand for, of all or of those that the argument names. */
const envsubst: Tool = ({ stdin, env, argv: [, only] }) =>
  ok(
    stdin.replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (whole, braced: string | undefined, bare: string | undefined) => {
      const name = (braced ?? bare)!;
      return only === undefined || new RegExp(`\\$\\{?${name}\\b`).test(only) ? (env[name] ?? '') : whole;
    }),
  );

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
  nl: onLines('b:w:s:', (lines, options) => {
    let number = 0;
    const all = options.value('b') === 'a';
    return lines.map((line) => (line === '' && !all ? '       ' : `${String(++number).padStart(6)}\t${line}`));
  }),
  fold: onLines('w:s', (lines, options) =>
    lines.flatMap((line) => line.match(new RegExp(`.{1,${options.value('w') ?? 80}}`, 'g')) ?? ['']),
  ),
  expand: onLines('t:', (lines, options) => lines.map((line) => untabbed(line, Number(options.value('t') ?? 8)))),
  column,
  paste,
  strings,
  cmp,
  diff,
  envsubst,
  dd,
  od,
  hexdump,
  hd: hexdump,
  xxd,
  truncate: sized,
  fallocate: sized,
  gzip,
  gunzip: gzip,
  zcat: gzip,
  less: show,
  more: show,
};
