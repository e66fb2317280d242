import { fail, inputs, isBusybox, linesOf, ok, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** `env [-i] [-u NAME] [NAME=VALUE …] [COMMAND …]` */
const env: Tool = (context) => {
  const args = context.argv.slice(1);
  let environment = { ...context.env };
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    if (option === '-i' || option === '-' || option === '--ignore-environment') environment = {};
    else if (option === '-u') delete environment[args.shift() ?? ''];
    else if (option.startsWith('--unset=')) delete environment[option.slice(8)];
    else if (option === '-S') args.unshift(...(args.shift() ?? '').split(/\s+/));
  }
  while (args[0] && /^[A-Za-z_]\w*=/.test(args[0])) {
    const pair = args.shift()!;
    environment[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1);
  }
  if (args.length > 0) return { ...ok(''), run: args, environment };
  return ok(unlines(Object.entries(environment).map(([name, value]) => `${name}=${value}`)));
};

/** Programs that only run another; `valued`: their options with a value. */
const runs =
  (valued = '', skip = 0): Tool =>
  (context) => {
    const flags = `${[...valued].map((letter) => `${letter}:`).join('')}abcdefghijlmnoqrstvwxyzEHSknp`;
    const options = parseOptions(context, flags, ['preserve-env', 'foreground', 'login', 'user:'], true);
    const run = options.rest.slice(skip).filter((word, index) => index > 0 || !/^\w+=/.test(word));
    return run.length > 0 ? { ...ok(''), run } : ok('');
  };

/** The kind of a quote that is not closed in its line. */
function lonelyQuote(input: string): 'single' | 'double' | undefined {
  for (const line of input.split('\n')) {
    const rest = line.replace(/\\.|"[^"]*"|'[^']*'/g, '');
    const quote = /["']/.exec(rest)?.[0];
    if (quote) return quote === '"' ? 'double' : 'single';
  }
  return undefined;
}

const xargs: Tool = (context: ToolContext) => {
  const options = parseOptions(
    context,
    '0rtxn:I:P:L:d:s:i',
    ['null', 'no-run-if-empty', 'max-args:', 'max-procs:', 'replace:', 'delimiter:'],
    true,
  );
  const command = options.rest.length > 0 ? options.rest : ['echo'];
  const replace = options.value('I', 'replace');
  const delimiter = options.has('0', 'null') ? '\0' : options.value('d', 'delimiter')?.replace('\\n', '\n');
  const input = inputs(context, [])[0]!.text;
  const lonely = delimiter === undefined ? lonelyQuote(input) : undefined;
  if (lonely)
    return fail(
      isBusybox(context)
        ? `xargs: unmatched ${lonely} quote\n`
        : `xargs: unmatched ${lonely} quote; by default quotes are special to xargs unless you use the -0 option\n`,
    );
  const items =
    delimiter !== undefined
      ? input.split(delimiter).filter((item, index, all) => item !== '' || index < all.length - 1)
      : replace !== undefined || options.has('L')
        ? input
            .split('\n')
            .map((line) => line.trim())
            .filter(Boolean)
        : (input.match(/"[^"]*"|'[^']*'|[^\s"']+/g) ?? []).map((item) => item.replace(/^(["'])(.*)\1$/, '$2'));
  if (items.length === 0 && (options.has('r', 'no-run-if-empty') || replace !== undefined || isBusybox(context)))
    return ok('');
  const size = Number(options.value('n', 'max-args') ?? options.value('L') ?? Number.POSITIVE_INFINITY);
  const lines: string[] = [];
  if (replace !== undefined)
    for (const item of items) lines.push(command.map((word) => quote(word.replaceAll(replace, item))).join(' '));
  else
    for (let at = 0; at === 0 || at < items.length; at += size)
      lines.push([...command, ...items.slice(at, Number.isFinite(size) ? at + size : undefined)].map(quote).join(' '));
  const script = `r=0; ${lines.map((line) => `${line} </dev/null || r=123`).join('; ')}; exit $r`;
  return { ...ok(''), run: ['sh', '-c', script, 'xargs'] };
};

const watch: Tool = (context) => {
  const options = parseOptions(context, 'n:td', ['interval:', 'no-title'], true);
  const seconds = options.value('n', 'interval') ?? '2';
  const command = options.rest.join(' ');
  if (command === '')
    return fail(
      isBusybox(context)
        ? 'BusyBox multi-call binary.\n\nUsage: watch [-n SEC] [-t] PROG ARGS\n'
        : 'Usage:\n watch [options] command\n',
    );
  const title = options.has('t', 'no-title') ? '' : `printf 'Every ${seconds}.0s: %s\\n\\n' ${quote(command)}; `;
  return { ...ok(''), run: ['sh', '-c', `while true; do ${title}${command}; sleep ${seconds}; done`] };
};

