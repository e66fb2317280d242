import type { CommandResult } from '../../../sh/process.ts';
import { CriError, type NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, type CliValues, commandHelp, logLine, rpcLine, statusFailed } from '../cli.ts';
import { byId, containersOf, findImage, imagesOf, notFoundContainer, sandboxesOf } from '../records.ts';

const ALL = (what: string): CliFlag => ({ name: 'all', alias: 'a', type: 'bool', usage: `Remove all ${what}` });
const FORCE = (usage: string): CliFlag => ({ name: 'force', alias: 'f', type: 'bool', usage });

/** Runs `act` on each id: it answers the line to print, or throws a message for standard error. */
function each(host: NodeHost, ids: string[], act: (id: string) => string): CommandResult {
  const result: CommandResult = { stdout: '', stderr: '', code: 0 };
  for (const id of ids) {
    try {
      result.stdout += act(id);
    } catch (error) {
      result.stderr += error instanceof Refusal ? error.text : logLine(host.now(), (error as Error).message);
      result.code = 1;
    }
  }
  return result;
}

/** A failure whose text on standard error is ready. */
class Refusal extends Error {
  constructor(readonly text: string) {
    super(text);
  }
}

function missing(host: NodeHost, id: string, doing: string): Refusal {
  const error = notFoundContainer(id).toRpc();
  return new Refusal(
    statusFailed(host.now(), id, error) + logLine(host.now(), `${doing} ${JSON.stringify(id)}: ${error}`),
  );
}

interface Verb {
  name: string;
  summary: string;
  argument: string;
  service?: 'image';
  description?: string[];
  flags: CliFlag[];
  /** Every id that --all stands for. */
  all?(host: NodeHost): string[];
  act(host: NodeHost, id: string, flags: CliValues): string;
}

/** Verbs that take ids and print each that is done. */
const VERBS: Verb[] = [
  {
    name: 'rm',
    summary: 'Remove one or more containers',
    argument: 'CONTAINER-ID',
    flags: [
      ALL('containers'),
      FORCE('Force removal of the container, disregarding if running'),
      {
        name: 'keep-logs',
        alias: 'k',
        type: 'bool',
        usage: 'Preserve the container log file and its rotated logs on removal',
      },
    ],
    all: (host) => containersOf(host).map((c) => c.id),
    act(host, id, flags) {
      const container = containersOf(host).find((c) => c.id.startsWith(id));
      if (!container) throw missing(host, id, 'getting container status');
      if (container.state === 'running') {
        if (!flags.has('force')) throw new Error(`container ${JSON.stringify(id)} is running, please stop it first`);
        host.runtime.stopContainer(container.id, 0);
      }
      host.runtime.removeContainer(container.id);
      return `${id}\n`;
    },
  },
  {
    name: 'stop',
    summary: 'Stop one or more running containers',
    argument: 'CONTAINER-ID',
    flags: [
      { name: 'all', alias: 'a', type: 'bool', usage: 'Stop all containers' },
      {
        name: 'timeout',
        alias: 't',
        type: 'int',
        usage: 'Seconds to wait to kill the container after a graceful stop is requested',
        default: '0',
      },
    ],
    all: (host) =>
      containersOf(host)
        .filter((c) => c.state === 'running')
        .map((c) => c.id),
    act(host, id, flags) {
      const container = containersOf(host).find((c) => c.id.startsWith(id));
      if (!container) throw missing(host, id, 'stopping the container');
      host.runtime.stopContainer(container.id, flags.int('timeout') ?? 0);
      return `${id}\n`;
    },
  },
  {
    name: 'stopp',
    summary: 'Stop one or more running pods',
    argument: 'POD-ID',
    flags: [],
    act(host, id) {
      const sandbox = byId(sandboxesOf(host), id, 'sandbox');
      host.runtime.stopSandbox(sandbox.id);
      return `Stopped sandbox ${id}\n`;
    },
  },
  {
    name: 'rmp',
    summary: 'Remove one or more pods',
    argument: 'POD-ID',
    flags: [ALL('pods'), FORCE('Force removal of the pod sandbox, disregarding if running')],
    all: (host) => sandboxesOf(host).map((s) => s.id),
    act(host, id, flags) {
      let sandbox: ReturnType<typeof sandboxesOf>[number];
      try {
        sandbox = byId(sandboxesOf(host), id, 'sandbox');
      } catch (error) {
        throw new Error(`getting sandbox status of pod ${JSON.stringify(id)}: ${(error as CriError).toRpc()}`);
      }
      if (sandbox.state === 'ready') {
        if (!flags.has('force')) throw new Error(`pod sandbox ${JSON.stringify(id)} is running, please stop it first`);
        host.runtime.stopSandbox(sandbox.id);
      }
      host.runtime.removeSandbox(sandbox.id);
      return `Removed sandbox ${id}\n`;
    },
  },
  {
    name: 'rmi',
    summary: 'Remove one or more images',
    service: 'image',
    argument: 'IMAGE-ID',
    description: [
      'Remove one or more images by ID or reference.',
      '',
      'An image goes with all of its tags, whichever of them names it: the CRI knows no other way.',
    ],
    flags: [
      { name: 'all', alias: 'a', type: 'bool', usage: 'Remove all images' },
      { name: 'prune', alias: 'q', type: 'bool', usage: 'Remove all unused images' },
    ],
    all: (host) => imagesOf(host).map((i) => i.id),
    act(host, id) {
      const image = findImage(host, id);
      if (!image) throw new Error(`no such image ${id}`);
      host.runtime.removeImage(image.id);
      return image.repoTags.map((tag) => `Deleted: ${tag}\n`).join('') || `Deleted: ${image.id}\n`;
    },
  },
];

