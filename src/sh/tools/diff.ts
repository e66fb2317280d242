import { inputs, isBusybox, linesOf, ok, parseOptions, type Tool, unlines } from './tool.ts';

/** The shortest script of line changes between two texts, in `diff`'s default or unified form. */
export const diff: Tool = (context) => {
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
