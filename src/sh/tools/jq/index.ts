import { FS_MESSAGES } from '../../evaluator/messages.ts';
import { FsError } from '../../process.ts';
import { fail, ok, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import type { Node } from './ast.ts';
import { check } from './check.ts';
import { emptyScope, run, type World } from './evaluate.ts';
import { CompileError, parseJq } from './parser.ts';
import { readValues } from './reader.ts';
import { isObject, JqError, type Json, type Style, truthy, write } from './values.ts';

const VERSION = 'jq-1.7.1';

const HINT =
  'Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq\n';
const USAGE = `Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] --args FILTER [STRINGS...]\n\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]\n\njq runs a filter on JSON from standard input or files, and writes what it gives as JSON.\n\nOptions:\n  -n, --null-input          run the filter once, on null;\n  -R, --raw-input           each line is a string;\n  -s, --slurp               all inputs are one array;\n  -c, --compact-output      one line for each result;\n  -r, --raw-output          strings without quotes;\n  -j, --join-output         the same, without newlines;\n  -a, --ascii-output        other characters escaped;\n  -S, --sort-keys           keys in order;\n      --tab, --indent n     how lines are indented;\n  -f, --from-file file      read the filter from there;\n      --arg name value, --argjson name value,\n      --slurpfile name file, --rawfile name file    set $name;\n      --args, --jsonargs    what follows are values;\n  -e, --exit-status         the status tells of the last result;\n  -V, --version;\n  -h, --help\n`;

interface Call {
  flags: Set<string>;
  style: Style;
  program: string | undefined;
  files: string[];
  variables: Record<string, Json>;
}

/** Long options without a value, and their letters. */
const LETTERS: Record<string, string> = {
  'null-input': 'n',
  'raw-input': 'R',
  slurp: 's',
  'compact-output': 'c',
  'raw-output': 'r',
  'join-output': 'j',
  'ascii-output': 'a',
  'sort-keys': 'S',
  'color-output': 'C',
  'monochrome-output': 'M',
  'exit-status': 'e',
  help: 'h',
  version: 'V',
  'from-file': 'f',
  tab: 'tab',
  unbuffered: 'unbuffered',
};

/** Ends jq before it begins. */
class Refused extends Error {}

function readCall({ argv, path, machine }: ToolContext): Call {
  const flags = new Set<string>();
  const named: Record<string, Json> = {};
  const positional: Json[] = [];
  const files: string[] = [];
  let program: string | undefined;
  let indent = 2;
  let rest: 'files' | 'args' | 'jsonargs' = 'files';
  const words = argv.slice(1);
  const json = (text: string, why: string): Json => {
    const [first, more] = [...readValues(text)];
    if (!first || 'problem' in first || more) throw new Refused(why);
    return first.value;
  };
  const operand = (word: string) => {
    if (program === undefined) program = word;
    else if (rest === 'files') files.push(word);
    else positional.push(rest === 'args' ? word : json(word, `jq: Invalid JSON text passed to --jsonargs\n${HINT}`));
  };
  const valued: Record<string, [count: number, use: (first: string, second: string) => void]> = {
    arg: [2, (name, value) => (named[name] = value)],
    argjson: [2, (name, value) => (named[name] = json(value, `jq: Invalid JSON text passed to --argjson\n${HINT}`))],
    slurpfile: [
      2,
      (name, file) =>
        (named[name] = [...readValues(machine.files.read(path(file)))].flatMap((one) =>
          'value' in one ? [one.value] : [],
        )),
    ],
    rawfile: [2, (name, file) => (named[name] = machine.files.read(path(file)))],
    indent: [1, (count) => (indent = Number(count))],
  };
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') {
      words.splice(0).forEach(operand);
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operand(word);
      continue;
    }
    const long = word.startsWith('--') ? word.slice(2) : undefined;
    if (long === 'args' || long === 'jsonargs') rest = long;
    else if (long !== undefined && valued[long]) {
      const [count, use] = valued[long];
      const given = words.splice(0, count);
      if (given.length < count)
        throw new Refused(
          `jq: --${long} takes ${count === 2 ? 'two parameters' : 'one parameter'} (e.g. --${long} ${count === 2 ? 'varname value' : 'n'})\n${HINT}`,
        );
      use(given[0]!, given[1] ?? '');
    } else if (long !== undefined && LETTERS[long]) flags.add(LETTERS[long]);
    else if (long === undefined && [...word.slice(1)].every((letter) => /[nRscrjaSCMehVf]/.test(letter)))
      for (const letter of word.slice(1)) flags.add(letter);
    else throw new Refused(`jq: Unknown option ${word}\n${HINT}`);
  }
  if (flags.has('f') && program !== undefined) {
    const source = machine.files.read(path(program));
    program = source;
  }
  const style: Style = {
    indent: flags.has('c') ? '' : flags.has('tab') ? '\t' : ' '.repeat(indent),
    sorted: flags.has('S'),
    ascii: flags.has('a'),
  };
  return { flags, style, program, files, variables: { ...named, __named: { named, positional } } };
}

