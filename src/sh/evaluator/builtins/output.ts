import { formatPrintf } from '../../tools/printf.ts';
import { strftime } from '../../tools/system.ts';
import type { Builtin } from './builtin.ts';

const ESCAPES: Record<string, string> = {
  '\\': '\\',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** `echo -e`: answers the text and whether `\c` ended it. */
function unescapeEcho(text: string): { text: string; ended: boolean } {
  let ended = false;
  const done = text.replace(
    /\\(0[0-7]{0,3}|x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[\s\S])|[\s\S]/g,
    (whole, code: string | undefined) => {
      if (ended) return '';
      if (code === undefined) return whole;
      if (code === 'c') {
        ended = true;
        return '';
      }
      if (code[0] === '0') return String.fromCharCode(Number.parseInt(code, 8) & 255);
      if (/^[xu]./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return ESCAPES[code] ?? whole;
    },
  );
  return { text: done, ended };
}

export const echo: Builtin = (evaluation, task, args) => {
  const dash = evaluation.outside.flavour === 'dash';
  let newline = true;
  let escapes = dash;
  const rest = [...args];
  while (rest[0] && (dash ? /^-n$/ : /^-[neE]+$/).test(rest[0])) {
    for (const letter of rest.shift()!.slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
  }
  const joined = rest.join(' ');
  const { text, ended } = escapes ? unescapeEcho(joined) : { text: joined, ended: false };
  evaluation.write(task, 1, text + (newline && !ended ? '\n' : ''));
  return 0;
};

/** A format whose only conversion is `%(…)T`, with the time in it: of the argument's seconds, or now. */
const timed = (format: string, [seconds = '-1']: string[], now: number): string =>
  format.replace(/%\(([^)]*)\)T/g, (_, pattern: string) =>
    strftime(pattern || '%H:%M:%S', Number(seconds) < 0 ? now : Number(seconds) * 1000).replaceAll('%', '%%'),
  );

export const printf: Builtin = (evaluation, task, args) => {
  if (args.length === 0) {
    evaluation.complain(
      task,
      evaluation.busybox ? 'printf: usage: printf FORMAT [ARG]...' : 'printf: usage: printf format [arg ...]',
    );
    return 2;
  }
  const named = args[0] === '-v' ? args[1] : undefined;
  const rest = named ? args.slice(2) : args[0] === '--' ? args.slice(1) : args;
  const format = evaluation.outside.flavour === 'bash' ? timed(rest[0]!, rest.slice(1), evaluation.now) : rest[0]!;
  const { text, errors } = formatPrintf(format, format === rest[0] ? rest.slice(1) : []);
  if (named) evaluation.set(task, named, text);
  else evaluation.write(task, 1, text);
  for (const error of errors) evaluation.complain(task, `printf: ${error}`);
  return errors.length > 0 ? 1 : 0;
};
