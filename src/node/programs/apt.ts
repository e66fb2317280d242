import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok, unlines } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { dpkg as dpkgOf, statusOf } from './dpkg.ts';
import {
  addPackage,
  CHOSEN,
  type InstalledPackage,
  installedPackages,
  noteVersion,
  removePackage,
  versionOnDisk,
} from './packages.ts';

const HOLDS = 'apt/holds';
const SOURCE = '/etc/apt/sources.list.d/kubernetes.list';

const fail = (stderr: string, code = 100, stdout = ''): CommandResult => ({ stdout, stderr, code });

/** The kubelet that is installed; it runs from its next start on. */
export const installedKubelet = (host: NodeHost): string | undefined => `v${versionOnDisk(host, 'kubelet')}`;

/** What somebody has held or let go; a machine of kubeadm's begins with its packages held. */
const chosenHolds = (host: NodeHost): string[] | undefined => host.state.section<string[]>(HOLDS).get(host.name);
const holdsOf = (host: NodeHost): string[] => chosenHolds(host) ?? CHOSEN;

/** `1.33.14-1.1`, `1.33.14-*`, `1.33.14` → `1.33.14` */
const versionOf = (text: string): string | undefined => /^v?(1\.\d+\.\d+)(-.*)?$/.exec(text)?.[1];

/** The minor version that the machine's source of packages serves: `1.33`. */
function served(host: NodeHost): string {
  const own = versionOnDisk(host, 'kubeadm').split('.').slice(0, 2).join('.');
  const text = host.files.stat(SOURCE)?.type === 'file' ? host.files.read(SOURCE) : '';
  return /core:\/stable:\/v(1\.\d+)\/deb/.exec(text)?.[1] ?? own;
}

const repository = (host: NodeHost): string =>
  `https://prod-cdn.packages.k8s.io/repositories/isv:/kubernetes:/core:/stable:/v${served(host)}/deb`;

/** The versions of Kubernetes that there are, the newest first. */
function available(host: NodeHost): string[] {
  const [, minor, patch = '0'] = versionOnDisk(host, 'kubelet').split('.');
  const newest = served(host) === `1.${minor}` ? Number(patch) + 1 : 3;
  return Array.from({ length: newest + 1 }, (_, i) => `${served(host)}.${newest - i}`);
}

const OPENED = [
  'Reading package lists... Done',
  'Building dependency tree... Done',
  'Reading state information... Done',
];

const count = (upgraded: number, fresh = 0, left = 0): string =>
  `${upgraded} upgraded, ${fresh} newly installed, 0 to remove and ${left} not upgraded.`;

/** What apt says of packages that were not there. */
function unpacked(fresh: InstalledPackage[]): string[] {
  const size = fresh.reduce((sum, { size: own }) => sum + own, 0);
  const archive = ({ name, version }: InstalledPackage) => `${name}_${version.replace(':', '%3a')}_amd64.deb`;
  const packed = (kilobytes: number) => (kilobytes * 0.3).toFixed(1);
  return [
    'The following NEW packages will be installed:',
    `  ${fresh.map(({ name }) => name).join(' ')}`,
    count(0, fresh.length),
    `Need to get ${packed(size)} kB of archives.`,
    `After this operation, ${size} kB of additional disk space will be used.`,
    ...fresh.map(
      ({ name, version, size: own }, i) =>
        `Get:${i + 1} http://archive.ubuntu.com/ubuntu noble/main amd64 ${name} amd64 ${version} [${packed(own)} kB]`,
    ),
    `Fetched ${packed(size)} kB in 0s (410 kB/s)`,
    ...fresh.flatMap((one) => [
      `Selecting previously unselected package ${one.name}.`,
      '(Reading database ... 66421 files and directories currently installed.)',
      `Preparing to unpack .../${archive(one)} ...`,
      `Unpacking ${one.name} (${one.version}) ...`,
    ]),
    ...fresh.map(({ name, version }) => `Setting up ${name} (${version}) ...`),
  ];
}

