import { humanDuration } from '../../base/duration.ts';
import { goSort } from '../../base/go-sort.ts';
import { escapeTerminal } from '../../base/terminal.ts';
import { parseTime } from '../../base/time.ts';
import type { CoreEvent } from '../../types/objects.ts';
import { groupVersionText } from '../client/mapper.ts';
import type { Query } from '../client/rest.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, chunkSizeFlag, PRINT_FLAGS } from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import { tableWriter } from '../printers/table.ts';

const command: Command = {
  name: 'events',
  use: 'events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  short: 'List events',
  long: `Display events.

Prints a table of what matters most about events: of a namespace, of all namespaces, or only of a given resource.`,
  examples: `
# List recent events in the default namespace
kubectl events

# List recent events in all namespaces
kubectl events --all-namespaces

# List recent events of the given pod, then wait for more and list them as they come
kubectl events --for pod/web-pod-13je7 --watch

# List recent events as YAML
kubectl events -oyaml

# List recent events of type 'Warning' or 'Normal' only
kubectl events --types=Warning,Normal`,
  flags: [
    ...PRINT_FLAGS,
    ALL_NAMESPACES_FLAG,
    chunkSizeFlag,
    { name: 'for', type: 'string', usage: 'Only events about this resource.' },
    { name: 'no-headers', type: 'bool', usage: 'No headers in the default output format.' },
    { name: 'types', type: 'stringSlice', usage: 'Only events of these types.' },
    { name: 'watch', shorthand: 'w', type: 'bool', usage: 'Go on watching for more events.' },
  ],
  run: events,
};

export default command;

async function events(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const { namespace } = await factory.namespace();
  const query = await eventQuery(invocation);
  const types = flags.strings('types').map((type) => type.toLowerCase());
  if (types.some((type) => type !== 'normal' && type !== 'warning')) {
    throw new CommandError('valid --types are Normal or Warning');
  }
  const wanted = (event: CoreEvent) => types.length === 0 || types.includes((event.type ?? '').toLowerCase());
  const path = flags.bool('all-namespaces') ? '/api/v1/events' : `/api/v1/namespaces/${namespace}/events`;
  const client = await factory.client();
  const show = await shower(invocation);
  if (flags.bool('watch')) {
    for await (const { type, object } of client.watch(path, query, 'follows')) {
      if (type !== 'DELETED' && wanted(object as CoreEvent)) show([object as CoreEvent], false);
    }
    return;
  }
  const found = (await client.list<CoreEvent>(path, query, flags.int('chunk-size'))).filter(wanted);
  if (found.length === 0) {
    environment.io.err(
      flags.bool('all-namespaces') ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`,
    );
    return;
  }
  show(
    goSort([...found], (a, b) => lastSeen(a) < lastSeen(b)),
    true,
  );
}

/** The field selector of --for. */
async function eventQuery({ flags, factory }: Invocation): Promise<Query> {
  const about = flags.string('for');
  if (!about) return {};
  const [resource = '', name, ...more] = about.split('/');
  if (more.length > 0) throw new CommandError('arguments in resource/name form may not have more than one slash');
  if (name === undefined) throw new CommandError('--for must be in resource/name form');
  if (!resource) throw new CommandError('a resource must be present, got: /, Resource=');
  const type = await factory.mapper.resourceFor(resource.toLowerCase());
  if (!name) return {};
  const terms = [
    `involvedObject.apiVersion=${groupVersionText(type)}`,
    `involvedObject.kind=${type.kind}`,
    `involvedObject.name=${name}`,
  ];
  return { fieldSelector: terms.join(',') };
}

const timeOf = (time: unknown): number => (time ? parseTime(String(time)) : 0);

const lastSeen = (event: CoreEvent): number =>
  timeOf(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime);

/** Prints events as a table, or as -o says; a whole list is one List then. */
async function shower(invocation: Invocation): Promise<(events: CoreEvent[], list: boolean) => void> {
  const { flags, factory, environment } = invocation;
  if (flags.string('output')) {
    const print = await printerFor(invocation, '', { typed: true });
    const typed = ({ kind: _kind, apiVersion: _version, ...event }: CoreEvent) => ({
      kind: 'Event',
      apiVersion: 'v1',
      ...event,
    });
    return (found, list) => {
      const items = found.map(typed);
      const whole = { kind: 'EventList', apiVersion: 'v1', metadata: {}, items };
      // kubectl's printer of names knows no lists, and its refusal goes unheard.
      if (list && flags.string('output').toLowerCase() === 'name') return;
      environment.io.out(print((list ? whole : items[0]) as unknown as Printable));
    };
  }
  const { transport } = await factory.client();
  const writer = tableWriter(environment.io.out);
  const withNamespace = flags.bool('all-namespaces');
  let header = !flags.bool('no-headers');
  return (found) => {
    const line = (cells: string[]) => writer.write(`${cells.join('\t')}\n`);
    if (header) line([...(withNamespace ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE']);
    header = false;
    for (const event of found) {
      const { kind, name } = event.involvedObject ?? {};
      const cells = [
        intervalOf(event, transport.now()),
        event.type ?? '',
        event.reason ?? '',
        `${kind ?? ''}/${name ?? ''}`,
        (event.message ?? '').trim(),
      ].map(escapeTerminal);
      line([...(withNamespace ? [event.metadata.namespace ?? ''] : []), ...cells]);
    }
    writer.flush();
  };
}

/** How long ago, and how often over how long: `5s`, `3m (x4 over 10m)`. */
export function intervalOf(event: CoreEvent, now: number): string {
  const since = (time: unknown) => (time ? humanDuration(now - timeOf(time)) : '<unknown>');
  const first = since(event.eventTime ?? event.firstTimestamp);
  if (event.series) return `${since(event.series.lastObservedTime)} (x${event.series.count} over ${first})`;
  if ((event.count ?? 0) > 1) return `${since(event.lastTimestamp)} (x${event.count} over ${first})`;
  return first;
}
