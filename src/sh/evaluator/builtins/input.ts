import { fillArray } from '../arrays.ts';
import type { Evaluation } from '../evaluation.ts';
import type { Task } from '../state.ts';
import type { Builtin } from './builtin.ts';

export const read: Builtin = (evaluation, task, args, frame) => {
  const rest = [...args];
  let raw = false;
  let timeout: number | undefined;
  let count: number | undefined;
  let array: string | undefined;
  let delimiter = '\n';
  let descriptor = 0;
  while (rest[0]?.startsWith('-') && rest[0].length > 1) {
    const option = rest.shift()!;
    if (option.includes('r')) raw = true;
    const valued = /([ptnduNa])(.*)$/.exec(option.slice(1));
    if (!valued) continue;
    const value = valued[2] || rest.shift() || '';
    if (valued[1] === 'a') array = value;
    if (valued[1] === 'd') delimiter = value[0] ?? '\0';
    if (valued[1] === 'u') descriptor = Number(value);
    if (valued[1] === 't') timeout = Number(value);
    if (valued[1]!.toLowerCase() === 'n') count = Number(value);
    if (valued[1] === 'p' && frame.memory === undefined)
      evaluation.write(task, 2, evaluation.group.terminal ? value : '');
  }
  const { text, ended } = evaluation.readable(task, descriptor);
  let line = '';
  let at = 0;
  let complete = false;
  while (at < text.length && !complete) {
    if (count !== undefined && line.length >= count) break;
    const char = text[at++]!;
    if (char === delimiter) complete = true;
    else if (char === '\\' && !raw) {
      const next = text[at++];
      if (next !== '\n' && next !== undefined) line += `\0${next}`;
    } else line += char;
  }
  if (count !== undefined && line.length >= count) complete = true;
  if (!complete && !ended) {
    if (timeout === undefined) {
      frame.memory ??= 'waiting';
      return 'blocked';
    }
    const deadline = Number(frame.memory ?? evaluation.now + timeout * 1000);
    if (evaluation.now < deadline) {
      frame.memory = String(deadline);
      return 'blocked';
    }
    at = 0;
    line = '';
  }
  evaluation.consume(task, descriptor, at);
  if (array) fillArray(task.variables, array, fieldsOf(line, evaluation.get(task, 'IFS') ?? ' \t\n'));
  else assignFields(evaluation, task, rest, line);
  return complete ? 0 : 1;
};

/** The fields of a line: blank space of IFS counts once, any other character of it each time. */
function fieldsOf(line: string, ifs: string): string[] {
  const inClass = (characters: string[]) =>
    characters.map((char) => char.replace(/[\]\\^-]/, '\\$&')).join('') || '^\\s\\S';
  const blank = inClass([...ifs].filter((char) => ' \t\n'.includes(char)));
  const other = inClass([...ifs].filter((char) => !' \t\n'.includes(char)));
  const text = line
    .replaceAll('\0', '')
    .replace(new RegExp(`^[${blank}]+|[${blank}]*[${other}]?[${blank}]*$`, 'g'), '');
  return text === '' ? [] : text.split(new RegExp(`[${blank}]*[${other}][${blank}]*|[${blank}]+`));
}

/** `mapfile`, `readarray`: the lines of its input as an array. */
export const mapfile: Builtin = (evaluation, task, args) => {
  const values: Record<string, string> = {};
  const rest = [...args];
  let strips = false;
  while (/^-./.test(rest[0] ?? '')) {
    const [, flags = '', letter, value] = /^-(t*)([dnsOuCc]?)(.*)$/.exec(rest.shift()!) ?? [];
    if (flags) strips = true;
    if (letter) values[letter] = value || (rest.shift() ?? '');
  }
  const descriptor = Number(values.u ?? 0);
  const { text, ended } = evaluation.readable(task, descriptor);
  if (!ended) return 'blocked';
  evaluation.consume(task, descriptor, text.length);
  const end = values.d === undefined ? '\n' : (values.d[0] ?? '\0');
  const pieces = text.split(end);
  const last = pieces.pop()!;
  const all = [...pieces.map((piece) => piece + end), ...(last ? [last] : [])].slice(Number(values.s ?? 0));
  const lines = Number(values.n) ? all.slice(0, Number(values.n)) : all;
  fillArray(
    task.variables,
    rest[0] ?? 'MAPFILE',
    strips ? lines.map((line) => (line.endsWith(end) ? line.slice(0, -1) : line)) : lines,
  );
  return 0;
};

/** Splits a line as `read` does: the last name takes the rest. */
function assignFields(evaluation: Evaluation, task: Task, names: string[], line: string): void {
  const ifs = evaluation.get(task, 'IFS') ?? ' \t\n';
  const plain = (text: string) => text.replaceAll('\0', '');
  if (names.length === 0) {
    evaluation.set(task, 'REPLY', plain(line));
    return;
  }
  const isSpace = (char: string | undefined) => char !== undefined && ' \t\n'.includes(char) && ifs.includes(char);
  let at = 0;
  const skip = () => {
    while (isSpace(line[at])) at++;
  };
  skip();
  names.forEach((name, index) => {
    if (index === names.length - 1) {
      let end = line.length;
      while (end > at && isSpace(line[end - 1]) && line[end - 2] !== '\0') end--;
      evaluation.set(task, name, plain(line.slice(at, end)));
      return;
    }
    const start = at;
    while (at < line.length && (!ifs.includes(line[at]!) || line[at - 1] === '\0')) at++;
    evaluation.set(task, name, plain(line.slice(start, at)));
    skip();
    if (at < line.length && ifs.includes(line[at]!) && !isSpace(line[at])) at++;
    skip();
  });
}
