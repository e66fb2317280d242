import { parseDuration } from '../../base/duration.ts';
import { parseYaml, YamlError } from '../../base/yaml/parse.ts';
import { dialFailure } from '../api-server.ts';
import { socketFailure } from '../crictl/connection.ts';
import type { NodeHost } from '../host.ts';
import { isKubeletFlag } from '../programs/kubelet.ts';
import { commandLine } from './unit-file.ts';
import { kubeletFlags } from './units.ts';

/** Why the kubelet does not do its work. */
export type Ailment =
  /** Its program is not where its unit says. */
  | { kind: 'no-program'; path: string }
  /** Somebody has killed it: `9/KILL`; systemd will start it again. */
  | { kind: 'killed'; status: string }
  /** It ends at once, and says this. */
  | { kind: 'ends'; error: string }
  /** It runs, and cannot reach the API server, for this reason. */
  | { kind: 'cut-off'; server: string; reason: string };

const flag = (argv: string[], name: string): string | undefined => {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return argv[at]!.includes('=') ? argv[at]!.slice(name.length + 3) : argv[at + 1];
};

/** kubeadm's choice. */
const STATIC_PODS = '/etc/kubernetes/manifests';
const noFile = (path: string): string => `open ${path}: no such file or directory`;
const ends = (error: string): Ailment => ({ kind: 'ends', error });

interface Configuration {
  kind?: string;
  apiVersion?: string;
  authentication?: { x509?: { clientCAFile?: string } };
  containerRuntimeEndpoint?: string;
  staticPodPath?: string;
  allowedUnsafeSysctls?: string[];
  shutdownGracePeriod?: string;
  shutdownGracePeriodCriticalPods?: string;
  [field: string]: unknown;
}

const loading = (path: string, why: string): Ailment =>
  ends(
    `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error failed to ${why}`,
  );

async function configurationAilment(host: NodeHost, path: string): Promise<Ailment | Configuration> {
  const { files } = host;
  if (!files.stat(path))
    return loading(path, `read kubelet config file ${JSON.stringify(path)}, error: ${noFile(path)}`);
  let value: Configuration;
  try {
    value = (await parseYaml(files.read(path))) as Configuration;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return loading(path, `decode: yaml: ${error.message.replace(/^(error converting YAML to JSON: )?yaml: /, '')}`);
  }
  if (typeof value !== 'object' || value === null || value.kind !== 'KubeletConfiguration')
    return loading(
      path,
      `decode: no kind ${JSON.stringify(value?.kind ?? '')} is registered for version ${JSON.stringify(value?.apiVersion ?? '')} in scheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme/scheme.go:33"`,
    );
  const ca = value.authentication?.x509?.clientCAFile;
  if (ca && !files.stat(ca))
    return ends(`failed to construct kubelet dependencies: unable to load client CA file ${ca}: ${noFile(ca)}`);
  return value;
}

/** What a kubelet that starts takes from its configuration: where static pods are (nowhere if that names no folder), what pods may set. */
export async function readKubeletConfiguration(host: NodeHost): Promise<void> {
  const words = commandLine(host, 'kubelet');
  const path = flag(words, 'config');
  const configuration = (path === undefined ? {} : await configurationAilment(host, path)) as Configuration;
  const { staticPodPath = '', allowedUnsafeSysctls: configured = [] } = configuration;
  if (staticPodPath !== (host.record().staticPodPath ?? STATIC_PODS)) host.setRecord({ staticPodPath });
  const allowedUnsafeSysctls = flag(words, 'allowed-unsafe-sysctls')?.split(',') ?? configured;
  if (allowedUnsafeSysctls.join() !== (host.record().allowedUnsafeSysctls ?? []).join())
    host.setRecord({ allowedUnsafeSysctls });
  const shutdownGrace = graceOf(configuration);
  if (JSON.stringify(shutdownGrace) !== JSON.stringify(host.record().shutdownGrace)) host.setRecord({ shutdownGrace });
}

/** How long a kubelet has to end its pods, ms; undefined where it has no time. */
function graceOf({ shutdownGracePeriod = '0s', shutdownGracePeriodCriticalPods = '0s' }: Configuration) {
  try {
    const whole = parseDuration(String(shutdownGracePeriod));
    return whole > 0 ? { whole, critical: parseDuration(String(shutdownGracePeriodCriticalPods)) } : undefined;
  } catch {
    // No duration is no time.
    return undefined;
  }
}

function kubeconfigAilment(host: NodeHost, argv: string[]): Ailment | undefined {
  const path = flag(argv, 'kubeconfig');
  if (!path) return undefined;
  const bootstrap = flag(argv, 'bootstrap-kubeconfig');
  if (!host.files.stat(path))
    return ends(
      bootstrap
        ? `failed to run Kubelet: unable to load bootstrap kubeconfig: stat ${bootstrap}: no such file or directory`
        : `failed to run Kubelet: invalid kubeconfig: stat ${path}: no such file or directory`,
    );
  const text = host.files.read(path);
  for (const [key, what] of [
    ['client-certificate', 'client-cert'],
    ['client-key', 'client-key'],
    ['certificate-authority', 'certificate-authority'],
  ] as const) {
    const file = new RegExp(`^\\s*${key}:\\s*(\\S+)\\s*$`, 'm').exec(text)?.[1];
    if (file && !host.files.stat(file))
      return ends(
        `failed to run Kubelet: invalid kubeconfig: invalid configuration: unable to read ${what} ${file} for default-auth due to ${noFile(file)}`,
      );
  }
  const server = /^\s*server:\s*(\S+)/m.exec(text)?.[1];
  if (!server)
    return ends('failed to run Kubelet: invalid configuration: no server found for cluster "default-cluster"');
  // An API server that is down is no matter of the kubelet's own.
  const reason = server.replace(/\/$/, '') === host.apiServer().url ? undefined : dialFailure(host, server);
  return reason === undefined ? undefined : { kind: 'cut-off', server, reason };
}

/** What keeps the kubelet from working, as its unit, its flags and its files are now; undefined if nothing does. */
export async function ailmentOf(host: NodeHost): Promise<Ailment | undefined> {
  const [program = '', ...argv] = commandLine(host, 'kubelet');
  if (!host.files.stat(program)) return { kind: 'no-program', path: program };
  const given = new Set(kubeletFlags(host));
  const unknown = argv.find((word) => word.startsWith('-') && !given.has(word) && !isKubeletFlag(word));
  if (unknown) return ends(`failed to parse kubelet flag: unknown flag: ${unknown.split('=')[0]}`);
  const stray = argv.find((word, i) => !word.startsWith('-') && (i === 0 || argv[i - 1]!.includes('=')));
  if (stray) return ends(`unknown command ${stray}`);
  const path = flag(argv, 'config');
  const configuration = path === undefined ? {} : await configurationAilment(host, path);
  if (
    'kind' in configuration &&
    typeof configuration.kind === 'string' &&
    configuration.kind !== 'KubeletConfiguration'
  )
    return configuration as Ailment;
  const trouble = kubeconfigAilment(host, argv);
  if (trouble?.kind === 'ends') return trouble;
  const endpoint =
    flag(argv, 'container-runtime-endpoint') ??
    ((configuration as Configuration).containerRuntimeEndpoint || undefined);
  const failure =
    endpoint === undefined
      ? undefined
      : socketFailure(host, endpoint.includes('://') ? endpoint : `unix://${endpoint}`);
  if (failure)
    return ends(
      `failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint ${JSON.stringify(endpoint)}: ${failure}`,
    );
  return trouble;
}
