import type { Command } from './command.ts';

/** What root help, dispatch and suggestions need to know of a verb without loading it. */
export interface CommandEntry {
  name: string;
  short: string;
  aliases?: string[];
  /** Heading in root help; an entry without one is dispatched but not listed. */
  group?: CommandGroup;
  load(): Promise<{ default: Command }>;
}

export const COMMAND_GROUPS = [
  'Basic Commands (Beginner):',
  'Basic Commands (Intermediate):',
  'Deploy Commands:',
  'Cluster Management Commands:',
  'Troubleshooting and Debugging Commands:',
  'Advanced Commands:',
  'Settings Commands:',
  'Subcommands provided by plugins:',
  'Other Commands:',
] as const;

export type CommandGroup = (typeof COMMAND_GROUPS)[number];

const entry = (
  group: CommandGroup | undefined,
  name: string,
  short: string,
  load: CommandEntry['load'],
  aliases?: string[],
): CommandEntry => ({ name, short, load, ...(group && { group }), ...(aliases && { aliases }) });

const [BEGINNER, INTERMEDIATE, DEPLOY, CLUSTER, DEBUGGING, ADVANCED, SETTINGS, , OTHER] = COMMAND_GROUPS;

/** Every verb, in the order in which kubectl registers them (suggestions come in that order). */
export const registry = (): CommandEntry[] => [
  entry(BEGINNER, 'create', 'Create a resource from a file or from stdin', () => import('./commands/create/index.ts')),
  entry(
    BEGINNER,
    'expose',
    'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
    () => import('./commands/expose.ts'),
  ),
  entry(BEGINNER, 'run', 'Run a particular image on the cluster', () => import('./commands/run.ts')),
  entry(BEGINNER, 'set', 'Set specific features on objects', () => import('./commands/set/index.ts')),
  entry(INTERMEDIATE, 'explain', 'Get documentation for a resource', () => import('./commands/explain.ts')),
  entry(INTERMEDIATE, 'get', 'Display one or many resources', () => import('./commands/get.ts')),
  entry(INTERMEDIATE, 'edit', 'Edit a resource on the server', () => import('./commands/edit.ts')),
  entry(
    INTERMEDIATE,
    'delete',
    'Delete resources by file names, stdin, resources and names, or by resources and label selector',
    () => import('./commands/delete.ts'),
  ),
  entry(DEPLOY, 'rollout', 'Manage the rollout of a resource', () => import('./commands/rollout/index.ts')),
  entry(
    DEPLOY,
    'scale',
    'Set a new size for a deployment, replica set, or replication controller',
    () => import('./commands/scale.ts'),
  ),
  entry(
    DEPLOY,
    'autoscale',
    'Auto-scale a deployment, replica set, stateful set, or replication controller',
    () => import('./commands/autoscale.ts'),
  ),
  entry(CLUSTER, 'certificate', 'Modify certificate resources', () => import('./commands/certificate.ts')),
  entry(CLUSTER, 'cluster-info', 'Display cluster information', () => import('./commands/cluster-info.ts')),
  entry(CLUSTER, 'top', 'Display resource (CPU/memory) usage', () => import('./commands/top.ts')),
  entry(CLUSTER, 'cordon', 'Mark node as unschedulable', () => import('./commands/cordon.ts')),
  entry(CLUSTER, 'uncordon', 'Mark node as schedulable', () => import('./commands/uncordon.ts')),
  entry(CLUSTER, 'drain', 'Drain node in preparation for maintenance', () => import('./commands/drain.ts')),
  entry(CLUSTER, 'taint', 'Update the taints on one or more nodes', () => import('./commands/taint.ts')),
  entry(
    DEBUGGING,
    'describe',
    'Show details of a specific resource or group of resources',
    () => import('./commands/describe.ts'),
  ),
  entry(DEBUGGING, 'logs', 'Print the logs for a container in a pod', () => import('./commands/logs.ts')),
  entry(DEBUGGING, 'attach', 'Attach to a running container', () => import('./commands/attach.ts')),
  entry(DEBUGGING, 'exec', 'Execute a command in a container', () => import('./commands/exec.ts')),
  entry(
    DEBUGGING,
    'port-forward',
    'Forward one or more local ports to a pod',
    () => import('./commands/port-forward.ts'),
  ),
  entry(DEBUGGING, 'proxy', 'Run a proxy to the Kubernetes API server', () => import('./commands/proxy.ts')),
  entry(DEBUGGING, 'cp', 'Copy files and directories to and from containers', () => import('./commands/cp.ts')),
  entry(DEBUGGING, 'auth', 'Inspect authorization', () => import('./commands/auth/index.ts')),
  entry(
    DEBUGGING,
    'debug',
    'Create debugging sessions for troubleshooting workloads and nodes',
    () => import('./commands/debug/index.ts'),
  ),
  entry(DEBUGGING, 'events', 'List events', () => import('./commands/events.ts')),
  entry(
    ADVANCED,
    'diff',
    'Diff the live version against a would-be applied version',
    () => import('./commands/diff.ts'),
  ),
  entry(
    ADVANCED,
    'apply',
    'Apply a configuration to a resource by file name or stdin',
    () => import('./commands/apply/index.ts'),
  ),
  entry(ADVANCED, 'patch', 'Update fields of a resource', () => import('./commands/patch.ts')),
  entry(ADVANCED, 'replace', 'Replace a resource by file name or stdin', () => import('./commands/replace.ts')),
  entry(
    ADVANCED,
    'wait',
    'Experimental: Wait for a specific condition on one or many resources',
    () => import('./commands/wait.ts'),
  ),
  entry(
    ADVANCED,
    'kustomize',
    'Build a kustomization target from a directory or URL',
    () => import('./commands/kustomize.ts'),
  ),
  entry(SETTINGS, 'label', 'Update the labels on a resource', () => import('./commands/label.ts')),
  entry(SETTINGS, 'annotate', 'Update the annotations on a resource', () => import('./commands/annotate.ts')),
  entry(
    SETTINGS,
    'completion',
    'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
    () => import('./commands/completion.ts'),
  ),
  entry(undefined, 'alpha', '', () => import('./commands/alpha.ts')),
  entry(OTHER, 'config', 'Modify kubeconfig files', () => import('./commands/config/index.ts')),
  entry(OTHER, 'plugin', 'Provides utilities for interacting with plugins', () => import('./commands/plugin.ts')),
  entry(OTHER, 'version', 'Print the client and server version information', () => import('./commands/version.ts')),
  entry(
    OTHER,
    'api-versions',
    'Print the supported API versions on the server, in the form of "group/version"',
    () => import('./commands/api-versions.ts'),
  ),
  entry(
    OTHER,
    'api-resources',
    'Print the supported API resources on the server',
    () => import('./commands/api-resources.ts'),
  ),
  entry(
    undefined,
    'options',
    'Print the list of flags inherited by all commands',
    () => import('./commands/options.ts'),
  ),
  entry(undefined, 'help', 'Help about any command', () => import('./commands/help.ts')),
  entry(undefined, '__complete', '', () => import('./commands/complete.ts')),
  entry(undefined, '__completeNoDesc', '', () => import('./commands/complete-no-desc.ts')),
];
