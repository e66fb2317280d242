import {
  fail,
  filter,
  inputs,
  isBusybox,
  linesOf,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  ToolError,
  unlines,
} from './tool.ts';

function two(context: ToolContext, files: string[]): [string[], string[]] {
  const [first, second] = files;
  if (first === undefined || second === undefined)
    throw new ToolError(first === undefined ? 'missing operand' : `missing operand after '${first}'`);
  const [a, b] = inputs(context, [first, second]);
  return [linesOf(a!.text), linesOf(b!.text)];
}

/** comm [-123] FILE1 FILE2: lines of sorted files that only one has, or both. */
const comm: Tool = (context) => {
  const options = parseOptions(context, '123', ['nocheck-order']);
  const [a, b] = two(context, options.rest);
  const indent = (column: number) =>
    '\t'.repeat(['1', '2', '3'].slice(0, column - 1).filter((one) => !options.has(one)).length);
  const out: string[] = [];
  const put = (column: number, line: string) => {
    if (!options.has(String(column))) out.push(indent(column) + line);
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a[i]! < b[j]!)) put(1, a[i++]!);
    else if (i >= a.length || b[j]! < a[i]!) put(2, b[j++]!);
    else {
      put(3, a[i++]!);
      j++;
    }
  }
  return ok(unlines(out));
};

/** join [-t CHAR] [-1 FIELD] [-2 FIELD] FILE1 FILE2 */
const join: Tool = (context) => {
  const options = parseOptions(context, 't:1:2:j:a:v:i');
  const [a, b] = two(context, options.rest);
  const separator = options.value('t');
  const split = (line: string) => (separator === undefined ? line.trim().split(/\s+/) : line.split(separator));
  const [left, right] = (['1', '2'] as const).map((name) => Number(options.value(name, 'j') ?? 1) - 1);
  const out = a.flatMap((line) => {
    const fields = split(line);
    const key = fields[left!];
    const found = b.map(split).filter((other) => other[right!] === key);
    const rest = fields.filter((_, index) => index !== left);
    return found.map((other) => [key, ...rest, ...other.filter((_, index) => index !== right)].join(separator ?? ' '));
  });
  return ok(unlines(out));
};

/** shuf [-n COUNT] [-e ARG … | -i LO-HI | FILE]: lines in an order that follows the clock. */
const shuf: Tool = (context) => {
  const options = parseOptions(context, 'n:ei:rz', ['head-count:', 'echo', 'input-range:', 'repeat']);
  const [from, to] = (options.value('i', 'input-range') ?? '').split('-').map(Number);
  const items = options.has('i', 'input-range')
    ? Array.from({ length: Math.max(0, to! - from! + 1) }, (_, i) => String(from! + i))
    : options.has('e', 'echo')
      ? [...options.rest]
      : linesOf(inputs(context, options.rest.slice(0, 1))[0]!.text);
  let seed = Math.floor(context.machine.now()) >>> 0;
  const next = (limit: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % limit;
  };
  for (let i = items.length - 1; i > 0; i--) {
    const other = next(i + 1);
    [items[i], items[other]] = [items[other]!, items[i]!];
  }
  return ok(unlines(items.slice(0, Number(options.value('n', 'head-count') ?? items.length))));
};

const suffix = (index: number, length: number): string =>
  Array.from({ length }, (_, i) => String.fromCharCode(97 + (Math.floor(index / 26 ** (length - 1 - i)) % 26))).join(
    '',
  );

/** split [-l LINES | -b BYTES] [-a LENGTH] [-d] [FILE [PREFIX]] */
const split: Tool = (context) => {
  const options = parseOptions(context, 'l:b:a:dC:', ['lines:', 'bytes:', 'suffix-length:', 'numeric-suffixes']);
  const [file = '-', prefix = 'x'] = options.rest;
  const { text } = inputs(context, [file])[0]!;
  const length = Number(options.value('a', 'suffix-length') ?? 2);
  const size = /^(\d+)([km]?)/i.exec(options.value('b', 'bytes') ?? '');
  const units = size ? [...text] : text.split(/(?<=\n)/).filter((line) => line !== '');
  const each = size
    ? Number(size[1]) * ({ k: 1024, m: 1_048_576 }[size[2]!.toLowerCase()] ?? 1)
    : Number(options.value('l', 'lines') ?? 1000);
  for (let i = 0; i * each < units.length; i++) {
    const name = options.has('d', 'numeric-suffixes') ? String(i).padStart(length, '0') : suffix(i, length);
    context.machine.files.write(context.path(prefix + name), units.slice(i * each, (i + 1) * each).join(''));
  }
  return ok('');
};

/** POSIX' check sum: a CRC over the bytes and their number. */
export function checkSum(bytes: Uint8Array): number {
  let crc = 0;
  const add = (byte: number) => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  };
  for (const byte of bytes) add(byte);
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) add(length & 0xff);
  return ~crc >>> 0;
}

const cksum: Tool = (context) => {
  const options = parseOptions(context, '');
  return filter(context, options.rest, (text, name) => {
    const bytes = Buffer.from(text);
    return `${checkSum(bytes)} ${bytes.length}${name === '-' ? '' : ` ${name}`}\n`;
  });
};

function factors(n: bigint): bigint[] {
  const found: bigint[] = [];
  let rest = n;
  for (let divisor = 2n; divisor * divisor <= rest; divisor += divisor === 2n ? 1n : 2n)
    while (rest % divisor === 0n) {
      found.push(divisor);
      rest /= divisor;
    }
  return rest > 1n ? [...found, rest] : found;
}

const factor: Tool = (context) => {
  const words = context.argv.slice(1);
  const numbers = words.length > 0 ? words : context.stdin.split(/\s+/).filter(Boolean);
  const wrong = numbers.find((word) => !/^\d{1,16}$/.test(word));
  if (wrong !== undefined)
    return fail(
      isBusybox(context)
        ? `factor: invalid number '${wrong}'\n`
        : `factor: '${wrong}' is not a valid positive integer\n`,
    );
  return ok(unlines(numbers.map((word) => `${word}: ${factors(BigInt(word)).join(' ')}`.trimEnd())));
};

/** Tools over lines of several files, and over numbers. */
export const SET_TOOLS: Record<string, Tool> = { cksum, comm, factor, join, shuf, split };
