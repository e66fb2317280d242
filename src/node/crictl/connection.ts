import type { FileSystem } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { readUnit, runtimeUnit } from '../systemd/units.ts';
import { type CliValues, logLine } from './cli.ts';

export const CONFIG_FILE = '/etc/crictl.yaml';
const DEFAULT_ENDPOINTS = [
  'unix:///run/containerd/containerd.sock',
  'unix:///run/crio/crio.sock',
  'unix:///var/run/cri-dockerd.sock',
];

/** The flat YAML of crictl.yaml; undefined if there is no such file. */
export function readConfig(files: FileSystem, path = CONFIG_FILE): Record<string, string> | undefined {
  let text: string;
  try {
    text = files.read(path);
  } catch {
    return undefined;
  }
  const pairs = text.split('\n').flatMap((line) => {
    const [, key, value] = /^([\w-]+):\s*"?(.*?)"?\s*$/.exec(line) ?? [];
    return key ? [[key, value ?? ''] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** Why nobody answers at a socket; undefined if the runtime does. */
export function socketFailure(host: NodeHost, endpoint: string): string | undefined {
  const path = endpoint.replace(/^unix:\/\//, '');
  const runtime = host.record().containerRuntimeVersion.split(':')[0]!;
  const sockets: Record<string, string> = {
    containerd: '/run/containerd/containerd.sock',
    'cri-o': '/run/crio/crio.sock',
    docker: '/run/cri-dockerd.sock',
  };
  const unit = runtimeUnit(host);
  const up = !unit || readUnit(host, unit).active === 'active';
  if (path.replace(/^\/var\/run\//, '/run/') === sockets[runtime] && up) return undefined;
  return `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix ${path}: connect: no such file or directory"`;
}

/** What crictl writes before its answer, and whether it has reached a runtime; as it connects to one of its services. */
export function connect(
  host: NodeHost,
  globals: CliValues,
  service: 'runtime' | 'image',
): { stderr: string; failed: boolean } {
  const now = host.now();
  const config = readConfig(host.files, globals.text('config'));
  let stderr = '';
  if (!config && !globals.text('config'))
    stderr += logLine(
      now,
      `Config "${CONFIG_FILE}" does not exist, trying next: "/usr/local/bin/crictl.yaml"`,
      'warning',
    );
  const runtime = globals.text('runtime-endpoint') ?? config?.['runtime-endpoint'];
  const own = globals.text('image-endpoint') ?? config?.['image-endpoint'];
  const endpoint = service === 'image' ? own || runtime : runtime;
  const validate = (at: string): string | undefined => {
    const failure = socketFailure(host, at);
    return failure && `validate service connection: validate CRI v1 ${service} API for endpoint "${at}": ${failure}`;
  };
  if (endpoint) {
    const failure = validate(endpoint);
    return { stderr: failure ? stderr + logLine(now, failure) : stderr, failed: failure !== undefined };
  }
  stderr += logLine(
    now,
    `${service === 'image' ? 'Image' : 'runtime'} connect using default endpoints: [${DEFAULT_ENDPOINTS.join(' ')}]. As the default settings are now deprecated, you should set the endpoint instead.`,
    'warning',
  );
  let last = '';
  for (const at of DEFAULT_ENDPOINTS) {
    const failure = validate(at);
    if (!failure) return { stderr, failed: false };
    last = logLine(now, failure);
    stderr += last;
  }
  return { stderr: stderr + last, failed: true };
}
