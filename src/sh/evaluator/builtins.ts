import { formatPrintf } from '../tools/printf.ts';
import { strftime } from '../tools/system.ts';
import { clearArray, elementName, fillArray, keyOf, keysOf } from './arrays.ts';
import { assign, execute, findOnPath, killByPid, resolve, runExternal } from './commands.ts';
import { followed, runTest } from './condition.ts';
import { absolute, type Evaluation, fsMessage } from './evaluation.ts';
import { arithmetic, leave, runText, unwindCall, unwindLoop } from './frames.ts';
import { SIGNALS, signalName } from './signals.ts';
import type { Frame, FrameOf, Task } from './state.ts';

/**
 * A command that is the shell's own. Answers its status; `blocked` to be asked again once something has moved; `taken` when it
 * has changed the stack itself.
 */
type Builtin = (
  evaluation: Evaluation,
  task: Task,
  args: string[],
  frame: FrameOf<'simple'>,
) => number | 'blocked' | 'taken';

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

const echo: Builtin = (evaluation, task, args) => {
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

const cd: Builtin = (evaluation, task, args) => {
  const target = args.find((arg) => !/^-[LP]$/.test(arg)) ?? evaluation.get(task, 'HOME') ?? '/';
  const path = target === '-' ? (evaluation.get(task, 'OLDPWD') ?? task.cwd) : absolute(task.cwd, target);
  const stat = followed(evaluation.machine.files, path);
  if (stat?.type !== 'directory') {
    const message = stat ? 'Not a directory' : 'No such file or directory';
    evaluation.complain(
      task,
      {
        busybox: `cd: can't cd to ${target}: ${message}`,
        dash: `cd: can't cd to ${target}`,
        bash: `cd: ${target}: ${message}`,
      }[evaluation.outside.flavour],
    );
    return evaluation.outside.flavour === 'dash' ? 2 : 1;
  }
  if (target === '-') evaluation.write(task, 1, `${path}\n`);
  task.variables.OLDPWD = { value: task.cwd, exported: true };
  task.cwd = path;
  task.variables.PWD = { value: path, exported: true };
  return 0;
};

const exit: Builtin = (evaluation, task, args) => {
  const text = args[0];
  if (text !== undefined && !/^-?[0-9]+$/.test(text)) {
    evaluation.complain(
      task,
      {
        busybox: `exit: Illegal number: ${text}`,
        dash: `exit: Illegal number: ${text}`,
        bash: `exit: ${text}: numeric argument required`,
      }[evaluation.outside.flavour],
    );
    leave(evaluation, task, 2);
    return 'taken';
  }
  const trap = task.frames.find(
    (frame: Frame): frame is FrameOf<'text'> => frame.kind === 'text' && frame.status !== undefined,
  );
  leave(evaluation, task, text === undefined ? (trap?.status ?? task.status) : Number(text));
  return 'taken';
};

const loop =
  (broken: boolean): Builtin =>
  (evaluation, task, args, frame) => {
    if (frame.saved) evaluation.restore(task, frame.saved);
    if (unwindLoop(task, Math.max(1, Number(args[0] ?? 1)), broken)) return 'taken';
    if (evaluation.outside.flavour === 'bash')
      evaluation.complain(
        task,
        `${broken ? 'break' : 'continue'}: only meaningful in a \`for', \`while', or \`until' loop`,
      );
    return 0;
  };

const returns: Builtin = (evaluation, task, args, frame) => {
  const status = args[0] === undefined ? task.status : Number(args[0]) & 255;
  if (frame.saved) evaluation.restore(task, frame.saved);
  const bash = evaluation.outside.flavour === 'bash';
  if (bash && !task.frames.some((one) => one.kind === 'call' || (one.kind === 'text' && one.source))) {
    evaluation.complain(task, "return: can only `return' from a function or sourced script");
    return 2;
  }
  if (!unwindCall(evaluation, task)) {
    leave(evaluation, task, status);
    return 'taken';
  }
  task.status = status;
  return 'taken';
};

const quoted = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;

const set: Builtin = (evaluation, task, args) => {
  if (args.length === 0) {
    const lines = Object.entries(task.variables)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([name, { value }]) =>
          `${name}=${evaluation.outside.flavour === 'bash' && /^[\w/.:=-]*$/.test(value) ? value : quoted(value)}\n`,
      );
    evaluation.write(task, 1, lines.join(''));
    return 0;
  }
  const names: Record<string, string> = {
    errexit: 'e',
    xtrace: 'x',
    nounset: 'u',
    noglob: 'f',
    pipefail: 'p',
    allexport: 'a',
  };
  const rest = [...args];
  const toggle = (letter: string, on: boolean) => {
    task.options = task.options.replaceAll(letter, '') + (on ? letter : '');
  };
  while (rest[0] !== undefined && /^[-+]./.test(rest[0])) {
    const option = rest.shift()!;
    if (option === '--') {
      task.args = [task.args[0]!, ...rest];
      return 0;
    }
    const on = option[0] === '-';
    for (const letter of option.slice(1)) {
      if (letter === 'o') {
        const name = rest.shift();
        if (name !== undefined && !names[name]) {
          evaluation.complain(
            task,
            {
              busybox: `set: illegal option -o ${name}`,
              dash: `set: Illegal option -o ${name}`,
              bash: `set: ${name}: invalid option name`,
            }[evaluation.outside.flavour],
          );
          if (evaluation.outside.flavour === 'dash') leave(evaluation, task, 2);
          return evaluation.outside.flavour === 'dash' ? 'taken' : 2;
        }
        if (name !== undefined) toggle(names[name]!, on);
      } else if ('exufa'.includes(letter)) toggle(letter, on);
    }
  }
  if (rest.length > 0) task.args = [task.args[0]!, ...rest];
  return 0;
};

