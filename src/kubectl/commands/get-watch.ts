import { goJson } from '../../base/go-json.ts';
import type { KubeObject } from '../../types/objects.ts';
import { resourcePath } from '../client/mapper.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { Printable } from '../printers/print-flags.ts';
import { isTable, TablePrinter, tableWriter } from '../printers/table.ts';
import { type BuilderOptions, itemsOf } from '../resource/builder.ts';
import type { Info } from '../resource/info.ts';
import { age, objectPrinter, tableOptions } from './get.ts';

/** Prints an object or an event; `type` is the event's. */
type Show = (object: KubeObject, type: string) => void;

/** `get -w`: what there is, then every change, until the watch ends. */
export async function watch(invocation: Invocation, humanReadable: boolean, options: BuilderOptions): Promise<void> {
  const { flags, factory } = invocation;
  const { subresource: _, ...asked } = options;
  const { infos } = await factory.builder({ ...asked, singleType: true, flatten: false, chunkSize: 0 }).infos();
  const [first] = infos;
  if (!first || new Set(infos.map(({ type }) => type)).size > 1) {
    throw new CommandError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  }
  const show = humanReadable ? await tableShower(invocation, first) : await objectShower(invocation);
  const list = first.name === '';
  const current =
    list && !isTable(first.object)
      ? [...itemsOf(first.object as KubeObject, first.type)].map(({ object }) => object!)
      : [first.object!];
  if (!flags.bool('watch-only')) for (const object of current) show(object, 'ADDED');

  // A watch of one object repeats it as its first event, a watch from a list's version does not.
  let skip = !list;
  const client = await factory.client();
  const query = list
    ? {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        resourceVersion: (first.object!.metadata as { resourceVersion?: string }).resourceVersion,
      }
    : { fieldSelector: `metadata.name=${first.name}`, resourceVersion: '0' };
  const path = resourcePath(first.type, first.namespace);
  const accept = options.accept ? { accept: options.accept } : {};
  for await (const event of client.watch(path, query, 'follows', accept)) {
    if (!skip) show(event.object as KubeObject, event.type);
    skip = false;
  }
}

async function tableShower(invocation: Invocation, info: Info): Promise<Show> {
  const { environment, flags, factory } = invocation;
  const writer = tableWriter((text) => environment.io.out(text));
  const printer = new TablePrinter(tableOptions(invocation, info, false), writer);
  const events = flags.bool('output-watch-events');
  const { transport } = await factory.client();
  return (object, type) => {
    if (isTable(object)) printer.print(object, events ? type : undefined);
    else printer.printObject(object, age(object, transport.now()), events ? type : undefined);
    writer.flush();
  };
}

async function objectShower(invocation: Invocation): Promise<Show> {
  const { environment, flags } = invocation;
  const print = await objectPrinter(invocation, flags.string('output'));
  const events = flags.bool('output-watch-events');
  if (events && flags.string('output').toLowerCase() === 'json') {
    return (object, type) =>
      environment.io.out(`{"type":${goJson(type)},"object":${goJson(object, { sortKeys: true })}}\n`);
  }
  return (object, type) => environment.io.out(print((events ? { type, object } : object) as unknown as Printable));
}
