import type { NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, commandHelp, logLine, rpcLine, UsageError } from '../cli.ts';
import { containersOf } from '../records.ts';
import { TEMPLATE } from './info.ts';

const REGISTRY: CliFlag[] = [
  { name: 'auth', value: 'AUTH_STRING', type: 'string', usage: 'Credentials, encoded as base64 [$CRICTL_AUTH]' },
  { name: 'creds', value: 'USERNAME[:PASSWORD]', type: 'string', usage: 'Credentials of the registry [$CRICTL_CREDS]' },
  { name: 'cancel-timeout', alias: 'T', type: 'string', usage: 'Gives up after so many seconds', default: '0s' },
  { name: 'pull-timeout', alias: 'pt', type: 'string', usage: 'How long a pull may take', default: '0s' },
  { name: 'username', alias: 'u', value: 'USERNAME', type: 'string', usage: 'User of the registry' },
  { name: 'with-pull', type: 'bool', usage: 'Pull the image first, whatever the configuration says' },
  { name: 'no-pull', type: 'bool', usage: 'Do not pull the image, whatever the configuration says' },
];
const SCHEMA: [string, string][] = [['jsonschema, js', 'Display the JSON schema for the pod or container config']];
const OUTPUT: CliFlag = {
  name: 'output',
  alias: 'o',
  type: 'string',
  usage: 'Output format, One of: json|yaml|go-template',
};

/** What an older containerd answers to a method that it does not have. */
function unimplemented(host: NodeHost, method: string, source: string, doing: string): ReturnType<CliCommand['run']> {
  const error = `rpc error: code = Unimplemented desc = unknown method ${method} for service runtime.v1.RuntimeService`;
  const klog = rpcLine(host.now(), source, `${method} from runtime service failed`, error, '');
  return { stdout: '', stderr: klog + logLine(host.now(), `${doing}: ${error}`), code: 1 };
}

interface Asking {
  name: string;
  summary: string;
  method: string;
  source: string;
  doing: string;
  flags: CliFlag[];
}

/** Commands for methods of the CRI that came after containerd 1.7. */
const YOUNG: Asking[] = [
  {
    name: 'runtime-config',
    summary: 'Retrieve the container runtime configuration',
    method: 'RuntimeConfig',
    source: 'remote_runtime.go:1177',
    doing: 'get runtime config: call RuntimeConfig RPC',
    flags: [],
  },
  {
    name: 'metricsp',
    summary:
      "List pod metrics. Metrics are unstructured key/value pairs gathered by CRI meant to replace cAdvisor's /metrics/cadvisor endpoint.",
    method: 'ListPodSandboxMetrics',
    source: 'remote_runtime.go:1127',
    doing: 'get pod metrics: list pod sandbox metrics',
    flags: [OUTPUT, { name: 'watch', alias: 'w', type: 'bool', usage: 'Watch pod metrics' }],
  },
  {
    name: 'metricdescs',
    summary: 'List metric descriptors. Returns information about the metrics available through the CRI.',
    method: 'ListMetricDescriptors',
    source: 'remote_runtime.go:1103',
    doing: 'get metric descriptors: list metric descriptors',
    flags: [OUTPUT],
  },
];

const young = YOUNG.map(
  ({ name, summary, method, source, doing, flags }): CliCommand => ({
    name,
    summary,
    flags,
    run: ({ host }) => unimplemented(host, method, source, doing),
  }),
);

/** Commands that make pods and containers of files, which kubelets' nodes refuse: nothing but the kubelet may do so. */
const makers = (
  [
    ['create', 'Create a new container', 'POD container-config.[json|yaml] pod-config.[json|yaml]', 3],
    ['run', 'Run a new container inside a sandbox', 'container-config.[json|yaml] pod-config.[json|yaml]', 2],
    ['runp', 'Run a new pod', 'pod-config.[json|yaml]', 1],
  ] as const
).map(([name, summary, words, count]): CliCommand => {
  const command: CliCommand = {
    name,
    summary,
    arguments: words,
    subcommands: SCHEMA,
    flags:
      name === 'runp'
        ? [
            {
              name: 'cancel-timeout',
              alias: 'T',
              type: 'string',
              usage: 'Gives up after so many seconds',
              default: '0s',
            },
            { name: 'runtime', alias: 'r', type: 'string', usage: 'Runtime handler to use' },
          ]
        : REGISTRY,
    run({ host, args }) {
      if (args.length < count) return { stdout: commandHelp(command, true), stderr: '', code: 0 };
      for (const file of args.slice(-1)) {
        if (!host.files.stat(file)) throw new UsageError(`load podSandboxConfig: config at ${file} not found`);
      }
      throw new UsageError(
        `kubemu runs the pods of kubelets only: put a manifest into /etc/kubernetes/manifests instead`,
      );
    },
  };
  return command;
});

