import { fail, isBusybox, ok, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

const ROOT = '/proc/sys';

function below(context: ToolContext, folder: string): string[] {
  const { files } = context.machine;
  if (files.stat(folder)?.type !== 'directory') return [folder];
  return files.list(folder).flatMap((name) => below(context, `${folder}/${name}`));
}

/** sysctl [-a] [-n] [-w] KEY[=VALUE]: the files below /proc/sys. */
const sysctl: Tool = (context) => {
  const options = parseOptions(context, 'anweqNp');
  const { files } = context.machine;
  const keyOf = (path: string) => path.slice(ROOT.length + 1).replaceAll('/', '.');
  const asked = options.has('a') ? below(context, ROOT).map(keyOf) : options.rest;
  let stdout = '';
  let stderr = '';
  for (const text of asked) {
    const [key = '', value] = text.split('=');
    const path = `${ROOT}/${key.replaceAll('.', '/')}`;
    if (files.stat(path)?.type !== 'file') {
      stderr += isBusybox(context)
        ? `sysctl: error reading key '${key}': No such file or directory\n`
        : `sysctl: cannot stat ${path}: No such file or directory\n`;
      continue;
    }
    if (value !== undefined) {
      // A container's /proc/sys is mounted read-only.
      stderr += isBusybox(context)
        ? `sysctl: error setting key '${key}': Read-only file system\n`
        : `sysctl: setting key "${key}", ignoring: Read-only file system\n`;
      continue;
    }
    const now = files.read(path).trimEnd();
    stdout += options.has('n') ? `${now}\n` : `${key} = ${now}\n`;
  }
  return { stdout, stderr, code: stderr ? 1 : 0 };
};

const dmesg: Tool = (context) =>
  fail(
    isBusybox(context)
      ? 'dmesg: klogctl: Operation not permitted\n'
      : 'dmesg: read kernel buffer failed: Operation not permitted\n',
  );

/** Nobody has logged in to a container. */
const who: Tool = (context) =>
  ok(isBusybox(context) && context.argv[0] === 'who' ? 'USER\t\tTTY\t\tIDLE\tTIME\t\t HOST\n' : '');

const mkfifo: Tool = (context) => fail(`${context.argv[0]}: kubemu's files have no pipes and devices among them\n`);

const EDITORS =
  'kubemu has no editor in its shells: write the file with cat, tee or a here-document, or change it with sed -i';

const editor: Tool = (context) => fail(`${context.argv[0]}: ${EDITORS}\n`);

const ACCOUNTS = '/etc/passwd';

/** adduser, useradd: an account more. */
const adduser: Tool = (context) => {
  const { files } = context.machine;
  const options = parseOptions(context, 'h:g:s:G:SDHu:k:md:rMNc:', [
    'disabled-password',
    'gecos:',
    'uid:',
    'system',
    'home:',
    'shell:',
    'no-create-home',
    'ingroup:',
  ]);
  const [name] = options.rest;
  if (name === undefined) return fail(`${context.argv[0]}: missing operand\n`);
  const rows = files.stat(ACCOUNTS) ? files.read(ACCOUNTS) : '';
  if (new RegExp(`^${name}:`, 'm').test(rows))
    return fail(
      isBusybox(context) ? `adduser: user '${name}' in use\n` : `${context.argv[0]}: user '${name}' already exists\n`,
      isBusybox(context) ? 1 : 9,
    );
  const ids = [...rows.matchAll(/^[^:]*:[^:]*:(\d+):/gm)]
    .map(([, id]) => Number(id))
    .filter((id) => id >= 1000 && id < 60_000);
  const id = options.value('u', 'uid') ?? String(Math.max(999, ...ids) + 1);
  const home = options.value('h', 'd', 'home') ?? `/home/${name}`;
  const shell = options.value('s', 'shell') ?? (isBusybox(context) ? '/bin/sh' : '/bin/bash');
  files.write(ACCOUNTS, `${name}:x:${id}:${id}:Linux User,,,:${home}:${shell}\n`, { append: true });
  files.write('/etc/group', `${name}:x:${id}:\n`, { append: true });
  return ok('');
};

const addgroup: Tool = (context) => {
  const { files } = context.machine;
  const options = parseOptions(context, 'g:Sr', ['gid:', 'system']);
  const [name] = options.rest;
  if (name === undefined) return fail(`${context.argv[0]}: missing operand\n`);
  const rows = files.stat('/etc/group') ? files.read('/etc/group') : '';
  if (new RegExp(`^${name}:`, 'm').test(rows)) return fail(`${context.argv[0]}: group '${name}' in use\n`);
  files.write('/etc/group', `${name}:x:${options.value('g', 'gid') ?? '1001'}:\n`, { append: true });
  return ok('');
};

/** arp: the neighbours that the shell's `ip neigh` knows. */
const arp: Tool = () => ({
  ...ok(''),
  run: ['sh', '-c', `ip neigh | awk '{print "? (" $1 ") at " $5 " [ether]  on " $3}'`],
});

const pstree: Tool = (context) => {
  const rows = context.machine.processes?.() ?? context.processes();
  const named = (command: string) => command.split(' ')[0]!.split('/').at(-1)!;
  const [first, ...others] = rows;
  return ok(first ? unlines([[named(first.command), ...others.map(({ command }) => named(command))].join('---')]) : '');
};

/** What asks the kernel, and who may use the machine. */
export const KERNEL_TOOLS: Record<string, Tool> = {
  addgroup,
  groupadd: addgroup,
  adduser,
  useradd: adduser,
  arp,
  dmesg,
  last: who,
  lsof: () => ok(''),
  mkfifo,
  mknod: mkfifo,
  pstree,
  renice: () => ok(''),
  sysctl,
  users: who,
  who,
  vi: editor,
  vim: editor,
  nano: editor,
  ed: editor,
};