/** `export`, `readonly`, `local`, `declare`: an attribute or a scope for variables. */
const declare =
  (attribute: 'exported' | 'readonly' | undefined, local = false): Builtin =>
  (evaluation, task, args, frame) => {
    const call = local
      ? task.frames.findLast((frame: Frame): frame is FrameOf<'call'> => frame.kind === 'call')
      : undefined;
    const bash = evaluation.outside.flavour === 'bash';
    if (bash && frame.words?.[0] === 'local' && !call) {
      evaluation.complain(task, 'local: can only be used in a function');
      return 1;
    }
    const options = args.filter((arg) => arg.startsWith('-'));
    const has = (letter: string) => bash && local && options.some((option) => option.includes(letter));
    if (has('p') || (has('F') && !has('f')) || has('f')) return told(evaluation, task, args, has('p'));
    const own = options.some((option) => option.includes('x'))
      ? 'exported'
      : options.some((option) => option.includes('r'))
        ? 'readonly'
        : attribute;
    const given = args.filter((arg) => !arg.startsWith('-'));
    if (given.length === 0 && attribute) {
      const lines = Object.entries(task.variables)
        .filter(([, variable]) => variable[attribute])
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const word =
        attribute === 'exported'
          ? { bash: 'declare -x', dash: 'export', busybox: 'export' }[evaluation.outside.flavour]
          : 'readonly';
      evaluation.write(
        task,
        1,
        lines
          .map(
            ([name, { value }]) =>
              `${word} ${name}=${evaluation.outside.flavour === 'bash' ? JSON.stringify(value) : quoted(value)}\n`,
          )
          .join(''),
      );
      return 0;
    }
    for (const word of given) {
      const [, name, append, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:(\+?)=([\s\S]*))?$/.exec(word) ?? [];
      if (name === undefined) {
        evaluation.complain(
          task,
          {
            busybox: `export: ${word}: bad variable name`,
            dash: `export: ${word}: bad variable name`,
            bash: `export: \`${word}': not a valid identifier`,
          }[evaluation.outside.flavour],
        );
        return evaluation.outside.flavour === 'bash' ? 1 : 2;
      }
      if (call && !(name in call.saved)) {
        for (const variable of Object.keys(task.variables)) {
          if (!variable.startsWith(`${name}[`)) continue;
          call.saved[variable] = task.variables[variable]!;
          delete task.variables[variable];
        }
        call.saved[name] = task.variables[name] ?? null;
        task.variables[name] = { value: '' };
      }
      if (evaluation.outside.flavour === 'bash' && local && options.some((option) => /^-\w*[aA]/.test(option))) {
        if (options.some((option) => option.includes('A'))) task.variables[name] = { value: '', words: true };
        else if (!task.variables[name]?.value) delete task.variables[name];
        continue;
      }
      if (
        value !== undefined &&
        !assign(
          evaluation,
          task,
          name,
          cast((append ? (evaluation.get(task, name) ?? '') : '') + value, {
            number: has('i') && ((text) => String(arithmetic(evaluation, task, text))),
            upper: has('u'),
            lower: has('l'),
          }),
        )
      )
        return 1;
      if (own) {
        if (task.variables[name] ?? own === 'exported')
          task.variables[name] = { ...(task.variables[name] ?? { value: '' }), [own]: true };
      }
    }
    return 0;
  };

