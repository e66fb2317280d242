import type { CommandResult } from '../../../sh/process.ts';
import type { SandboxRecord } from '../../../types/node-runtime.ts';
import { containerLog } from '../../container-logs.ts';
import type { NodeHost } from '../../host.ts';
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

/** How often who is attached looks, ms. */
const LOOKS = 500;

/** What a container writes from now on, for as long as it runs. */
function following(host: NodeHost, id: string, seen?: number): CommandResult {
  const { droppedLines = 0, lines = [] } = host.runtime.log(id) ?? {};
  return containerLog(host, id, true, { follow: true }, seen ?? droppedLines + lines.length);
}

/** `8080:80`, `80`, `:80` as a local port and a pod's. Throws in the words of client-go's portforward. */
function portsOf(text: string, index: number): { local: number; remote: number } {
  const parts = text.split(':');
  if (parts.length > 2) throw new UsageError(`unable to create port forwarder: invalid port format '${text}'`);
  const [first = '', second = first] = parts;
  const number = (part: string, which: string) => {
    if (!/^\d+$/.test(part) || Number(part) > 65_535)
      throw new UsageError(
        `unable to create port forwarder: error parsing ${which} port '${part}': strconv.ParseUint: parsing ${JSON.stringify(part)}: ${/^\d+$/.test(part) ? 'value out of range' : 'invalid syntax'}`,
      );
    return Number(part);
  };
  const local = parts.length === 2 && first === '' ? FREE_PORT + index : number(first, 'local');
  const remote = number(second, 'remote');
  if (remote === 0) throw new UsageError('unable to create port forwarder: remote port must be > 0');
  return { local: local || FREE_PORT + index, remote };
}

/** Where ports begin that nobody has chosen. */
const FREE_PORT = 36_881;

function forwarding(host: NodeHost, sandbox: SandboxRecord, words: string[], begun: boolean): CommandResult {
  const ports = words.map(portsOf);
  const address = sandbox.hostNetwork ? host.record().internalIP : sandbox.ip;
  const lines = ports.flatMap(({ local, remote }) =>
    ['127.0.0.1', '[::1]'].map((own) => `Forwarding from ${own}:${local} -> ${remote}\n`),
  );
  return {
    stdout: begun ? '' : lines.join(''),
    stderr: '',
    code: 0,
    again: {
      after: LOOKS,
      memory: true,
      forwards: ports.map(({ local, remote }) => ({ port: local, host: address, to: remote })),
    },
  };
}

const attach: CliCommand = {
  name: 'attach',
  summary: 'Attach to a running container',
  arguments: 'CONTAINER-ID',
  flags: [
    { name: 'stdin', alias: 'i', type: 'bool', usage: 'Keep STDIN open' },
    { name: 'tty', alias: 't', type: 'bool', usage: 'Allocate a pseudo-TTY' },
    ...STREAMING,
  ],
  run({ host, context, args }) {
    if (!args[0]) throw new UsageError('ID cannot be empty');
    const container = byId(containersOf(host), args[0], 'container');
    if (container.state !== 'running')
      throw new UsageError(
        `attaching running container failed: container is in CONTAINER_${container.state.toUpperCase()} state`,
      );
    return following(host, container.id, context.memory as number | undefined);
  },
};

const portForward: CliCommand = {
  name: 'port-forward',
  summary: 'Forward local port to a pod',
  arguments: 'POD-ID [LOCAL_PORT:]REMOTE_PORT',
  flags: STREAMING,
  run({ host, context, args }) {
    const [id, ...ports] = args;
    if (!id || ports.length === 0) return { stdout: commandHelp(portForward, true), stderr: '', code: 0 };
    const sandbox = sandboxesOf(host).find((s) => s.id.startsWith(id));
    if (!sandbox) {
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
    return forwarding(host, sandbox, ports, context.memory !== undefined);
  },
};

export const streaming: CliCommand[] = [attach, portForward];
