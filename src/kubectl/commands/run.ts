import type { Pod } from '../../types/objects.ts';
import { RECORD_FLAG } from '../change-cause.ts';
import type { Command, Invocation } from '../command.ts';
import { cascadingStrategy } from '../delete-options.ts';
import { CommandError, isNotFound } from '../errors.ts';
import {
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  podRunningTimeoutFlag,
  requireFlags,
  SAVE_CONFIG_FLAG,
  usageError,
  waitFlag,
} from '../flags/common.ts';
import { createMade } from '../generate/create-made.ts';
import { applyOverrides, OVERRIDE_FLAGS } from '../generate/overrides.ts';
import { outputFormat, type Printable, printerFor } from '../printers/print-flags.ts';
import { runAttached } from './run/attached.ts';
import { makePod, makeService } from './run/pod.ts';

/** A reference as distribution/reference takes it: host, path, tag, digest. */
const REFERENCE =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never', ''];

/** Checks in kubectl's order; gives back the restart policy and whether to attach. */
function validate(invocation: Invocation): { restartPolicy: string; attach: boolean } {
  const { flags, args, argsLenAtDash } = invocation;
  const refuse = (wrong: boolean, message: string) => {
    if (wrong) throw usageError(invocation, message);
  };
  const attach = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
  const image = flags.string('image');
  refuse(!args.length || argsLenAtDash === 0, 'NAME is required for run');
  refuse(flags.duration('pod-running-timeout') <= 0, '--pod-running-timeout must be higher than zero');
  if (!image) throw new CommandError('--image is required');
  if (!REFERENCE.test(image))
    throw new CommandError(`Invalid image name ${JSON.stringify(image)}: invalid reference format`);
  refuse(flags.bool('tty') && !flags.bool('stdin'), '-i/--stdin is required for containers with -t/--tty=true');
  refuse(flags.bool('expose') && !flags.string('port'), '--port must be set when exposing a service');
  const restart = flags.string('restart') || (flags.bool('stdin') ? 'OnFailure' : 'Always');
  refuse(!RESTART_POLICIES.includes(restart), `invalid restart policy: ${restart}`);
  refuse(!attach && flags.bool('rm'), '--rm should only be used for attached containers');
  refuse(
    attach && dryRunStrategy(invocation) !== 'none',
    "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
  );
  refuse(
    !PULL_POLICIES.includes(flags.string('image-pull-policy')),
    `invalid image pull policy: ${flags.string('image-pull-policy')}`,
  );
  return { restartPolicy: restart, attach };
}

/** --rm: deletes without waiting, and without a word when it is gone already. */
async function remove({ flags, factory, environment }: Invocation, made: [Printable, string][]): Promise<void> {
  const client = await factory.client();
  for (const [object, resource] of made) {
    const { name, namespace } = object.metadata as { name: string; namespace: string };
    try {
      await client.request('DELETE', `/api/v1/namespaces/${namespace}/${resource}/${name}`, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      continue;
    }
    if (!flags.bool('quiet')) environment.io.out(`${object.kind?.toLowerCase()} ${JSON.stringify(name)} deleted\n`);
  }
}

const command: Command = {
  name: 'run',
  use: 'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  short: 'Run a particular image on the cluster',
  long: 'Create a pod that runs one image.',
  examples: `
# Start a nginx pod
kubectl run nginx --image=nginx

# A shell in a pod that goes when the shell ends
kubectl run -it busybox --image=busybox --rm --restart=Never -- sh`,
  flags: [
    ...DELETE_FLAGS,
    ...filenameFlags('to use to replace the resource.'),
    waitFlag('false'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    DRY_RUN_FLAG,
    { name: 'annotations', type: 'stringArray', usage: 'Annotations of the pod.' },
    { name: 'image', type: 'string', usage: 'The image for the container to run.' },
    { name: 'image-pull-policy', type: 'string', usage: 'When to pull the image; the server chooses if empty.' },
    {
      name: 'rm',
      type: 'bool',
      usage: "Delete the pod after it exits. Only when attached to the container, as with '--attach' or '-i/--stdin'.",
    },
    { name: 'env', type: 'stringArray', usage: 'Environment variables of the container.' },
    { name: 'port', type: 'string', usage: 'The port that this container exposes.' },
    { name: 'labels', shorthand: 'l', type: 'string', usage: 'Labels of the pod, separated by commas.' },
    {
      name: 'stdin',
      shorthand: 'i',
      type: 'bool',
      usage: 'Keep stdin of the container open, even if nothing is attached.',
    },
    { name: 'tty', shorthand: 't', type: 'bool', usage: 'Give the container a TTY.' },
    {
      name: 'attach',
      type: 'bool',
      usage:
        "Wait for the pod to start and attach to it as 'kubectl attach' does. Default false, true with '-i/--stdin'.",
    },
    {
      name: 'leave-stdin-open',
      type: 'bool',
      usage: 'With stdin, leave it open after the first attach ends; it is closed otherwise.',
    },
    {
      name: 'restart',
      type: 'string',
      default: 'Always',
      usage: 'The restart policy of the pod. Legal values [Always, OnFailure, Never].',
    },
    {
      name: 'command',
      type: 'bool',
      usage: "Use extra arguments as the 'command' of the container instead of its 'args'.",
    },
    { name: 'expose', type: 'bool', usage: 'Also create a ClusterIP service for the pod. Needs `--port`.' },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'Leave out messages about prompts and deletions.' },
    { name: 'privileged', type: 'bool', usage: 'Run the container in privileged mode.' },
    fieldManagerFlag('kubectl-run'),
    ...OVERRIDE_FLAGS,
    SAVE_CONFIG_FLAG,
    podRunningTimeoutFlag('1m0s'),
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    requireFlags(invocation, ['image']);
    const dryRun = dryRunStrategy(invocation);
    await factory.restConfig();
    const print = await printerFor(invocation, 'created', { dryRun, typed: true });
    cascadingStrategy(flags);
    const { restartPolicy, attach } = validate(invocation);
    const [name = '', ...rest] = args;
    const pod = await createMade(invocation, applyOverrides(makePod(name, rest, flags, restartPolicy), flags), 'pods');
    const made: [Printable, string][] = [[pod, 'pods']];
    if (flags.bool('expose')) {
      const service = await createMade(invocation, makeService(name, flags), 'services');
      environment.io.out(print(service));
      if (outputFormat(invocation) === 'yaml') environment.io.out('---\n');
      made.push([service, 'services']);
    }
    if (!attach) return environment.io.out(print(pod));
    try {
      await runAttached(invocation, pod as unknown as Pod, restartPolicy);
    } finally {
      if (flags.bool('rm')) await remove(invocation, made);
    }
  },
};

export default command;