function install(host: NodeHost, words: string[], flags: string[]): CommandResult {
  const changes: { name: string; from: string; to: string }[] = [];
  const fresh: InstalledPackage[] = [];
  const said = [...OPENED];
  for (const word of words) {
    const [name = '', wanted] = word.split('=');
    const there = installedPackages(host).find((one) => one.name === name);
    const added = there ? undefined : addPackage(host, name);
    if (added) {
      fresh.push(added);
      continue;
    }
    if (!there) return fail(`E: Unable to locate package ${name}\n`, 100, unlines(OPENED));
    const from = there.version;
    const own = CHOSEN.includes(name);
    const newest = own && wanted === undefined ? `${available(host)[0]}-1.1` : undefined;
    const version = wanted === undefined ? undefined : versionOf(wanted.replace(/^'|'$/g, ''));
    if (wanted !== undefined && !version)
      return fail(`E: Version '${wanted}' for '${name}' was not found\n`, 100, unlines(OPENED));
    const to = version === undefined ? (newest ?? from) : `${version}-1.1`;
    if (to === from) said.push(`${name} is already the newest version (${from}).`);
    else changes.push({ name, from, to });
  }
  if (fresh.length > 0) said.push(...unpacked(fresh));
  if (changes.length === 0) return ok(unlines(fresh.length > 0 ? said : [...said, count(0)]));
  const held = changes.filter(({ name }) => chosenHolds(host)?.includes(name)).map(({ name }) => name);
  if (held.length > 0) said.push('The following held packages will be changed:', `  ${held.join(' ')}`);
  said.push('The following packages will be upgraded:', `  ${changes.map(({ name }) => name).join(' ')}`);
  said.push(count(changes.length));
  if (held.length > 0 && !flags.includes('--allow-change-held-packages'))
    return fail(
      'E: Held packages were changed and -y was used without --allow-change-held-packages.\n',
      100,
      unlines(said),
    );
  const sizes: Record<string, string> = { kubeadm: '12.5', kubelet: '15.9', kubectl: '11.7' };
  const total = changes.reduce((sum, { name }) => sum + Number(sizes[name] ?? 1), 0).toFixed(1);
  said.push(
    `Need to get ${total} MB of archives.`,
    'After this operation, 41.0 kB of additional disk space will be used.',
  );
  said.push(
    ...changes.map(({ name, to }, i) => `Get:${i + 1} ${repository(host)}  ${name} ${to} [${sizes[name] ?? 1} MB]`),
  );
  said.push(
    `Fetched ${total} MB in 1s (14.2 MB/s)`,
    '(Reading database ... 66421 files and directories currently installed.)',
  );
  for (const { name, from, to } of changes)
    said.push(`Preparing to unpack .../${name}_${to}_amd64.deb ...`, `Unpacking ${name} (${to}) over (${from}) ...`);
  for (const { name, to } of changes) {
    said.push(`Setting up ${name} (${to}) ...`);
    const version = to.replace(/-1\.1$/, '');
    noteVersion(host, name, version);
    if (name === 'kubeadm') host.setRecord({ kubeadmVersion: `v${version}` });
  }
  return ok(unlines(said));
}

function update(host: NodeHost, program: string): CommandResult {
  const said = [`Hit:1 ${repository(host)}  InRelease`, OPENED[0]!];
  const newer = CHOSEN.filter((name) => versionOnDisk(host, name) !== available(host)[0]).length;
  const tail =
    newer === 0
      ? 'All packages are up to date.'
      : `${newer} packages can be upgraded. Run 'apt list --upgradable' to see them.`;
  return ok(unlines(program === 'apt' ? [...said, ...OPENED.slice(1), tail] : said));
}

function list(host: NodeHost, names: string[], flags: string[]): CommandResult {
  const upgradable = flags.includes('--upgradable');
  const said = installedPackages(host)
    .filter(
      ({ name }) =>
        names.length === 0 || names.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)),
    )
    .flatMap(({ name, version, architecture }) => {
      const newest = `${available(host)[0]}-1.1`;
      const older = CHOSEN.includes(name) && newest !== version;
      if (upgradable) return older ? [`${name}/unknown ${newest} ${architecture} [upgradable from: ${version}]`] : [];
      const state = older ? `installed,upgradable to: ${newest}` : 'installed';
      return [`${name}/${CHOSEN.includes(name) ? 'unknown,' : ''}now ${version} ${architecture} [${state}]`];
    });
  return ok(`Listing...${upgradable ? '' : ' Done'}\n${unlines(said)}`);
}

/** Verbs that change nothing here. */
const QUIET: Record<string, string[]> = {
  clean: [],
  autoclean: OPENED,
  autoremove: [...OPENED, count(0)],
  check: OPENED,
};

const STABLE = '\nWARNING: apt does not have a stable CLI interface. Use with caution in scripts.\n\n';
const READING = new Set(['list', 'show', 'search', 'policy', 'madison', 'showhold']);

/** apt-get, apt: the packages of Kubernetes. */
export function apt(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const program = argv[0]!.split('/').at(-1)!;
  const flags = argv.slice(1).filter((word) => word.startsWith('-'));
  const [verb, ...words] = argv.slice(1).filter((word) => !word.startsWith('-'));
  const answered = act(host, program, verb, words, flags, user);
  return program === 'apt' && verb !== undefined ? { ...answered, stderr: STABLE + answered.stderr } : answered;
}

