import { clearArray, elementName, keyOf, keysOf } from '../arrays.ts';
import { assign } from '../commands.ts';
import type { Evaluation } from '../evaluation.ts';
import { arithmetic, leave } from '../frames.ts';
import type { Frame, FrameOf, Task } from '../state.ts';
import { type Builtin, quoted } from './builtin.ts';

export const set: Builtin = (evaluation, task, args) => {
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
export const declare =
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

export const unset: Builtin = (evaluation, task, args) => {
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

export const shift: Builtin = (evaluation, task, args) => {
  const count = Number(args[0] ?? 1);
  if (count > task.args.length - 1) {
    if (evaluation.outside.flavour === 'dash') evaluation.complain(task, "shift: can't shift that many");
    return evaluation.outside.flavour === 'dash' ? 2 : 1;
  }
  task.args = [task.args[0]!, ...task.args.slice(1 + count)];
  return 0;
};

export const getopts: Builtin = (evaluation, task, args) => {
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