/** A value as its variable's attributes want it. */
function cast(
  value: string,
  { number, upper, lower }: { number: false | ((text: string) => string); upper: boolean; lower: boolean },
): string {
  if (number) return number(value);
  return upper ? value.toUpperCase() : lower ? value.toLowerCase() : value;
}

/** `declare -p`, `-f`, `-F`: what there is of these names. */
function told(evaluation: Evaluation, task: Task, args: string[], variables: boolean): number {
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (!variables) {
    const known = names.length > 0 ? names : Object.keys(task.functions).sort();
    const found = known.filter((name) => task.functions[name]);
    const line = (name: string) => (names.length > 0 ? `${name}\n` : `declare -f ${name}\n`);
    evaluation.write(task, 1, found.map(line).join(''));
    return found.length < known.length ? 1 : 0;
  }
  let status = 0;
  for (const name of names) {
    const { value, exported, readonly, words } = task.variables[name] ?? {};
    const isArray = words || Object.keys(task.variables).some((own) => own.startsWith(`${name}[`));
    const flags = `${words ? 'A' : isArray ? 'a' : ''}${readonly ? 'r' : ''}${exported ? 'x' : ''}` || '-';
    const shown = (text: string) => `"${text.replace(/["\\$`]/g, '\\$&')}"`;
    if (isArray) {
      const items = keysOf(task.variables, name).map(
        (key) => `[${key}]=${shown(task.variables[elementName(name, key)]?.value ?? '')}`,
      );
      evaluation.write(
        task,
        1,
        `declare -${flags} ${name}=(${items.join(' ')}${words && items.length > 0 ? ' ' : ''})\n`,
      );
    } else if (value !== undefined) evaluation.write(task, 1, `declare -${flags} ${name}=${shown(value)}\n`);
    else {
      evaluation.complain(task, `declare: ${name}: not found`);
      status = 1;
    }
  }
  return status;
}

const unset: Builtin = (evaluation, task, args) => {
  const functions = args[0] === '-f';
  for (const name of args.filter((arg) => !/^-[fv]$/.test(arg))) {
    const [, array, subscript] = /^([A-Za-z_]\w*)\[(.+)\]$/.exec(name) ?? [];
    if (functions) delete task.functions[name];
    else if (array) {
      const key = keyOf(task.variables, array, subscript!, (text) => Number(arithmetic(evaluation, task, text)));
      delete task.variables[elementName(array, key)];
    } else if (Object.keys(task.variables).some((variable) => variable.startsWith(`${name}[`))) {
      clearArray(task.variables, name);
      delete task.variables[name];
    } else if (task.variables[name]) delete task.variables[name];
    else delete task.functions[name];
  }
  return 0;
};

const shift: Builtin = (evaluation, task, args) => {
  const count = Number(args[0] ?? 1);
  if (count > task.args.length - 1) {
    if (evaluation.outside.flavour === 'dash') evaluation.complain(task, "shift: can't shift that many");
    return evaluation.outside.flavour === 'dash' ? 2 : 1;
  }
  task.args = [task.args[0]!, ...task.args.slice(1 + count)];
  return 0;
};

