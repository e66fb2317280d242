import { goJson } from '../../base/go-json.ts';
import type { Options } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { journalTime, timestamp } from './format.ts';
import { explanation } from './journal-catalog.ts';
import { type Entry, fieldsOf } from './journal-entries.ts';

/** How each output begins a line. */
const TIMES: Record<string, (host: NodeHost, at: number) => string> = {
  short: (_host, at) => journalTime(at),
  'short-precise': (_host, at) => `${journalTime(at)}.${String(Math.floor(at) % 1000).padStart(3, '0')}000`,
  'short-iso': (host, at) =>
    `${new Date(at).toISOString().slice(0, 19)}${host.machine.systemd >= 255 ? '+00:00' : '+0000'}`,
  'short-iso-precise': (host, at) =>
    `${new Date(at).toISOString().slice(0, 23)}000${host.machine.systemd >= 255 ? '+00:00' : '+0000'}`,
  'short-full': (_host, at) => timestamp(at),
  'short-unix': (_host, at) => `${(at / 1000).toFixed(3)}000`,
  'short-monotonic': (host, at) => `[${((at - host.record().bootedAt + 20_000) / 1000).toFixed(6).padStart(12)}]`,
  'with-unit': (_host, at) => timestamp(at),
};

/** Entries as the options want them shown. */
export function rendered(host: NodeHost, options: Options, entries: Entry[]): string {
  const output = options.value('o', 'output') ?? 'short';
  const host_ = options.has('no-hostname') ? '' : `${host.name} `;
  const wanted = options.value('output-fields')?.split(',');
  const fields = (entry: Entry, index: number) =>
    Object.fromEntries(
      Object.entries(fieldsOf(host, entry, index)).filter(
        ([key]) => !wanted || key.startsWith('__') || key === '_BOOT_ID' || wanted.includes(key),
      ),
    );
  const line = (entry: Entry, index: number): string => {
    if (output === 'cat') return entry.message;
    if (output === 'json') return goJson(fields(entry, index));
    if (output === 'json-pretty') return goJson(fields(entry, index), { indent: '\t' }).replaceAll('": "', '" : "');
    if (output === 'json-sse') return `data: ${goJson(fields(entry, index))}\n`;
    if (output === 'json-seq') return `\x1e${goJson(fields(entry, index))}`;
    if (output === 'export')
      return `${Object.entries(fields(entry, index))
        .map(([key, value]) => `${key}=${value}`)
        .join('\n')}\n`;
    if (output === 'verbose') {
      const { __CURSOR, __REALTIME_TIMESTAMP: _, __MONOTONIC_TIMESTAMP: __, ...rest } = fields(entry, index);
      const at = `${timestamp(entry.at).replace(/ UTC$/, '')}.${String(Math.floor(entry.at) % 1000).padStart(3, '0')}000 UTC`;
      return [`${at} [${__CURSOR}]`, ...Object.entries(rest).map(([key, value]) => `    ${key}=${value}`)].join('\n');
    }
    const name = output === 'with-unit' && entry.unit ? `${entry.unit}/${entry.identifier}` : entry.identifier;
    const pid = entry.kernel ? '' : entry.pid === undefined ? '' : `[${entry.pid}]`;
    return `${TIMES[output]!(host, entry.at)} ${host_}${name}${pid}: ${entry.message}`;
  };
  const explained = (entry: Entry) => (options.has('x', 'catalog') && !isQuiet(output) ? explanation(host, entry) : '');
  return entries.map((entry, index) => `${line(entry, index)}\n${explained(entry)}`).join('');
}

/** What `-o` may be. */
export const OUTPUTS = new Set([
  ...Object.keys(TIMES),
  'cat',
  'json',
  'json-pretty',
  'json-sse',
  'json-seq',
  'verbose',
  'export',
]);

/** Outputs for programs: nothing is said but entries. */
export const isQuiet = (output: string): boolean => /^(cat|json.*|export)$/.test(output);