/** Who somebody of /etc/passwd is to a program: name, home and shell. */
function account(context: ToolContext, name: string): { home: string; shell: string } | undefined {
  const { files } = context.machine;
  const rows = files.stat('/etc/passwd') ? files.read('/etc/passwd') : 'root:x:0:0:root:/root:/bin/sh';
  const row = linesOf(rows)
    .map((line) => line.split(':'))
    .find(([known]) => known === name);
  const shell = row?.[6] ?? '/bin/sh';
  // A machine's shell is there by its name alone.
  return row && { home: row[5] ?? '/', shell: files.stat(shell) ? shell : shell.split('/').at(-1)! };
}

const as = (context: ToolContext, name: string, home: string): Record<string, string> => ({
  ...context.env,
  HOME: home,
  USER: name,
  LOGNAME: name,
});

/** `su [-] [-s SHELL] [-c COMMAND] [USER]` */
const su: Tool = (context) => {
  const args = context.argv.slice(1);
  const valued = (short: string) => {
    const at = args.indexOf(short);
    return at < 0 ? undefined : args.splice(at, 2)[1];
  };
  const command = valued('-c') ?? valued('--command');
  const shell = valued('-s') ?? valued('--shell');
  const login = args.some((arg) => /^(-|-l|--login)$/.test(arg));
  const name = args.find((arg) => !arg.startsWith('-')) ?? 'root';
  const found = account(context, name);
  if (!found)
    return fail(
      isBusybox(context)
        ? `su: unknown user ${name}\n`
        : `su: user ${name} does not exist or the user entry does not contain all the required fields\n`,
    );
  if (context.user.split(':')[0] !== 'root' && context.user !== '0')
    return fail(isBusybox(context) ? 'su: must be suid to work properly\n' : 'Password: su: Authentication failure\n');
  const program = shell ?? found.shell;
  if (/nologin|false$/.test(program))
    return fail(/nologin/.test(program) ? 'This account is currently not available.\n' : '');
  return {
    ...ok(''),
    run: command === undefined ? [program] : [program, '-c', command],
    user: name,
    environment: as(context, name, found.home),
    ...(login && context.machine.files.stat(found.home) && { cwd: found.home }),
  };
};

/** `sudo [-u USER] [-i|-s] [COMMAND …]` */
const sudo: Tool = (context) => {
  const options = parseOptions(
    context,
    'u:g:U:EHSknAbisvlp:h:C:',
    ['user:', 'login', 'shell', 'preserve-env', 'set-home'],
    true,
  );
  const name = options.value('u', 'user') ?? 'root';
  const found = account(context, name);
  if (!found) return fail(`sudo: unknown user ${name}\nsudo: error initializing audit plugin sudoers_audit\n`);
  const words = options.rest.filter((word, index) => index > 0 || !/^\w+=/.test(word));
  const assigned = Object.fromEntries(
    options.rest.slice(0, options.rest.length - words.length).map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
  ) as Record<string, string>;
  const shell = options.has('i', 'login', 's', 'shell');
  if (words.length === 0 && !shell) return ok('');
  return {
    ...ok(''),
    run: shell ? (words.length > 0 ? [found.shell, '-c', words.join(' ')] : [found.shell]) : words,
    user: name,
    environment: { ...as(context, name, found.home), ...assigned },
    ...(options.has('i', 'login') && context.machine.files.stat(found.home) && { cwd: found.home }),
  };
};

const chroot: Tool = (context) => {
  const [root = '/', ...command] = context.argv.slice(1);
  if (root !== '/') {
    const from = context.path(root);
    if (!context.machine.files.stat(from))
      return fail(
        isBusybox(context)
          ? `chroot: can't change root directory to '${root}': No such file or directory\n`
          : `chroot: cannot change root directory to '${root}': No such file or directory\n`,
        isBusybox(context) ? 1 : 125,
      );
  }
  return { ...ok(''), run: command.length > 0 ? command : ['sh', '-i'], cwd: root === '/' ? '/' : context.path(root) };
};

const busybox: Tool = (context) => {
  const [name, ...args] = context.argv.slice(1);
  if (name === undefined || name === '--help')
    return ok('BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n');
  return { ...ok(''), run: [name, ...args] };
};

export const WRAPPERS: Record<string, Tool> = {
  env,
  xargs,
  watch,
  su,
  chroot,
  busybox,
  nohup: runs(),
  setsid: runs(),
  nice: runs('n'),
  ionice: runs('cn'),
  stdbuf: runs('ioe'),
  sudo,
  gosu: runs('', 1),
  'su-exec': runs('', 1),
  tini: runs(),
  'dumb-init': runs(),
  nsenter: (context) => {
    const at = context.argv.indexOf('--');
    const rest =
      at >= 0
        ? context.argv.slice(at + 1)
        : context.argv
            .slice(1)
            .filter((arg, index, all) => !arg.startsWith('-') && !/^-[tSG]$/.test(all[index - 1] ?? ''));
    return { ...ok(''), run: rest.length > 0 ? rest : ['sh'] };
  },
};
