import { parseDuration } from '../../../base/duration.ts';
import type { LogRecord } from '../../../types/node-runtime.ts';
import { type CliCommand, logLine, statusFailed, UsageError } from '../cli.ts';
import { containersOf, notFoundContainer } from '../records.ts';

type Line = LogRecord['lines'][number];

/** A text's first `limit` bytes. */
const cut = (text: string, limit: number): string => Buffer.from(text).subarray(0, limit).toString();

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
  run({ host, flags, args }) {
    const [id] = args;
    if (!id) throw new UsageError('ID cannot be empty');
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
      if (!before) throw new UsageError(`failed to get the container: no previous instance of ${container.name}`);
      container = before;
    }
    const since = flags.text('since');
    const from =
      since === undefined ? 0 : /^[\d.]+[a-z]/.test(since) ? host.now() - parseDuration(since) : Date.parse(since);
    const tail = flags.int('tail') ?? -1;
    const log = host.runtime.log(container.id);
    const recent = (log?.lines ?? []).filter(([at]) => at >= from);
    const shown = tail >= 0 ? recent.slice(recent.length - Math.min(tail, recent.length)) : recent;
    let left = flags.int('limit-bytes') ?? -1;
    const write = (stream: Line[1]) =>
      shown
        .filter((line) => line[1] === stream)
        .map(
          ([at, , text, partial]) =>
            `${flags.has('timestamps') ? `${new Date(at).toISOString().replace('Z', '000000Z')} ` : ''}${text}${partial ? '' : '\n'}`,
        )
        .map((text) => {
          if (left < 0) return text;
          const part = cut(text, left);
          left -= Buffer.byteLength(part);
          return part;
        })
        .join('');
    const wanted = (stream: Line[1]) => (flags.text('stream') ?? stream) === stream;
    return {
      stdout: wanted('stdout') ? write('stdout') : '',
      stderr: wanted('stderr') ? write('stderr') : '',
      code: 0,
    };
  },
};