const read: Builtin = (evaluation, task, args, frame) => {
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
const mapfile: Builtin = (evaluation, task, args) => {
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

const wait: Builtin = (evaluation, task, args) => {
  if (task.pending.length > 0) return 128 + SIGNALS[task.pending[0]!]!;
  const wanted = args.filter((arg) => arg !== '-n').map((arg) => Number(arg.replace('%', '')));
  const pids = args.length > 0 && wanted.length > 0 ? wanted : task.children;
  let status = 0;
  for (const pid of [...pids]) {
    if (!task.children.includes(pid)) {
      status = 127;
      continue;
    }
    const child = evaluation.task(pid);
    if (child && !child.exit) return 'blocked';
    if (wanted.length > 0) status = evaluation.reap(task, pid) ?? 127;
    else evaluation.reap(task, pid);
  }
  if (args[0] === '-n' && task.children.length === 0 && pids.length === 0) return 127;
  return wanted.length > 0 ? status : 0;
};

const kill: Builtin = (evaluation, task, args) => {
  const { flavour } = evaluation.outside;
  if (args[0] === '-l') {
    const names = Object.keys(SIGNALS);
    evaluation.write(
      task,
      1,
      args[1]
        ? `${/^[0-9]+$/.test(args[1]) ? (signalName(Number(args[1]) & 127) ?? args[1]) : (SIGNALS[signalName(args[1]) ?? ''] ?? args[1])}\n`
        : `${names.join(flavour === 'busybox' ? '\n' : ' ')}\n`,
    );
    return 0;
  }
  let signal = 'TERM';
  const rest = [...args];
  if (rest[0]?.startsWith('-') && rest[0] !== '--') {
    const option = rest.shift()!;
    const given = option === '-s' || option === '-n' ? rest.shift()! : option.slice(1);
    const name = signalName(given);
    if (!name) {
      evaluation.complain(
        task,
        {
          busybox: `kill: bad signal name '${given}'`,
          dash: `kill: Illegal option ${option.slice(0, 2)}`,
          bash: `kill: ${given}: invalid signal specification`,
        }[flavour],
      );
      return 1;
    }
    signal = name;
  }
  if (rest[0] === '--') rest.shift();
  if (rest.length === 0) {
    evaluation.complain(
      task,
      flavour === 'busybox'
        ? 'kill: you need to specify whom to kill'
        : 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
    );
    return 1;
  }
  let status = 0;
  for (const word of rest) {
    const job = /^%([0-9]+)$/.exec(word);
    const pid = job ? task.children[Number(job[1]) - 1] : Number(word);
    if (pid === undefined || Number.isNaN(pid)) {
      evaluation.complain(
        task,
        {
          busybox: `kill: invalid number '${word}'`,
          dash: `kill: Illegal number: ${word}`,
          bash: `kill: ${word}: arguments must be process or job IDs`,
        }[flavour],
      );
      status = 1;
    } else if (!killByPid(evaluation, pid, signal)) {
      evaluation.complain(
        task,
        {
          busybox: `kill: can't kill pid ${pid}: No such process`,
          dash: `kill: No such process`,
          bash: `kill: (${pid}) - No such process`,
        }[flavour],
      );
      status = 1;
    }
  }
  return task.exit ? 'taken' : status;
};

/** What bash traps besides signals. */
const PSEUDO_SIGNALS = ['ERR', 'DEBUG', 'RETURN'];

const trap: Builtin = (evaluation, task, args, frame) => {
  const bash = evaluation.outside.flavour === 'bash';
  if (bash && args[0] === '-l') return kill(evaluation, task, ['-l'], frame);
  const asked = bash && args[0] === '-p' ? args.slice(1).map((name) => signalName(name) ?? name) : undefined;
  const rest = asked ? [] : args[0] === '--' ? args.slice(1) : args;
  if (rest.length === 0) {
    const shown = (name: string) => (bash && name in SIGNALS && name !== 'EXIT' ? `SIG${name}` : name);
    evaluation.write(
      task,
      1,
      Object.entries(task.traps)
        .filter(([name]) => !asked?.length || asked.includes(name))
        .map(([name, action]) => `trap -- ${quoted(action)} ${shown(name)}\n`)
        .join(''),
    );
    return 0;
  }
  const only = rest.length === 1 || /^[0-9]+$/.test(rest[0]!);
  const [action, names] = only ? ['-', rest] : [rest[0]!, rest.slice(1)];
  for (const word of names) {
    const name = bash && PSEUDO_SIGNALS.includes(word) ? word : signalName(word);
    if (!name) {
      evaluation.complain(
        task,
        {
          busybox: `trap: ${word}: invalid signal specification`,
          dash: `trap: ${word}: bad trap`,
          bash: `trap: ${word}: invalid signal specification`,
        }[evaluation.outside.flavour],
      );
      return 1;
    }
    if (action === '-') delete task.traps[name];
    else task.traps[name] = action;
  }
  return 0;
};

const exec: Builtin = (evaluation, task, args, frame) => {
  if (args.length === 0) {
    delete frame.saved;
    return 0;
  }
  const argv = args[0] === '-a' ? args.slice(2) : args[0] === '--' ? args.slice(1) : args;
  const failed = execute(evaluation, task, argv, { ...evaluation.environment(task), ...frame.environment });
  if (!failed) return 'taken';
  evaluation.complain(task, `exec: ${failed.message.replace('command not found', 'not found')}`);
  leave(evaluation, task, failed.code);
  return 'taken';
};

const source: Builtin = (evaluation, task, args) => {
  const name = args[0] ?? '';
  const path = name.includes('/')
    ? absolute(task.cwd, name)
    : (findOnPath(evaluation, task, name) ?? absolute(task.cwd, name));
  try {
    const text = evaluation.machine.files.read(path);
    const simple = task.frames.pop() as FrameOf<'simple'>;
    if (simple.saved) evaluation.restore(task, simple.saved);
    runText(evaluation, task, text, { source: true });
    return 'taken';
  } catch (error) {
    evaluation.complain(
      task,
      {
        busybox: `.: can't open '${name}': ${fsMessage(error)}`,
        dash: `.: cannot open ${name}: No such file`,
        bash: `${name}: ${fsMessage(error)}`,
      }[evaluation.outside.flavour],
    );
    return evaluation.outside.flavour === 'bash' ? 1 : 2;
  }
};

const evals: Builtin = (evaluation, task, args, frame) => {
  if (frame.memory) return task.status;
  frame.memory = 'run';
  frame.ran = true;
  task.status = 0;
  runText(evaluation, task, args.join(' '));
  return 'taken';
};

/** Builtins that only bash has. */
export const BASH_BUILTINS = new Set(['builtin', 'pushd', 'popd', 'dirs']);

/** Words of the shell's grammar. */
const KEYWORDS = new Set(
  'if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc'.split(' '),
);

/** `type` and `command -v`. */
const describe =
  (verbose: boolean): Builtin =>
  (evaluation, task, args) => {
    let status = 0;
    const kinds = args[0] === '-t' && evaluation.outside.flavour === 'bash';
    for (const name of args.filter((arg) => !arg.startsWith('-'))) {
      const path = findOnPath(evaluation, task, name);
      const own = task.functions[name] ? 'a function' : Object.hasOwn(BUILTINS, name) ? 'a shell builtin' : undefined;
      const bare = !own && !path && resolve(evaluation, task, name).kind !== 'missing' ? `/usr/bin/${name}` : path;
      if (kinds) {
        const kind = KEYWORDS.has(name) ? 'keyword' : own ? own.split(' ').at(-1)! : bare ? 'file' : undefined;
        if (kind) evaluation.write(task, 1, `${kind}\n`);
        else status = 1;
      } else if (verbose && KEYWORDS.has(name)) evaluation.write(task, 1, `${name} is a shell keyword\n`);
      else if (own || bare)
        evaluation.write(
          task,
          1,
          verbose && args[0] !== '-p' ? `${name} is ${own ?? bare}\n` : `${own ? name : bare}\n`,
        );
      else {
        status = evaluation.busybox || evaluation.outside.flavour === 'dash' ? 127 : 1;
        if (verbose && evaluation.outside.flavour !== 'bash') evaluation.write(task, 1, `${name}: not found\n`);
        else if (verbose) evaluation.complain(task, `type: ${name}: not found`);
      }
    }
    return status;
  };

const command: Builtin = (evaluation, task, args, frame) => {
  if (args[0] === '-v' || args[0] === '-V') return describe(args[0] === '-V')(evaluation, task, args.slice(1), frame);
  const rest = args.filter((arg, index) => index > 0 || arg !== '-p');
  const name = rest[0];
  if (name === undefined) return 0;
  if (Object.hasOwn(BUILTINS, name)) return BUILTINS[name]!(evaluation, task, rest.slice(1), frame);
  frame.ran = true;
  runExternal(evaluation, task, rest, { ...evaluation.environment(task), ...frame.environment });
  return 'taken';
};

const getopts: Builtin = (evaluation, task, args) => {
  const [options = '', name = 'opt'] = args;
  const words = args.length > 2 ? args.slice(2) : task.args.slice(1);
  const index = Number(evaluation.get(task, 'OPTIND') ?? 1);
  const inner = Number(task.variables._OPTPOS?.value ?? 1);
  const word = words[index - 1];
  const end = (value: string, next: number, position = 1) => {
    evaluation.set(task, name, value);
    evaluation.set(task, 'OPTIND', String(next));
    task.variables._OPTPOS = { value: String(position) };
  };
  if (!word?.startsWith('-') || word === '-' || word === '--') {
    end('?', word === '--' ? index + 1 : index);
    return 1;
  }
  const letter = word[inner]!;
  const more = inner + 1 < word.length;
  const place = options.indexOf(letter);
  if (place < 0 || letter === ':') {
    if (options[0] === ':') evaluation.set(task, 'OPTARG', letter);
    else
      evaluation.write(
        task,
        2,
        evaluation.outside.flavour === 'bash'
          ? `${task.args[0]}: illegal option -- ${letter}\n`
          : `Illegal option -${letter}\n`,
      );
    end('?', more ? index : index + 1, more ? inner + 1 : 1);
    return 0;
  }
  if (options[place + 1] !== ':') {
    if (evaluation.outside.flavour === 'bash') delete task.variables.OPTARG;
    end(letter, more ? index : index + 1, more ? inner + 1 : 1);
    return 0;
  }
  const value = more ? word.slice(inner + 1) : words[index];
  if (value === undefined) {
    const silent = options[0] === ':';
    const bash = evaluation.outside.flavour === 'bash';
    if (silent) evaluation.set(task, 'OPTARG', letter);
    else
      evaluation.write(
        task,
        2,
        bash ? `${task.args[0]}: option requires an argument -- ${letter}\n` : `No arg for -${letter} option\n`,
      );
    end(silent ? ':' : '?', index + 1);
    return 0;
  }
  evaluation.set(task, 'OPTARG', value);
  end(letter, more ? index + 1 : index + 2);
  return 0;
};

const test: Builtin = (evaluation, task, args) => runTest(evaluation, task, args);

const bracket: Builtin = (evaluation, task, args) => {
  if (args.at(-1) === ']') return runTest(evaluation, task, args.slice(0, -1));
  evaluation.complain(
    task,
    { busybox: '[: missing ]', dash: '[: missing ]', bash: "[: missing `]'" }[evaluation.outside.flavour],
  );
  return 2;
};

/** A format whose only conversion is `%(…)T`, with the time in it: of the argument's seconds, or now. */
const timed = (format: string, [seconds = '-1']: string[], now: number): string =>
  format.replace(/%\(([^)]*)\)T/g, (_, pattern: string) =>
    strftime(pattern || '%H:%M:%S', Number(seconds) < 0 ? now : Number(seconds) * 1000).replaceAll('%', '%%'),
  );

const printf: Builtin = (evaluation, task, args) => {
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

/** `pushd DIR`, `popd`, `dirs`: the stack of folders, the current one on top. */
const folders: Builtin = (evaluation, task, args, frame) => {
  const [verb = ''] = frame.words ?? [];
  const below = (task.variables._DIRS?.value ?? '').split('\n').filter(Boolean);
  const keep = (stack: string[]) => {
    task.variables._DIRS = { value: stack.join('\n') };
  };
  const before = task.cwd;
  if (verb === 'popd' || (verb === 'pushd' && args.length === 0)) {
    const [next, ...rest] = below;
    if (next === undefined) {
      evaluation.complain(task, verb === 'popd' ? 'popd: directory stack empty' : 'pushd: no other directory');
      return 1;
    }
    if (cd(evaluation, task, [next], frame) !== 0) return 1;
    keep(verb === 'popd' ? rest : [before, ...rest]);
  } else if (verb === 'pushd') {
    if (cd(evaluation, task, args.slice(0, 1), frame) !== 0) return 1;
    keep([before, ...below]);
  }
  const home = evaluation.get(task, 'HOME');
  const stack = [task.cwd, ...(task.variables._DIRS?.value ?? '').split('\n').filter(Boolean)];
  const shown = stack.map((path) =>
    home && (path === home || path.startsWith(`${home}/`)) ? `~${path.slice(home.length)}` : path,
  );
  evaluation.write(task, 1, `${shown.join(' ')}\n`);
  return 0;
};

const nothing: Builtin = () => 0;

/** The shell's own commands by name. */
export const BUILTINS: Record<string, Builtin> = {
  ':': nothing,
  true: nothing,
  false: () => 1,
  echo,
  printf,
  cd,
  chdir: cd,
  pwd: (evaluation, task) => {
    evaluation.write(task, 1, `${task.cwd}\n`);
    return 0;
  },
  exit,
  break: loop(true),
  continue: loop(false),
  return: returns,
  set,
  shift,
  export: declare('exported'),
  readonly: declare('readonly'),
  local: declare(undefined, true),
  declare: declare(undefined, true),
  typeset: declare(undefined, true),
  unset,
  read,
  mapfile,
  readarray: mapfile,
  wait,
  kill,
  trap,
  exec,
  eval: evals,
  '.': source,
  source,
  type: describe(true),
  command,
  getopts,
  test,
  '[': bracket,
  let: (evaluation, task, args) => Number(args.map((text) => arithmetic(evaluation, task, text)).at(-1) === 0n),
  umask: (evaluation, task, args) => {
    const own = task.variables._UMASK?.value ?? '0022';
    if (args.length === 0) evaluation.write(task, 1, `${own}\n`);
    else if (/^[0-7]+$/.test(args[0]!)) task.variables._UMASK = { value: args[0]!.padStart(4, '0').slice(-4) };
    return 0;
  },
  ulimit: (evaluation, task) => {
    evaluation.write(task, 1, 'unlimited\n');
    return 0;
  },
  jobs: (evaluation, task) => {
    const lines = task.children.map(
      (pid, index) =>
        `[${index + 1}]${index === task.children.length - 1 ? '+' : index === task.children.length - 2 ? '-' : ' '}  Running                 ${evaluation.task(pid)?.command ?? ''} &\n`,
    );
    evaluation.write(task, 1, lines.join(''));
    return 0;
  },
  hash: nothing,
  alias: (evaluation, task, args) => {
    const shown = (name: string) => evaluation.write(task, 1, `alias ${name}='${task.aliases![name]}'\n`);
    if (args.length === 0) for (const name of Object.keys(task.aliases ?? {}).sort()) shown(name);
    let status = 0;
    for (const arg of args) {
      const [, name = '', text] = /^([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
      if (text !== undefined) task.aliases = { ...task.aliases, [name]: text.trim() };
      else if (task.aliases?.[name] !== undefined) shown(name);
      else {
        evaluation.complain(task, `alias: ${arg}: not found`);
        status = 1;
      }
    }
    return status;
  },
  unalias: (evaluation, task, args) => {
    const missing = args.filter((name) => name !== '-a' && task.aliases?.[name] === undefined);
    if (evaluation.outside.flavour === 'bash')
      for (const name of missing) evaluation.complain(task, `unalias: ${name}: not found`);
    const kept = Object.entries(task.aliases ?? {}).filter(([name]) => !args.includes(name) && !args.includes('-a'));
    task.aliases = Object.fromEntries(kept);
    return missing.length > 0 ? 1 : 0;
  },
  builtin: (evaluation, task, args, frame) => {
    const [name] = args;
    if (name === undefined) return 0;
    if (Object.hasOwn(BUILTINS, name)) return BUILTINS[name]!(evaluation, task, args.slice(1), frame);
    evaluation.complain(task, `builtin: ${name}: not a shell builtin`);
    return 1;
  },
  pushd: folders,
  popd: folders,
  dirs: folders,
  bg: nothing,
  fg: nothing,
  shopt: nothing,
  history: nothing,
};
