import { CriError } from '../../host.ts';
import { type CliCommand, commandHelp, logLine, rpcLine } from '../cli.ts';
import { containersOf } from '../records.ts';
import { CONTAINER_FILTERS, filterContainers } from './ps.ts';
import { STREAMING } from './streaming.ts';

export const exec: CliCommand = {
  name: 'exec',
  summary: 'Run a command in a running container',
  arguments: '[CONTAINER-ID] COMMAND [ARG...]',
  description: [
    'The CONTAINER-ID is only required if none of the following filter flags are set:',
    '--image, --label, --last, --latest, --name, --pod, --state',
  ],
  flags: [
    // -s is --sync here.
    ...CONTAINER_FILTERS.filter(({ name }) => name !== 'namespace').map((flag) =>
      flag.name === 'state' ? { ...flag, alias: undefined } : flag,
    ),
    { name: 'ignore-errors', alias: 'e', type: 'bool', usage: 'Ignore errors during command execution' },
    { name: 'interactive', alias: 'i', type: 'bool', usage: 'Keep STDIN open' },
    {
      name: 'parallel',
      alias: 'x',
      type: 'bool',
      usage: 'Run the command in parallel if multiple containers are selected',
    },
    { name: 'quiet', alias: 'q', type: 'bool', usage: 'Leave out the container IDs if several are selected' },
    ...STREAMING,
    { name: 'sync', alias: 's', type: 'bool', usage: 'Run the command synchronously' },
    { name: 'timeout', type: 'int', usage: 'Timeout in seconds', default: '0' },
    { name: 'tty', alias: 't', type: 'bool', usage: 'Allocate a pseudo-TTY' },
  ],
  async run({ host, context, flags, args }) {
    const filtered = CONTAINER_FILTERS.some((flag) => flags.has(flag.name));
    const command = filtered ? args : args.slice(1);
    if (!command.length) return { stdout: commandHelp(exec, true), stderr: '', code: 0 };
    const terminal = context.columns !== undefined && flags.has('interactive') && flags.has('tty');
    const ids = filtered ? filterContainers(host, flags, true).map((c) => c.id) : [args[0]!];
    let result = { stdout: '', stderr: '', code: 0 };
    for (const id of ids) {
      const fail = (error: CriError) => {
        const details = `containerID=${JSON.stringify(id)} cmd=[${command.map((word) => JSON.stringify(word)).join(',')}]`;
        return {
          stdout: '',
          stderr:
            rpcLine(
              host.now(),
              'remote_runtime.go:672',
              'Exec cmd from runtime service failed',
              error.toRpc(),
              details,
            ) + logLine(host.now(), `execing command in container ${id}: ${error.toRpc()}`),
          code: 1,
        };
      };
      const container = containersOf(host).find((c) => c.id.startsWith(id));
      if (!container)
        return fail(new CriError('NotFound', `failed to find container ${JSON.stringify(id)} in store: not found`));
      if (container.state !== 'running')
        return fail(new CriError('Unknown', `container is in CONTAINER_${container.state.toUpperCase()} state`));
      // A shell at a terminal is left to run in the container itself: see departureOf.
      if (terminal && !filtered) return { stdout: '', stderr: '', code: 0, run: command };
      const done = await host.runtime.exec(container.id, command, flags.has('interactive') ? context.stdin : undefined);
      const failed = done.code
        ? logLine(host.now(), `execing command in container ${id}: command terminated with exit code ${done.code}`)
        : '';
      result = {
        stdout: result.stdout + done.stdout,
        stderr: result.stderr + done.stderr + failed,
        code: done.code ? 1 : result.code,
      };
    }
    return result;
  },
};
