import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';

/** Packages of Kubernetes whose version can be chosen. */
const PACKAGES = ['kubeadm', 'kubelet', 'kubectl'];
const HOLDS = 'apt/holds';
const KUBELETS = 'apt/kubelets';

const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });
const fail = (stderr: string, code = 100): CommandResult => ({ stdout: '', stderr, code });

/** The kubelet that is installed; it runs from its next start on. */
export const installedKubelet = (host: NodeHost): string | undefined =>
  host.state.section<string>(KUBELETS).get(host.name);

const holdsOf = (host: NodeHost): string[] => host.state.section<string[]>(HOLDS).get(host.name) ?? PACKAGES;

/** `1.33.14-1.1`, `1.33.14-*`, `1.33.14` → `v1.33.14` */
const versionOf = (text: string): string | undefined => {
  const match = /^v?(1\.\d+\.\d+)(-.*)?$/.exec(text);
  return match ? `v${match[1]}` : undefined;
};

function install(host: NodeHost, words: string[]): CommandResult {
  const lines = [
    'Reading package lists... Done',
    'Building dependency tree... Done',
    'Reading state information... Done',
  ];
  for (const word of words) {
    const [name = '', wanted] = word.split('=');
    if (!PACKAGES.includes(name)) return fail(`E: Unable to locate package ${name}\n`);
    const version = wanted === undefined ? host.record().kubeletVersion : versionOf(wanted.replace(/^'|'$/g, ''));
    if (!version) return fail(`E: Version '${wanted}' for '${name}' was not found\n`);
    if (name === 'kubeadm') host.setRecord({ kubeadmVersion: version });
    if (name === 'kubelet') host.state.section<string>(KUBELETS).set(host.name, version);
    lines.push(`Setting up ${name} (${version.slice(1)}-1.1) ...`);
  }
  return ok(`${lines.join('\n')}\n`);
}

/** apt-get, apt: the packages of Kubernetes. */
export function apt(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const [verb, ...words] = argv.slice(1).filter((word) => !word.startsWith('-'));
  if (user !== 'root' && verb !== 'list')
    return fail(
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n',
    );
  if (verb === 'update')
    return ok(
      'Hit:1 https://prod-cdn.packages.k8s.io/repositories/isv:/kubernetes:/core:/stable:/v1.33/deb  InRelease\nReading package lists... Done\n',
    );
  if (verb === 'install') return install(host, words);
  return fail(`E: Invalid operation ${verb ?? ''}\n`);
}

/** apt-mark hold, unhold, showhold. */
export function aptMark(host: NodeHost, { argv }: CommandContext): CommandResult {
  const [verb, ...names] = argv.slice(1);
  const before = holdsOf(host);
  if (verb === 'showhold') return ok(before.map((name) => `${name}\n`).join(''));
  if (verb !== 'hold' && verb !== 'unhold') return fail(`E: Invalid operation ${verb ?? ''}\n`);
  const after =
    verb === 'hold' ? [...new Set([...before, ...names])].sort() : before.filter((name) => !names.includes(name));
  host.state.section<string[]>(HOLDS).set(host.name, after);
  return ok(names.map((name) => (verb === 'hold' ? `${name} set on hold.\n` : `Canceled hold on ${name}.\n`)).join(''));
}

/** apt-cache madison: the versions that there are. */
export function aptCache(host: NodeHost, { argv }: CommandContext): CommandResult {
  const [verb, name = ''] = argv.slice(1);
  if (verb !== 'madison' || !PACKAGES.includes(name)) return ok('');
  const [, minor = '33', patch = '0'] = /^v1\.(\d+)\.(\d+)/.exec(host.record().kubeletVersion) ?? [];
  const versions = [Number(patch) + 1, Number(patch)].map((n) => `1.${minor}.${n}-1.1`);
  const where = `https://pkgs.k8s.io/core:/stable:/v1.${minor}/deb  Packages`;
  return ok(versions.map((version) => ` ${name.padStart(10)} | ${version} | ${where}\n`).join(''));
}
