import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PRESETS } from '../cluster/presets.ts';
import { addLabVerbs } from './lab-program.ts';
import type { ProcessStreams } from './streams.ts';
import { addTranscriptVerbs } from './transcript-program.ts';

declare const KUBEMU_VERSION: string;

/** What may be added to a preset. */
const ADDONS = ['calico', 'ingress-nginx'];

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function one(word: string, allowed: string[]): string {
  if (!allowed.includes(word)) throw new InvalidArgumentError(`Allowed choices are ${allowed.join(', ')}.`);
  return word;
}

function numbers(text: string): number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError('It must be numbers with commas between: 2,3.');
  return text.split(',').map(Number);
}

/** What can befall a node, and what more there is to say of it. */
const NODE_VERBS = [
  ['stop', 'switch it off: the node turns NotReady, and its pods move away'],
  ['start', 'switch it on: its containers start anew'],
  ['reboot', 'boot it anew, which takes half a minute'],
  ['fill', 'fill its memory or its disk up: its kubelet reports the pressure and evicts pods', '<memory|disk>'],
  ['cut', 'cut it off from the network: what runs there goes on, and nobody hears of it'],
  ['restore', 'put it back on the network, and give back what was filled up'],
] as const;

/** An option that is given several times. */
const collect = (word: string, words: string[] = []): string[] => [...words, word];

/** kubemu's own verbs. Each loads its file when it runs. */
function program(streams: ProcessStreams): Command {
  const kubemu = new Command('kubemu')
    .description(
      'A Kubernetes 1.33 cluster in a file: kubectl, crictl and node shells that answer as a real one does, offline.',
    )
    .version(typeof KUBEMU_VERSION === 'string' ? KUBEMU_VERSION : '0.0.0')
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => streams.out(text), writeErr: (text) => streams.err(text) })
    .exitOverride()
    .enablePositionalOptions();

  const create = kubemu.command('create').description('make a cluster');
  create
    .command('cluster')
    .description('make a cluster and switch to it')
    .option('--name <name>', 'its name (default: the name that the preset or the configuration has)')
    .addOption(new Option('--preset <preset>', 'what it is like').choices(PRESETS).default('kubeadm'))
    .option('--config <file>', 'a configuration of kind Cluster, instead of a preset ("-" reads standard input)')
    .option('--nodes <n>', 'how many nodes it has, the control plane included', count)
    .option('--node-instances <list>', "the numbers of a node pool's instances: 2,3", numbers)
    .option('--kubernetes-version <version>', 'the version that it answers as')
    .option('--seed <n>', 'makes every generated name and uid repeat', count)
    .addOption(
      new Option('--clock <mode>', 'whether time follows the wall clock or stands still until it is moved').choices([
        'real',
        'manual',
      ]),
    )
    .addOption(
      new Option('--addon <name>', 'something more that it has; may be given several times')
        .choices(ADDONS)
        .argParser((name: string, names: string[] = []) => [...names, one(name, ADDONS)]),
    )
    .option('--images <file>', 'images of your own (docs/images.md); may be given several times', collect)
    .option('--pull-unknown', 'images that nobody described are pulled all the same, and say nothing')
    .option('--epoch <time>', 'when it begins: 2026-01-01T00:00:00Z')
    .action(async (options) => (await import('./commands/create-cluster.ts')).createCluster(streams, options));

  kubemu
    .command('delete')
    .description('remove a cluster')
    .command('cluster [name]')
    .description('remove a cluster and its state file (default: the current one)')
    .action(async (name) => (await import('./commands/delete-cluster.ts')).deleteCluster(streams, name));

  kubemu
    .command('get')
    .description('show what there is')
    .command('clusters')
    .description('list the clusters')
    .action(async () => (await import('./commands/get-clusters.ts')).getClusters(streams));

  kubemu
    .command('use <name>')
    .description('switch to another cluster (kubectl config use-context)')
    .action(async (name) => (await import('./commands/use.ts')).use(streams, name));

  kubemu
    .command('advance [duration]')
    .description('let time pass: 90s, 10m, 24h')
    .option('--until-settled', 'until no controller has work and no pod is about to change')
    .action(async (duration, options) => (await import('./commands/advance.ts')).advance(streams, duration, options));

  kubemu
    .command('reset')
    .description('make the current cluster anew, as it was created')
    .action(async () => (await import('./commands/reset.ts')).reset(streams));

  kubemu
    .command('status')
    .description('show the current cluster: its state file, its clock, its nodes')
    .action(async () => (await import('./commands/status.ts')).status(streams));

  kubemu
    .command('serve')
    .description('serve the API of the current cluster over HTTPS on loopback, for real clients')
    .option('--port <port>', 'the port; 0 picks a free one', count, 0)
    .action(async (options) => (await import('./commands/serve.ts')).serveCluster(streams, options));

  const node = kubemu.command('node').description('what happens to the machines');
  for (const [verb, summary, args] of NODE_VERBS) {
    node
      .command(`${verb} <name>${args ? ` ${args}` : ''}`)
      .description(summary)
      .action(async (name, what) =>
        (await import('./commands/node.ts')).changeNode(streams, verb, name, what ? [what] : []),
      );
  }

  kubemu
    .command('env')
    .description('print what puts kubectl, crictl and the others first on PATH: eval "$(kubemu env)"')
    .option('--undo', 'print what takes them off again')
    .addOption(new Option('--shell <shell>', 'whose syntax to use').choices(['posix', 'fish', 'powershell']))
    .action(async (options) => (await import('./commands/env.ts')).env(streams, options));

  kubemu
    .command('shell')
    .description('open a shell in which kubectl, crictl and kubemu work on the current cluster')
    .action(async () => {
      process.exitCode = await (await import('./commands/shell.ts')).shell(streams);
    });

  kubemu
    .command('ssh <[user@]node> [command...]')
    .description('a shell on a node, or one command there, as somebody who logs in (default: root)')
    .option('-t', 'as on a terminal, whatever the output is')
    .passThroughOptions()
    .action(async (target, command, options) => {
      process.exitCode = await (await import('./commands/ssh.ts')).ssh(
        streams,
        target,
        command[0] === '--' ? command.slice(1) : command,
        options,
      );
    });

  addTranscriptVerbs(kubemu, streams);
  addLabVerbs(kubemu, streams);

  for (const [name, what] of [
    ['kubectl', 'kubectl, on the current cluster'],
    ['crictl', "crictl, on one of the cluster's nodes"],
  ] as const) {
    kubemu.command(`${name} [args...]`).description(what).helpOption(false).allowUnknownOption();
  }
  return kubemu;
}

/** Runs one kubemu command line (`argv` without the program's name); resolves with the exit code. */
export async function runKubemu(argv: string[], streams: ProcessStreams): Promise<number> {
  try {
    await program(streams).parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}