/** What an input is called in messages, and the line that was read last. */
interface Inputs {
  next(): Json | undefined;
  place(): string;
  problems: string[];
}

function inputsOf({ flags, files }: Call, context: ToolContext): Inputs {
  const problems: string[] = [];
  const { machine, path } = context;
  let line = 0;
  let name = '<unknown>';
  function* texts(): Generator<string, void> {
    if (files.length === 0) {
      name = '<stdin>';
      yield context.stdin;
    }
    for (const file of files) {
      try {
        name = file;
        line = 0;
        yield machine.files.read(path(file));
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        problems.push(`jq: error: Could not open file ${file}: ${FS_MESSAGES[error.code]}\n`);
      }
    }
  }
  function* values(): Generator<Json, void> {
    for (const text of texts()) {
      if (flags.has('R')) {
        if (flags.has('s')) yield text;
        else
          for (const row of text.replace(/\n$/, '').split('\n')) {
            line++;
            if (text !== '') yield row;
          }
        continue;
      }
      for (const read of readValues(text)) {
        if ('problem' in read) {
          problems.push(`jq: parse error: ${read.problem}\n`);
          return;
        }
        line = read.line;
        yield read.value;
      }
    }
  }
  const all = flags.has('s') && !flags.has('R') ? slurped(values(), problems) : values();
  return {
    next: () => {
      const { value, done } = all.next();
      return done ? undefined : (value as Json);
    },
    place: () => (name === '<unknown>' ? name : `${name}:${line}`),
    problems,
  };
}

function* slurped(values: Generator<Json, void>, problems: string[]): Generator<Json, void> {
  const all = [...values];
  if (problems.length === 0) yield all;
}

function messageOf({ value }: JqError, place: string): string {
  if (isObject(value) || Array.isArray(value)) return `jq: error (at ${place}) (not a string): ${write(value)}\n`;
  return typeof value === 'string'
    ? `jq: error (at ${place}): ${value}\n`
    : `jq: error (at ${place}) (not a string): ${write(value)}\n`;
}

/** Runs the program on each input. */
function runAll(program: Node, call: Call, context: ToolContext): ToolResult {
  const { flags, style } = call;
  const inputs = inputsOf(call, context);
  let stdout = '';
  let stderr = '';
  let code = 0;
  let last: Json | undefined;
  const world: World = {
    environment: context.env,
    now: () => context.machine.now(),
    next: () => inputs.next(),
    say: (text) => {
      stderr += text;
    },
  };
  const { __named, ...variables } = call.variables;
  const scope = emptyScope(world, { ...variables, ARGS: __named ?? null });
  const raw = flags.has('r') || flags.has('j');
  for (
    let input = flags.has('n') ? null : inputs.next();
    input !== undefined;
    input = flags.has('n') ? undefined : inputs.next()
  ) {
    try {
      for (const { value } of run(program, scope, { value: input })) {
        last = value;
        stdout += raw && typeof value === 'string' ? value : write(value, style);
        if (!flags.has('j')) stdout += '\n';
      }
    } catch (error) {
      if (error instanceof CompileError) throw error;
      const { value } = error as JqError;
      if (!(error instanceof JqError)) {
        if (!(error instanceof RangeError)) throw error;
        return { stdout, stderr: `${stderr}jq: error: the program calls itself too often for kubemu\n`, code: 5 };
      }
      if (isObject(value) && value.__jq === 'halt')
        return { stdout, stderr: stderr + String(value.text), code: Number(value.code) };
      stderr += messageOf(error, inputs.place());
      code = 5;
    }
  }
  const { problems } = inputs;
  if (problems.length > 0) return { stdout, stderr: stderr + problems.join(''), code: 2 };
  if (code === 0 && flags.has('e')) code = last === undefined ? 4 : truthy(last) ? 0 : 1;
  return { stdout, stderr, code };
}

/** jq: a program over JSON. */
export const jq: Tool = (context) => {
  let call: Call;
  try {
    call = readCall(context);
  } catch (error) {
    if (error instanceof Refused) return fail(error.message, 2);
    if (error instanceof FsError)
      return fail(`jq: error: Could not open ${error.path}: ${FS_MESSAGES[error.code]}\n`, 2);
    throw error;
  }
  const { flags, program = '.' } = call;
  if (flags.has('h')) return ok(USAGE);
  if (flags.has('V')) return ok(`${VERSION}\n`);
  try {
    const parsed = parseJq(program);
    check(parsed, {
      functions: new Set(),
      variables: new Set(['ENV', 'ARGS', ...Object.keys(call.variables)]),
      labels: new Set(),
    });
    return runAll(parsed, call, context);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const hint = error.message.startsWith('syntax error') ? ' (Unix shell quoting issues?)' : '';
    return fail(`jq: error: ${error.message}${hint} at <top-level>, line 1:\n${program}\njq: 1 compile error\n`, 3);
  }
};
