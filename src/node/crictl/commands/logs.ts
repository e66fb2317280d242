import { containerLog, sinceTime } from '../../container-logs.ts';
import { type CliCommand, commandHelp, logLine, statusFailed, UsageError } from '../cli.ts';
import { containersOf, notFoundContainer } from '../records.ts';

export const logs: CliCommand = {
  name: 'logs',
  summary: 'Fetch the logs of a container',
  arguments: 'CONTAINER-ID',
  flags: [
    { name: 'follow', alias: 'f', type: 'bool', usage: 'Follow log output' },
    { name: 'limit-bytes', type: 'int', usage: 'Maximum bytes of logs to return. Defaults to no limit', default: '-1' },
    {
      name: 'previous',
      alias: 'p',
      type: 'bool',
      usage: 'Print the logs for the previous instance of the container in a pod if it exists',
    },
    { name: 'reopen', alias: 'r', type: 'bool', usage: 'Tell the runtime to reopen the container logs' },
    {
      name: 'since',
      type: 'string',
      usage: 'Show logs since timestamp (e.g. 2013-01-02T13:23:37) or relative (e.g. 42m for 42 minutes)',
    },
    {
      name: 'stream',
      alias: 's',
      type: 'string',
      usage: 'Show specified stream (stdout or stderr). Defaults to both.',
    },
    {
      name: 'tail',
      type: 'int',
      usage: 'Number of lines to show from the end of the logs. Defaults to all',
      default: '-1',
    },
    { name: 'timestamps', alias: 't', type: 'bool', usage: 'Show timestamps' },
  ],
  run({ host, context, flags, args }) {
    const [id, ...more] = args;
    if (!id) throw new UsageError('ID cannot be empty');
    if (more.length > 0) return { stdout: commandHelp(logs, true), stderr: '', code: 0 };
    const stream = flags.text('stream');
    if (stream && stream !== 'stdout' && stream !== 'stderr')
      throw new UsageError(`invalid stream ${JSON.stringify(stream)}, must be "stdout" or "stderr"`);
    if (flags.has('tail') && flags.has('stream')) throw new UsageError('--tail and --stream are mutually exclusive');
    const found = containersOf(host).filter((c) => c.id.startsWith(id));
    if (found.length !== 1) {
      const error = notFoundContainer(id).toRpc();
      return { stdout: '', stderr: statusFailed(host.now(), id, error) + logLine(host.now(), error), code: 1 };
    }
    let container = found[0]!;
    if (flags.has('previous')) {
      const before = containersOf(host).find(
        (c) => c.sandbox === container.sandbox && c.name === container.name && c.attempt === container.attempt - 1,
      );
      if (!before)
        throw new UsageError(
          container.attempt === 0
            ? `previous terminated container ${container.name} not found`
            : `failed to try resolving symlinks in path "/var/log/pods/${container.pod.namespace}_${container.pod.name}_${container.pod.uid}/${container.name}/${container.attempt - 1}.log": lstat /var/log/pods/${container.pod.namespace}_${container.pod.name}_${container.pod.uid}/${container.name}/${container.attempt - 1}.log: no such file or directory`,
        );
      container = before;
    }
    const since = flags.text('since');
    const from = since === undefined ? 0 : sinceTime(since, host.now());
    if (Number.isNaN(from)) throw new UsageError(`failed to parse value as time or duration: ${JSON.stringify(since)}`);
    const reopened =
      flags.has('reopen') && context.memory === undefined ? logLine(host.now(), 'Container logs reopened', 'info') : '';
    const log = containerLog(
      host,
      container.id,
      container.state === 'running',
      {
        from,
        tail: flags.int('tail') ?? -1,
        bytes: flags.int('limit-bytes') ?? -1,
        timestamps: flags.has('timestamps'),
        follow: flags.has('follow'),
        ...(stream && { stream }),
      },
      context.memory,
    );
    return reopened ? { ...log, written: [{ stream: 'stderr' as const, text: reopened }, ...log.written!] } : log;
  },
};