function toCommand(verb: Verb): CliCommand {
  const command: CliCommand = {
    name: verb.name,
    summary: verb.summary,
    arguments: `${verb.argument} [${verb.argument}...]`,
    description: verb.description,
    flags: verb.flags,
    service: verb.service,
    run({ host, flags, args }) {
      const ids = flags.has('all') && verb.all ? verb.all(host) : args;
      if (!ids.length && verb.name === 'stop')
        return { stdout: '', stderr: 'you must specify at least one CONTAINER-ID or use --all\n', code: 1 };
      if (!ids.length && !flags.has('all')) return { stdout: commandHelp(command, true), stderr: '', code: 0 };
      return each(host, ids, (id) => verb.act(host, id, flags));
    },
  };
  return command;
}

export const lifecycle: CliCommand[] = VERBS.map(toCommand);

export const pull: CliCommand = {
  name: 'pull',
  summary: 'Pull an image from a registry',
  arguments: 'NAME[:TAG|@DIGEST]',
  service: 'image',
  subcommands: [['jsonschema, js', 'Display the JSON schema for the pod-config.json, ']],
  flags: [
    { name: 'annotation', alias: 'a', type: 'strings', usage: 'Annotation to be set on the pulled image' },
    {
      name: 'auth',
      value: 'AUTH_STRING',
      type: 'string',
      usage: 'Credentials for the registry, encoded as base64 of USERNAME[:PASSWORD] [$CRICTL_AUTH]',
    },
    {
      name: 'creds',
      value: 'USERNAME[:PASSWORD]',
      type: 'string',
      usage: 'Credentials for the registry [$CRICTL_CREDS]',
    },
    {
      name: 'pod-config',
      value: 'pod-config.[json|yaml]',
      type: 'string',
      usage: 'Configuration of the pod that the image is pulled for',
    },
    {
      name: 'pull-timeout',
      alias: 'pt',
      type: 'string',
      usage: 'How long the pull may take; 0s is for ever (default: 0s) [$CRICTL_PULL_TIMEOUT]',
    },
    {
      name: 'username',
      alias: 'u',
      value: 'USERNAME',
      type: 'string',
      usage: 'User of the registry; asks for the password',
    },
  ],
  run({ host, args }) {
    const [name] = args;
    if (!name) return { stdout: '', stderr: logLine(host.now(), 'image name cannot be empty'), code: 1 };
    try {
      return { stdout: `Image is up to date for ${host.runtime.pullImage(name)}\n`, stderr: '', code: 0 };
    } catch (error) {
      const rpc = error instanceof CriError ? error.toRpc() : (error as Error).message;
      const klog = rpcLine(
        host.now(),
        'remote_image.go:250',
        'PullImage from image service failed',
        rpc,
        `image=${JSON.stringify(name)}`,
      );
      return { stdout: '', stderr: klog + logLine(host.now(), `pulling image: ${rpc}`), code: 1 };
    }
  },
};
