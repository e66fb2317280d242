import { readJsonAsset } from '../../base/assets.ts';
import { buildInfo } from '../../base/build-info.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';

/** Flags of the kubelet that people type; those that its configuration file took over are deprecated. */
const FLAGS: [name: string, usage: string][] = [
  ['bootstrap-kubeconfig string', 'A kubeconfig to ask for a certificate with, while there is no other'],
  ['config string', "The kubelet's configuration file"],
  ['container-runtime-endpoint string', 'The socket of the container runtime'],
  ['hostname-override string', "The node's name, if it is not the machine's"],
  ['kubeconfig string', 'A kubeconfig that says how the API server is reached'],
  ['node-ip string', "The node's address"],
  ['node-labels mapStringString', 'Labels that the node is registered with'],
  ['pod-infra-container-image string', 'The image that is never collected (DEPRECATED)'],
  ['register-with-taints []api.Taint', 'Taints that the node is registered with'],
  ['v Level', 'How much is logged'],
  ['version version[=true]', '--version, --version=raw prints version information and quits'],
];
/** Whether the kubelet knows a flag: `--v=2`, `v`. */
export const isKubeletFlag = (word: string): boolean =>
  readJsonAsset<{ kubelet: string[] }>('fixtures/node/flags.json').kubelet.includes(
    word.replace(/^--?/, '').split('=')[0]!,
  );

/** The kubelet's program, started by hand: it tells its version, or why it cannot run. */
export function kubelet(host: NodeHost, { argv }: CommandContext): CommandResult {
  const version = host.record().kubeletVersion;
  const words = argv.slice(1);
  const ok = (stdout: string) => ({ stdout, stderr: '', code: 0 });
  const fail = (error: string): CommandResult => {
    const time = new Date(Math.floor(host.now())).toISOString();
    const head = `E${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000    4793 run.go:72]`;
    return { stdout: '', stderr: `${head} "command failed" err=${JSON.stringify(error)}\n`, code: 1 };
  };
  const unknown = words.find((word) => word.startsWith('-') && word !== '-h' && !isKubeletFlag(word));
  if (unknown) return fail(`failed to parse kubelet flag: unknown flag: ${unknown.split('=')[0]}`);
  if (words.includes('--help') || words.includes('-h')) return ok(help());
  const raw = words.find((word) => word.startsWith('--version'));
  if (raw === '--version=raw') {
    const { major, minor, ...rest } = buildInfo(version);
    const fields = {
      major,
      minor,
      emulationMajor: '',
      emulationMinor: '',
      minCompatibilityMajor: '',
      minCompatibilityMinor: '',
      ...rest,
    };
    const texts = Object.entries(fields).map(
      ([name, value]) => `${name[0]!.toUpperCase()}${name.slice(1)}:${JSON.stringify(value)}`,
    );
    return ok(`version.Info{${texts.join(', ')}}\n`);
  }
  if (raw) return ok(`Kubernetes ${version}\n`);
  const argument = words.find((word, i) => !word.startsWith('-') && (i === 0 || words[i - 1]!.includes('=')));
  if (argument) return fail(`unknown command ${argument}`);
  const at = words.findIndex((word) => word.startsWith('--config'));
  const path = at < 0 ? undefined : (words[at]!.split('=')[1] ?? words[at + 1] ?? '');
  if (path !== undefined && !host.files.stat(path))
    return fail(
      `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error failed to read kubelet config file ${JSON.stringify(path)}, error: open ${path}: no such file or directory`,
    );
  if (host.record().kubelet.active)
    return fail(
      'failed to run Kubelet: failed to start kubelet server: listen tcp 0.0.0.0:10250: bind: address already in use',
    );
  return fail('kubemu runs the kubelet as a service only: systemctl start kubelet');
}

function help(): string {
  const rows = FLAGS.map(([flag, usage]) => `      --${flag}`.padEnd(46) + usage);
  return `The kubelet runs on each node: it starts the pods that are meant for the node, and keeps them running.\n\nUsage:\n  kubelet [flags]\n\nFlags:\n${rows.join('\n')}\n`;
}
