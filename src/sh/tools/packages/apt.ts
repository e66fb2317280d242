import { FsError } from '../../process.ts';
import { fail, linesOf, ok, type Tool, type ToolContext, type ToolResult, unlines } from '../tool.ts';
import { findPackage, type Package } from './catalogue.ts';
import { Installed, makeFolders } from './installed.ts';
import { reach } from './mirror.ts';

/** Where a release's packages come from. */
interface Release {
  id: string;
  host: string;
  folder: string;
  codename: string;
  /** Lists that `update` fetches: suite, components, MB. */
  lists: [suite: string, kB: number][];
}

const LISTS = '/var/lib/apt/lists';
const OPENED = [
  'Reading package lists... Done',
  'Building dependency tree... Done',
  'Reading state information... Done',
];
/** What dpkg itself says, which -qq leaves. */
const DPKG_LINE = /^(Selecting|Preparing|Unpacking|Setting up|Removing) /;
const STABLE_WARNING = '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n';
const CODENAMES: Record<string, string> = { '10': 'buster', '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };

function releaseOf({ machine }: ToolContext): Release {
  const text = machine.files.stat('/etc/os-release') ? machine.files.read('/etc/os-release') : '';
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  const isUbuntu = value('ID') === 'ubuntu';
  const codename = value('VERSION_CODENAME') || (CODENAMES[value('VERSION_ID')] ?? 'bookworm');
  return isUbuntu
    ? {
        id: 'ubuntu',
        host: 'archive.ubuntu.com',
        folder: 'ubuntu',
        codename,
        lists: [
          ['', 256],
          ['-updates', 126],
          ['-backports', 126],
          ['-security', 126],
        ],
      }
    : {
        id: 'debian',
        host: 'deb.debian.org',
        folder: 'debian',
        codename,
        lists: [
          ['', 151],
          ['-updates', 55],
          ['-security', 48],
        ],
      };
}

/** Nobody but root may touch packages. */
const lock = (name: string): ToolResult =>
  fail(
    `E: Could not open lock file ${name} - open (13: Permission denied)\n${
      name.includes('lists')
        ? `E: Unable to lock directory ${name.replace(/lock$/, '')}\n`
        : 'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n'
    }`,
    100,
  );

const installed = ({ machine }: ToolContext) => new Installed(machine.files, '/var/lib/dpkg/packages');

function update(context: ToolContext): ToolResult {
  if (context.user !== 'root') return lock(`${LISTS}/lock`);
  const { host, folder, codename, lists } = releaseOf(context);
  const unreachable = reach(context, host, 80);
  const suites = lists.map(
    ([suite]) =>
      `http://${host}/${folder}${suite === '-security' && folder === 'debian' ? '-security' : ''} ${codename}${suite}`,
  );
  if (unreachable) {
    const reason =
      unreachable.problem === 'name'
        ? `Temporary failure resolving '${host}'`
        : `Could not connect to ${host}:80 (${unreachable.address}), connection timed out`;
    const rows = suites.map((suite, index) => `Err:${index + 1} ${suite} InRelease\n  ${reason}\n`).join('');
    const warnings = suites
      .map((suite) => `W: Failed to fetch ${suite.replace(' ', '/dists/')}/InRelease  ${reason}\n`)
      .join('');
    return {
      stdout: `${rows}Reading package lists...\n`,
      stderr: `${warnings}W: Some index files failed to download. They have been ignored, or old ones used instead.\n`,
      code: 0,
      after: unreachable.after,
    };
  }
  makeFolders(context.machine.files, LISTS);
  context.machine.files.write(`${LISTS}/${host}_${folder}_dists_${codename}_InRelease`, `Codename: ${codename}\n`);
  const rows = suites.map((suite, index) => `Get:${index + 1} ${suite} InRelease [${lists[index]![1]} kB]\n`);
  const packages = `Get:${rows.length + 1} ${suites[0]}/main amd64 Packages [8793 kB]\n`;
  const total = lists.reduce((sum, [, kB]) => sum + kB, 8793);
  return {
    ...ok(`${rows.join('')}${packages}Fetched ${total} kB in 1s (${total} kB/s)\nReading package lists...\n`),
    after: 1500,
  };
}

const hasLists = ({ machine }: ToolContext): boolean =>
  machine.files.stat(LISTS) !== undefined && machine.files.list(LISTS).some((name) => name.endsWith('InRelease'));

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;

/** Whether somebody said yes: with -y, or at the prompt. */
const isAgreed = (context: ToolContext, flags: string[]): boolean =>
  flags.some((flag) => /^-[a-z]*y/.test(flag) || flag === '--yes' || flag === '--assume-yes') ||
  /^\s*(y|yes)?\s*\n/i.test(context.stdin);

function install(context: ToolContext, words: string[], flags: string[]): ToolResult {
  if (context.user !== 'root') return lock('/var/lib/dpkg/lock-frontend');
  const there = installed(context);
  const found: Package[] = [];
  const lines: string[] = [];
  for (const word of words) {
    const name = word.split('=')[0]!;
    const known = hasLists(context) ? findPackage('deb', name) : undefined;
    const version = there.version(name);
    if (version) lines.push(`${name} is already the newest version (${version}).`);
    else if (known) found.push(known);
    else return { ...fail(`E: Unable to locate package ${name}\n`, 100), stdout: unlines(OPENED) };
  }
  const changes = `0 upgraded, ${found.length} newly installed, 0 to remove and 0 not upgraded.`;
  if (found.length === 0) return ok(unlines([...OPENED, ...lines, changes]));
  const { host, folder, codename } = releaseOf(context);
  const size = found.reduce((sum, each) => sum + each.size, 0);
  lines.push(
    'The following NEW packages will be installed:',
    `  ${found
      .map(({ name }) => name)
      .sort()
      .join(' ')}`,
    changes,
    `Need to get ${kilobytes(size)} of archives.`,
    `After this operation, ${kilobytes(size * 3)} of additional disk space will be used.`,
  );
  if (!isAgreed(context, flags))
    return {
      stdout: `${unlines([...OPENED, ...lines])}Do you want to continue? [Y/n] Abort.\n`,
      stderr: '',
      code: 1,
    };
  const unreachable = reach(context, host, 80);
  if (unreachable) {
    const reason =
      unreachable.problem === 'name'
        ? `Temporary failure resolving '${host}'`
        : `Could not connect to ${host}:80 (${unreachable.address}), connection timed out`;
    return {
      stdout: unlines([...OPENED, ...lines]),
      stderr: `E: Failed to fetch http://${host}/${folder}/pool/main/${found[0]!.name[0]}/${found[0]!.name}/${found[0]!.name}_${found[0]!.version}_amd64.deb  ${reason}\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n`,
      code: 100,
      after: unreachable.after,
    };
  }
  for (const [index, each] of found.entries())
    lines.push(
      `Get:${index + 1} http://${host}/${folder} ${codename}/main amd64 ${each.name} amd64 ${each.version} [${kilobytes(each.size)}]`,
    );
  lines.push(`Fetched ${kilobytes(size)} in 0s (${Math.round(size / 300)} kB/s)`);
  for (const each of found) {
    there.add(each);
    lines.push(
      `Selecting previously unselected package ${each.name}.`,
      `Preparing to unpack .../${each.name}_${each.version}_amd64.deb ...`,
      `Unpacking ${each.name} (${each.version}) ...`,
    );
  }
  for (const { name, version } of found) lines.push(`Setting up ${name} (${version}) ...`);
  return {
    stdout: unlines([...OPENED, ...lines]),
    stderr: 'debconf: delaying package configuration, since apt-utils is not installed\n',
    code: 0,
    after: 2000,
  };
}

function remove(context: ToolContext, words: string[], flags: string[]): ToolResult {
  if (context.user !== 'root') return lock('/var/lib/dpkg/lock-frontend');
  const there = installed(context);
  const lines = [...OPENED];
  const gone = words.filter((name) => there.version(name));
  for (const name of words)
    if (!gone.includes(name)) {
      if (!findPackage('deb', name))
        return { ...fail(`E: Unable to locate package ${name}\n`, 100), stdout: unlines(lines) };
      lines.push(`Package '${name}' is not installed, so not removed`);
    }
  if (gone.length > 0) lines.push('The following packages will be REMOVED:', `  ${gone.join(' ')}`);
  lines.push(`0 upgraded, 0 newly installed, ${gone.length} to remove and 0 not upgraded.`);
  if (gone.length > 0 && !isAgreed(context, flags))
    return { stdout: `${unlines(lines)}Do you want to continue? [Y/n] Abort.\n`, stderr: '', code: 1 };
  for (const name of gone) {
    lines.push(`Removing ${name} (${there.version(name)}) ...`);
    there.remove(name);
  }
  return ok(unlines(lines));
}

/** Verbs of apt that change no package here, with what they print where nothing is left to do. */
const NOTHING_TO_DO: Record<string, string> = {
  upgrade: `${unlines([...OPENED, 'Calculating upgrade... Done'])}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
  autoremove: `${unlines(OPENED)}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
  clean: '',
  autoclean: `${unlines(OPENED)}`,
};

/** `apt-get update|install|remove …` in a container of Debian or Ubuntu: what it installs is what this house has tools for (catalogue.ts). */
export const aptGet: Tool = (context) => {
  const words = context.argv.slice(1).filter((word) => !word.startsWith('-'));
  const flags = context.argv.slice(1).filter((word) => word.startsWith('-'));
  const [verb, ...names] = words;
  const result = run(context, verb, names, flags);
  const warning = context.argv[0] === 'apt' && verb !== undefined ? STABLE_WARNING : '';
  const isSilent = flags.some((flag) => /^-[a-z]*q[a-z]*q/.test(flag)) && result.code === 0;
  const stdout = isSilent ? unlines(linesOf(result.stdout).filter((line) => DPKG_LINE.test(line))) : result.stdout;
  return { ...result, stdout, stderr: warning + result.stderr };
};

function run(context: ToolContext, verb: string | undefined, names: string[], flags: string[]): ToolResult {
  try {
    if (verb === 'update') return update(context);
    if (verb === 'install') return install(context, names, flags);
    if (verb === 'remove' || verb === 'purge') return remove(context, names, flags);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return fail(`E: Unable to write to ${error.path} - (30: Read-only file system)\n`, 100);
  }
  if (verb === undefined) return ok(`apt 2.6.1 (amd64)\nUsage: ${context.argv[0]} [options] command\n`);
  const text = NOTHING_TO_DO[verb];
  return text === undefined ? fail(`E: Invalid operation ${verb}\n`, 100) : ok(text);
}

/** `dpkg -l [NAME]`, `dpkg -s NAME` */
export const dpkg: Tool = (context) => {
  const [verb, ...names] = context.argv.slice(1);
  const there = installed(context);
  const wanted = names.length > 0 ? names : there.names();
  const missing = wanted.filter((name) => there.version(name) === undefined);
  if (verb === '-l' || verb === '--list') {
    if (missing.length > 0)
      return fail(missing.map((name) => `dpkg-query: no packages found matching ${name}\n`).join(''));
    return ok(
      wanted.map((name) => `ii  ${name.padEnd(24)} ${(there.version(name) ?? '').padEnd(16)} amd64\n`).join(''),
    );
  }
  if (verb === '-s' || verb === '--status') {
    if (missing.length > 0)
      return fail(
        missing
          .map((name) => `dpkg-query: package '${name}' is not installed and no information is available\n`)
          .join(''),
      );
    return ok(
      wanted
        .map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: ${there.version(name)}\n`)
        .join(''),
    );
  }
  return fail('dpkg: error: need an action option\n', 2);
};