const start: CliCommand = {
  name: 'start',
  summary: 'Start one or more created containers',
  arguments: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: [],
  run({ host, args }) {
    if (!args[0]) return { stdout: commandHelp(start, true), stderr: '', code: 0 };
    const found = containersOf(host).find((c) => c.id.startsWith(args[0]!));
    const reason = found
      ? `rpc error: code = Unknown desc = failed to set starting state for container ${JSON.stringify(found.id)}: container is in CONTAINER_${found.state.toUpperCase()} state`
      : `rpc error: code = NotFound desc = an error occurred when try to find container ${JSON.stringify(args[0])}: not found`;
    throw new UsageError(`starting the container ${JSON.stringify(args[0])}: ${reason}`);
  },
};

const update: CliCommand = {
  name: 'update',
  summary: 'Update one or more running containers',
  arguments: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: [
    { name: 'cpu-count', type: 'int', usage: '(Windows only) How many CPUs the container has', default: '0' },
    { name: 'cpu-maximum', type: 'int', usage: '(Windows only) Share of the CPU in 1/100 per cent', default: '0' },
    {
      name: 'cpu-period',
      type: 'int',
      usage: 'Period of the CPU limit in µs; 0 is the default of the system',
      default: '0',
    },
    { name: 'cpu-quota', type: 'int', usage: 'CPU time in each period, in µs', default: '0' },
    { name: 'cpu-share', type: 'int', usage: 'Weight against other containers', default: '0' },
    { name: 'cpuset-cpus', type: 'string', usage: 'CPU(s) to use' },
    { name: 'cpuset-mems', type: 'string', usage: 'Memory node(s) to use' },
    { name: 'memory', type: 'int', usage: 'Memory limit in bytes', default: '0' },
    { name: 'oom-score-adj', type: 'string', usage: 'OOM killer score to use' },
  ],
  run({ host, args }) {
    if (!args[0]) throw new UsageError('ID cannot be empty');
    const lines = args.map((id) => {
      if (!containersOf(host).some((c) => c.id.startsWith(id)))
        throw new UsageError(
          `updating container resources for ${JSON.stringify(id)}: rpc error: code = NotFound desc = failed to find container: not found`,
        );
      return `${id}\n`;
    });
    return { stdout: lines.join(''), stderr: '', code: 0 };
  },
};

const events: CliCommand = {
  name: 'events',
  aliases: ['event'],
  summary: 'Stream the events of containers',
  flags: [{ ...OUTPUT, default: '"json"' }, TEMPLATE],
  run: ({ host }) => unimplemented(host, 'GetContainerEvents', 'remote_runtime.go:1071', 'get container events'),
};

const checkpoint: CliCommand = {
  name: 'checkpoint',
  summary: 'Checkpoint one or more running containers',
  arguments: 'CONTAINER-ID [CONTAINER-ID...]',
  flags: [{ name: 'export', alias: 'e', type: 'string', usage: 'Where the archive is written' }],
  run({ host, flags, args }) {
    if (!args[0]) throw new UsageError('ID cannot be empty');
    if (!flags.text('export'))
      throw new UsageError(
        'cannot checkpoint a container without specifying the checkpoint destination. Use --export=/path/to/checkpoint.tar',
      );
    const doing = `checkpointing the container ${JSON.stringify(args[0])} failed`;
    return unimplemented(host, 'CheckpointContainer', 'remote_runtime.go:1043', doing);
  },
};

/** containerd takes the range, and leaves it to the network's own configuration unless it writes that. */
const updateRuntimeConfig: CliCommand = {
  name: 'update-runtime-config',
  summary: 'Update the runtime configuration',
  flags: [{ name: 'pod-cidr', alias: 'p', type: 'string', usage: 'The network that pods get their addresses from' }],
  run({ host, flags, args }) {
    if (args.length > 0 || flags.text('pod-cidr') === undefined)
      return { stdout: commandHelp(updateRuntimeConfig, true), stderr: '', code: 0 };
    return { stdout: '', stderr: logLine(host.now(), 'Runtime config successfully updated', 'info'), code: 0 };
  },
};

const SHELLS: Record<string, string> = {
  bash: '#! /bin/bash\n_crictl_complete() { COMPREPLY=($(compgen -W "$(crictl --generate-bash-completion)" -- "${COMP_WORDS[COMP_CWORD]}")); }\ncomplete -F _crictl_complete crictl\n',
  zsh: '#compdef crictl\n_crictl() { compadd $(crictl --generate-bash-completion); }\ncompdef _crictl crictl\n',
  fish: 'complete -c crictl -f -a "(crictl --generate-bash-completion)"\n',
};

const completion: CliCommand = {
  name: 'completion',
  summary: 'Output shell completion code',
  arguments: 'SHELL',
  description: ['Writes the code that completes crictl in bash, zsh or fish.'],
  service: 'none',
  flags: [],
  run({ args }) {
    const script = SHELLS[args[0] ?? 'bash'];
    if (!script) throw new UsageError('only support bash, zsh or fish');
    return { stdout: script, stderr: '', code: 0 };
  },
};

export const others: CliCommand[] = [
  ...young,
  ...makers,
  start,
  update,
  updateRuntimeConfig,
  checkpoint,
  events,
  completion,
];