function act(
  host: NodeHost,
  program: string,
  verb: string | undefined,
  words: string[],
  flags: string[],
  user: string,
): CommandResult {
  if (verb === undefined) return ok(`apt 2.8.3 (amd64)\nUsage: ${program} command [options]\n`);
  if (user !== 'root' && !READING.has(verb))
    return fail(
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
    );
  if (verb === 'update') return update(host, program);
  if (verb === 'install') return install(host, words, flags);
  if (verb === 'list' && program === 'apt') return list(host, words, flags);
  if ((verb === 'show' || verb === 'policy') && program === 'apt') return cache(host, verb, words);
  if (verb === 'upgrade' || verb === 'dist-upgrade' || verb === 'full-upgrade') {
    const newer = CHOSEN.filter((name) => versionOnDisk(host, name) !== available(host)[0]);
    const kept = newer.filter((name) => holdsOf(host).includes(name));
    const others = newer.filter((name) => !kept.includes(name));
    if (others.length > 0) return install(host, others, flags);
    const said = kept.length > 0 ? ['The following packages have been kept back:', `  ${kept.join(' ')}`] : [];
    return ok(unlines([...OPENED, 'Calculating upgrade... Done', ...said, count(0, 0, kept.length)]));
  }
  if (verb === 'remove' || verb === 'purge') {
    const missing = words.filter((name) => !installedPackages(host).some((one) => one.name === name));
    if (missing.length > 0)
      return fail(unlines(missing.map((name) => `E: Unable to locate package ${name}`)), 100, unlines(OPENED));
    const removed = words.flatMap((name) => removePackage(host, name) ?? []);
    if (removed.length < words.length) return fail('kubemu: the packages that a machine came with stay on it\n', 1);
    return ok(
      unlines([
        ...OPENED,
        'The following packages will be REMOVED:',
        `  ${removed.map(({ name }) => name).join(' ')}`,
        `0 upgraded, 0 newly installed, ${removed.length} to remove and 0 not upgraded.`,
        `After this operation, ${removed.reduce((sum, { size }) => sum + size, 0)} kB disk space will be freed.`,
        '(Reading database ... 66421 files and directories currently installed.)',
        ...removed.map(({ name, version }) => `Removing ${name} (${version}) ...`),
      ]),
    );
  }
  const quiet = QUIET[verb];
  return quiet ? ok(unlines(quiet)) : fail(`E: Invalid operation ${verb}\n`);
}

/** apt-mark hold, unhold, showhold. */
export function aptMark(host: NodeHost, { argv }: CommandContext): CommandResult {
  const [verb, ...names] = argv.slice(1);
  const before = holdsOf(host);
  if (verb === 'showhold') return ok(unlines(before));
  if (verb !== 'hold' && verb !== 'unhold') return fail(`E: Invalid operation ${verb ?? ''}\n`);
  const unknown = names.filter((name) => !installedPackages(host).some((one) => one.name === name));
  if (unknown.length > 0)
    return fail(`${unlines(unknown.map((name) => `E: Unable to locate package ${name}`))}E: No packages found\n`);
  const after =
    verb === 'hold' ? [...new Set([...before, ...names])].sort() : before.filter((name) => !names.includes(name));
  host.state.section<string[]>(HOLDS).set(host.name, after);
  return ok(
    unlines(
      names.map((name) => {
        const isHeld = before.includes(name);
        if (verb === 'hold')
          return isHeld && chosenHolds(host) ? `${name} was already set on hold.` : `${name} set on hold.`;
        return isHeld ? `Canceled hold on ${name}.` : `${name} was already not on hold.`;
      }),
    ),
  );
}

function cache(host: NodeHost, verb: string, names: string[]): CommandResult {
  const source = `https://pkgs.k8s.io/core:/stable:/v${served(host)}/deb  Packages`;
  const there = installedPackages(host);
  const said = names.flatMap((name) => {
    const found = there.find((one) => one.name === name);
    const versions = CHOSEN.includes(name) ? available(host).map((version) => `${version}-1.1`) : [];
    if (verb === 'madison') return versions.map((version) => ` ${name.padStart(10)} | ${version} | ${source}`);
    if (!found) return verb === 'policy' ? [] : [`N: Unable to locate package ${name}`];
    if (verb === 'show') return [statusOf(found, false)];
    const known = versions.length > 0 ? versions : [found.version];
    return [
      `${name}:`,
      `  Installed: ${found.version}`,
      `  Candidate: ${known[0]}`,
      '  Version table:',
      ...known.flatMap((version) =>
        version === found.version
          ? [` *** ${version} 500`, `        500 ${source}`, '        100 /var/lib/dpkg/status']
          : [`     ${version} 500`, `        500 ${source}`],
      ),
    ];
  });
  return ok(unlines(said));
}

/** apt-cache madison, policy, show: the versions that there are. */
export const aptCache = (host: NodeHost, { argv }: CommandContext): CommandResult => {
  const [verb = '', ...names] = argv.slice(1).filter((word) => !word.startsWith('-'));
  return READING.has(verb) ? cache(host, verb, names) : fail(`E: Invalid operation ${verb}\n`);
};

/** dpkg and dpkg-query. */
export const dpkg = (host: NodeHost, context: CommandContext): CommandResult => dpkgOf(host, context, holdsOf(host));
