import { FS_MESSAGES } from '../evaluator/messages.ts';
import { FsError } from '../process.ts';
import { fail, filter, isBusybox, ok, parseOptions, type Tool, type ToolContext } from './tool.ts';

/** So much of a file of zeros is really kept; the rest is only its size. */
const KEPT = 4096;
/** Bytes that a simulated disk writes in a second. */
const RATE = 2_100_000_000;

/** Factors of the letters behind a count; with a further B they are powers of 1000. */
const FACTORS = { c: 1, w: 2, b: 512, k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `4k`, `1M`, `10MB`, `512`; undefined for anything else. */
export function byteCount(text: string): number | undefined {
  const [, digits, letter, decimal] = /^(\d+)([cwbkKMGT])?(B|iB)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const factor = letter ? FACTORS[letter as keyof typeof FACTORS] : 1;
  return Number(digits) * (decimal === 'B' && letter ? 1000 ** Math.round(Math.log2(factor) / 10) : factor);
}

/** `10.0MB` of busybox, `10 MB, 10 MiB` of coreutils; coreutils tells small counts in bytes alone. */
function volumeText(bytes: number, busybox: boolean): string {
  const scaled = (base: number, units: string[]) => {
    const power = bytes < base ? 0 : Math.min(units.length, Math.floor(Math.log(bytes) / Math.log(base)));
    const value = bytes / base ** power;
    return [power, value, power === 0 ? '' : units[power - 1]!] as const;
  };
  const [power, value, unit] = scaled(1024, busybox ? ['K', 'M', 'G', 'T'] : ['KiB', 'MiB', 'GiB', 'TiB']);
  if (busybox) return ` (${power === 0 ? bytes : value.toFixed(1)}${unit}B)`;
  const short = (one: number) => (one < 10 ? String(Math.round(one * 10) / 10) : String(Math.round(one)));
  const [, thousands, name] = scaled(1000, ['kB', 'MB', 'GB', 'TB']);
  if (bytes < 1000) return '';
  return power === 0 ? ` (${short(thousands)} ${name})` : ` (${short(thousands)} ${name}, ${short(value)} ${unit})`;
}

/** What a device or a file gives to dd: the text that is kept, and the whole size. */
function source(context: ToolContext, file: string | undefined, wanted: number): { text: string; size: number } {
  const whole = (text: string) => {
    const kept = Buffer.from(text).subarray(0, Math.min(wanted, Buffer.byteLength(text)));
    return { text: kept.toString(), size: kept.length };
  };
  if (file === undefined || file === '/dev/stdin') return whole(context.stdin);
  if (file === '/dev/zero') return { text: '\0'.repeat(Math.min(wanted, KEPT)), size: wanted };
  const path = context.path(file);
  const { files } = context.machine;
  if (/^\/dev\/u?random$/.test(file)) return { text: files.read('/dev/urandom').slice(0, wanted), size: wanted };
  const text = files.read(path);
  const size = Math.min(wanted, files.stat(path)?.size ?? 0);
  return size > Buffer.byteLength(text) ? { text, size } : whole(text);
}

export const dd: Tool = (context) => {
  const operands = Object.fromEntries(context.argv.slice(1).map((word) => word.split(/=(.*)/s, 2)));
  const busybox = isBusybox(context);
  const block = byteCount(operands.bs ?? operands.ibs ?? '512');
  const count = operands.count === undefined ? Number.MAX_SAFE_INTEGER : byteCount(operands.count);
  const wrong = context.argv
    .slice(1)
    .find((word) => !/^(if|of|[io]?bs|count|skip|seek|conv|status|iflag|oflag)=/.test(word));
  if (wrong !== undefined)
    return fail(
      busybox
        ? `dd: invalid argument '${wrong}'\n`
        : `dd: unrecognized operand '${wrong}'\nTry 'dd --help' for more information.\n`,
    );
  if (!block || count === undefined) {
    const value = block ? operands.count : (operands.bs ?? operands.ibs);
    return fail(busybox ? `dd: invalid number '${value}'\n` : `dd: invalid number: '${value}'\n`);
  }
  const failed = (verb: string, file: string, error: FsError) =>
    fail(
      busybox
        ? `dd: can't open '${file}': ${FS_MESSAGES[error.code]}\n`
        : `dd: failed to ${verb} '${file}': ${FS_MESSAGES[error.code]}\n`,
    );
  let read: { text: string; size: number };
  try {
    read = source(context, operands.if, Math.min(block * count, Number.MAX_SAFE_INTEGER));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return failed('open', operands.if!, error);
  }
  const { text, size } = read;
  if (operands.of && operands.of !== '/dev/null') {
    try {
      context.machine.files.write(context.path(operands.of), text, { size });
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      return failed('open', operands.of, error);
    }
  }
  const records = `${Math.floor(size / block)}+${size % block > 0 ? 1 : 0}`;
  const seconds = Math.max(size / RATE, 0.0001);
  const rate = size / seconds;
  const speed = busybox
    ? `${seconds.toFixed(6)} seconds, ${volumeText(rate, true).slice(2, -1)}/s`
    : `${Number(seconds.toPrecision(6))} s, ${volumeText(rate, false).slice(2).split(',')[0]!.replace(')', '')}/s`;
  const told = `${records} records in\n${records} records out\n${operands.status === 'noxfer' ? '' : `${size} bytes${volumeText(size, busybox)} copied, ${speed}\n`}`;
  const stderr = operands.status === 'none' ? '' : told;
  return { stdout: operands.of ? '' : text, stderr, code: 0, after: Math.ceil(seconds * 1000) };
};

/** `truncate -s SIZE FILE…`, `fallocate -l SIZE FILE`. */
export const sized: Tool = (context) => {
  const options = parseOptions(context, 's:l:n:o:c', ['size:', 'length:']);
  const given = options.value('s', 'l', 'size', 'length') ?? '';
  const size = byteCount(given);
  const name = context.argv[0]!;
  if (size === undefined) return fail(`${name}: Invalid number: '${given}'\n`);
  return filterless(context, options.rest, (path) =>
    context.machine.files.write(path, '\0'.repeat(Math.min(size, KEPT)), { size }),
  );
};

function filterless(context: ToolContext, files: string[], work: (path: string) => void) {
  let stderr = '';
  for (const file of files) {
    try {
      work(context.path(file));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      stderr += `${context.argv[0]}: ${file}: ${FS_MESSAGES[error.code]}\n`;
    }
  }
  return { stdout: '', stderr, code: stderr ? 1 : 0 };
}

const hex = (value: number, width: number) => value.toString(16).padStart(width, '0');
const printable = (byte: number) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.');
const rowsOf = (bytes: Buffer, width: number) =>
  Array.from({ length: Math.ceil(bytes.length / width) }, (_, row) => bytes.subarray(row * width, (row + 1) * width));

const ESCAPES: Record<number, string> = {
  0: '\\0',
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
};

/** One cell of od: how many bytes it shows, how wide it is, and how it looks. */
interface Cell {
  bytes: 1 | 2 | 4 | 8;
  width: number;
  show(bytes: Buffer): string;
}

function integer(bytes: Cell['bytes'], kind: string): Cell {
  const widths: Record<string, number[]> = {
    o: [4, 7, 12, 23],
    x: [3, 5, 9, 17],
    d: [5, 7, 12, 21],
    u: [4, 6, 11, 21],
  };
  const width = widths[kind]![Math.log2(bytes)]!;
  const radix = kind === 'o' ? 8 : kind === 'x' ? 16 : 10;
  return {
    bytes,
    width,
    show(part) {
      const whole = Buffer.concat([part, Buffer.alloc(bytes - part.length)]);
      const unsigned = BigInt(`0x${Buffer.from(whole).reverse().toString('hex')}`);
      const value = kind === 'd' ? BigInt.asIntN(bytes * 8, unsigned) : unsigned;
      const text = value.toString(radix);
      return (radix === 10 ? text : text.padStart(width - 1, '0')).padStart(width);
    },
  };
}

const CHARACTERS: Cell = {
  bytes: 1,
  width: 4,
  show: (part) =>
    (
      ESCAPES[part[0]!] ??
      (part[0]! >= 32 && part[0]! < 127 ? String.fromCharCode(part[0]!) : part[0]!.toString(8).padStart(3, '0'))
    ).padStart(4),
};

export const od: Tool = (context) => {
  const options = parseOptions(context, 'A:t:N:j:w:bcdoxivhDX', ['address-radix:', 'format:', 'read-bytes:']);
  const [kind = 'o', size] = /^([doux]|c)(\d|[CSIL])?/.exec(options.value('t', 'format') ?? '')?.slice(1) ?? [];
  const sizes: Record<string, Cell['bytes']> = { C: 1, S: 2, I: 4, L: 8, '1': 1, '2': 2, '4': 4, '8': 8 };
  const cell =
    options.has('c') || kind === 'c'
      ? CHARACTERS
      : options.has('t', 'format')
        ? integer(sizes[size ?? 'I'] ?? 4, kind)
        : options.has('x', 'h')
          ? integer(2, 'x')
          : options.has('i')
            ? integer(4, 'd')
            : options.has('d')
              ? integer(2, 'u')
              : options.has('b')
                ? integer(1, 'o')
                : integer(2, 'o');
  const radix = options.value('A', 'address-radix') ?? 'o';
  const address = (at: number) =>
    radix === 'n' ? '' : at.toString(radix === 'x' ? 16 : radix === 'd' ? 10 : 8).padStart(radix === 'x' ? 6 : 7, '0');
  const limit = byteCount(options.value('N', 'read-bytes') ?? '');
  return filter(context, options.rest, (text) => {
    const bytes = Buffer.from(text).subarray(0, limit);
    const lines = rowsOf(bytes, 16).map(
      (row, index) =>
        address(index * 16) +
        rowsOf(row, cell.bytes)
          .map((part) => cell.show(part))
          .join(''),
    );
    return `${lines.map((line) => `${line}\n`).join('')}${radix === 'n' ? '' : `${address(bytes.length)}\n`}`;
  });
};

export const hexdump: Tool = (context) => {
  const options = parseOptions(context, 'Cn:s:vbcdox');
  const limit = byteCount(options.value('n') ?? '');
  return filter(context, options.rest, (text) => {
    const bytes = Buffer.from(text).subarray(0, limit);
    if (bytes.length === 0) return '';
    const width = options.has('C') ? 8 : 7;
    const lines = rowsOf(bytes, 16).map((row, index) => {
      const start = hex(index * 16, width);
      if (!options.has('C'))
        return (
          start +
          rowsOf(row, 2)
            .map((pair) => ` ${hex(pair[0]! + (pair[1] ?? 0) * 256, 4)}`)
            .join('')
        );
      const cells = Array.from({ length: 16 }, (_, at) => (at < row.length ? hex(row[at]!, 2) : '  '));
      return `${start}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${[...row].map(printable).join('')}|`;
    });
    return `${lines.join('\n')}\n${hex(bytes.length, width)}\n`;
  });
};

export const xxd: Tool = (context) => {
  const options = parseOptions(context, 'pl:c:g:s:ru');
  const limit = byteCount(options.value('l') ?? '');
  return filter(context, options.rest, (text) => {
    const bytes = Buffer.from(text).subarray(0, limit);
    if (options.has('p'))
      return rowsOf(bytes, 30)
        .map((row) => `${row.toString('hex')}\n`)
        .join('');
    return rowsOf(bytes, 16)
      .map((row, index) => {
        const pairs = rowsOf(row, 2)
          .map((pair) => pair.toString('hex'))
          .join(' ');
        return `${hex(index * 16, 8)}: ${pairs.padEnd(39)}  ${[...row].map(printable).join('')}\n`;
      })
      .join('');
  });
};

const GZIP = '\x1f\x8b';

/** gzip, gunzip and zcat: a compressed file is its text behind gzip's mark. */
export const gzip: Tool = (context) => {
  const options = parseOptions(context, 'cdfkqvt123456789', ['stdout', 'decompress', 'keep', 'force']);
  const name = context.argv[0]!;
  const unpacks = name !== 'gzip' || options.has('d', 'decompress');
  const shows = name === 'zcat' || options.has('c', 'stdout');
  const turn = (text: string) => (unpacks ? text.replace(GZIP, '') : GZIP + text);
  if (options.rest.length === 0) return ok(turn(context.stdin));
  let stdout = '';
  const { files } = context.machine;
  const done = filterless(context, options.rest, (path) => {
    const text = turn(files.read(path));
    if (shows) {
      stdout += text;
      return;
    }
    files.write(unpacks ? path.replace(/\.t?gz$/, '') : `${path}.gz`, text);
    if (!options.has('k', 'keep')) files.remove(path);
  });
  return { ...done, stdout };
};
