import { type CliCommand, type CliFlag, commandHelp, logLine, rpcLine, UsageError } from '../cli.ts';
import { byId, containersOf, sandboxesOf } from '../records.ts';

/** Flags of the commands that stream. */
export const STREAMING: CliFlag[] = [
  { name: 'tls-ca', type: 'string', usage: 'Path to the streaming TLS CA certificate' },
  { name: 'tls-cert', type: 'string', usage: 'Path to the streaming TLS certificate' },
  { name: 'tls-key', type: 'string', usage: 'Path to the streaming TLS key' },
  {
    name: 'tls-sni',
    alias: 'tls-server-name',
    type: 'string',
    usage: 'Server name used in the TLS client to check server certificates against',
    default: '"localhost"',
  },
  {
    name: 'transport',
    alias: 'r',
    type: 'string',
    usage: 'Transport protocol to use, one of: spdy|websocket',
    default: '"spdy"',
  },
];

const attach: CliCommand = {
  name: 'attach',
  summary: 'Attach to a running container',
  arguments: 'CONTAINER-ID',
  flags: [
    { name: 'stdin', alias: 'i', type: 'bool', usage: 'Keep STDIN open' },
    { name: 'tty', alias: 't', type: 'bool', usage: 'Allocate a pseudo-TTY' },
    ...STREAMING,
  ],
  run({ host, args }) {
    if (!args[0]) throw new UsageError('ID cannot be empty');
    const container = byId(containersOf(host), args[0], 'container');
    if (container.state !== 'running')
      throw new UsageError(
        `attaching running container failed: container is in CONTAINER_${container.state.toUpperCase()} state`,
      );
    throw new UsageError(
      `kubemu cannot attach a terminal to a container from its node: crictl logs -f ${args[0]} shows its output`,
    );
  },
};

const portForward: CliCommand = {
  name: 'port-forward',
  summary: 'Forward local port to a pod',
  arguments: 'POD-ID [LOCAL_PORT:]REMOTE_PORT',
  flags: STREAMING,
  run({ host, args }) {
    const [id, ...ports] = args;
    if (!id || ports.length === 0) return { stdout: commandHelp(portForward, true), stderr: '', code: 0 };
    if (!sandboxesOf(host).some((s) => s.id.startsWith(id))) {
      const error = `rpc error: code = NotFound desc = failed to find sandbox ${JSON.stringify(id)}: not found`;
      const klog = rpcLine(
        host.now(),
        'remote_runtime.go:730',
        'PortForward from runtime service failed',
        error,
        `podSandboxID=${JSON.stringify(id)}`,
      );
      return { stdout: '', stderr: klog + logLine(host.now(), `port forward: ${error}`), code: 1 };
    }
    throw new UsageError('kubemu cannot forward ports from a node: curl reaches the address of the pod itself');
  },
};

export const streaming: CliCommand[] = [attach, portForward];
