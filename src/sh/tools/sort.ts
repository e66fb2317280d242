import { forEachFile, inputs, isBusybox, linesOf, ok, parseOptions, type Tool, unlines } from './tool.ts';

/** Sort keys: `2`, `2,3`, `2.1n`, `k2r`. */
export const sort: Tool = (context) => {
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
  if (options.has('c', 'C')) {
    const at = lines.findIndex((line, index) => index > 0 && compare(lines[index - 1]!, line) > 0);
    if (at < 0) return ok('');
    const place = `${options.rest[0] ?? '-'}:${at + 1}`;
    return { stdout: '', stderr: options.has('C') ? '' : `sort: ${place}: disorder: ${lines[at]}\n`, code: 1 };
  }
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
