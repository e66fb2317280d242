import { humanDuration } from '../../base/duration.ts';
import { parseTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError, ExitError, throwCollected, throwVisited } from '../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  chunkSizeFlag,
  FIELD_SELECTOR_FLAG,
  filenameFlags,
  GET_PRINT_FLAGS,
  rawUri,
  SELECTOR_FLAG,
  subresourceFlag,
  usageError,
} from '../flags/common.ts';
import { klogHeader } from '../log/klog.ts';
import { outputFormat, type Printable, structuredPrinter } from '../printers/print-flags.ts';
import { isTable, type Table, TablePrinter, tableWriter } from '../printers/table.ts';
import type { BuilderOptions } from '../resource/builder.ts';
import { type Info, typeName } from '../resource/info.ts';

const ACCEPT_TABLE =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

const command: Command = {
  name: 'get',
  use: 'get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  short: 'Display one or many resources',
  long: `Display one or many resources.

Prints a table of what matters most about the resources. A label selector (--selector) filters the list. Of a namespaced type only the current namespace is shown unless another is given.

With the output format 'template' and a Go template as the value of --template the fields to show can be chosen.

Use "kubectl api-resources" for a complete list of supported resources.`,
  examples: `
# List all pods
kubectl get pods

# List all pods with more columns, such as the node's name
kubectl get pods -o wide

# List a single replication controller by name
kubectl get replicationcontroller web

# List deployments as JSON, in version v1 of the API group apps
kubectl get deployments.v1.apps -o json

# List a single pod as JSON
kubectl get -o json pod web-pod-13je7

# List the pod that "pod.yaml" names, as JSON
kubectl get -f pod.yaml -o json

# List the resources of a folder with a kustomization.yaml
kubectl get -k dir/

# Return only the phase of a pod
kubectl get -o template pod/web-pod-13je7 --template={{.status.phase}}

# List chosen fields as columns
kubectl get pod test-pod -o custom-columns=CONTAINER:.spec.containers[0].name,IMAGE:.spec.containers[0].image

# List all replication controllers and services together
kubectl get rc,services

# List resources by type and name
kubectl get rc/web service/frontend pods/web-pod-13je7

# List the subresource 'status' of a pod
kubectl get pod web-pod-13je7 --subresource status

# List all deployments of the namespace 'backend'
kubectl get deployments.apps --namespace backend

# List all pods of all namespaces
kubectl get pods --all-namespaces`,
  flags: [
    ...GET_PRINT_FLAGS,
    ALL_NAMESPACES_FLAG,
    chunkSizeFlag,
    FIELD_SELECTOR_FLAG,
    ...filenameFlags('File, folder or URL that names the resource to get.'),
    { name: 'ignore-not-found', type: 'bool', usage: 'Exit with code 0 when the object does not exist.' },
    {
      name: 'label-columns',
      shorthand: 'L',
      type: 'stringSlice',
      usage:
        'Comma-separated labels that become columns. Names are case-sensitive. May be repeated: -L label1 -L label2...',
    },
    { name: 'no-headers', type: 'bool', usage: 'No headers in the default and custom-columns output formats.' },
    {
      name: 'output-watch-events',
      type: 'bool',
      usage: 'Print the events of --watch or --watch-only. Objects that exist are printed as ADDED events first.',
    },
    { name: 'raw', type: 'string', usage: 'URI to request from the server, with the connection of the kubeconfig.' },
    SELECTOR_FLAG,
    {
      name: 'server-print',
      type: 'bool',
      default: 'true',
      usage: 'Let the server make the table. Works for extension APIs and CRDs too.',
    },
    { name: 'show-kind', type: 'bool', usage: 'Write the type before names.' },
    { name: 'show-labels', type: 'bool', usage: 'Show all labels as the last column.' },
    {
      name: 'sort-by',
      type: 'string',
      usage:
        "Sort lists by this field, a JSONPath expression (e.g. '{.metadata.name}'). The field must be a number or a string.",
    },
    subresourceFlag('Get this subresource of the object.'),
    { name: 'watch', shorthand: 'w', type: 'bool', usage: 'Go on watching after the object or list was printed.' },
    { name: 'watch-only', type: 'bool', usage: 'Watch without listing or getting first.' },
  ],
  run: get,
};

export default command;

/** Columns of tables or whole objects: everything after depends on it. */
interface View {
  output: string;
  /** Tables, as the default and `-o wide` are. */
  humanReadable: boolean;
  serverPrint: boolean;
}

async function get(invocation: Invocation): Promise<void> {
  const { flags, args, factory } = invocation;
  if (flags.string('raw')) {
    await getRaw(invocation);
    return;
  }
  const { namespace } = await factory.namespace();
  const output = outputFormat(invocation);
  const view: View = {
    output,
    humanReadable: output === '' || output === 'wide',
    serverPrint: flags.bool('server-print'),
  };
  const watching = flags.bool('watch') || flags.bool('watch-only');
  warnOrRefuse(invocation, watching);
  if (flags.bool('show-labels') && !view.humanReadable) {
    throw new CommandError(`--show-labels option cannot be used with ${output} printer`);
  }
  if (flags.bool('output-watch-events') && !watching) {
    throw new CommandError('--output-watch-events option can only be used with --watch or --watch-only');
  }
  if (watching) {
    const { watch } = await import('./get-watch.ts');
    await watch(invocation, view.humanReadable, builderOptions(invocation, view));
    return;
  }
  const options: BuilderOptions = {
    ...builderOptions(invocation, view),
    args,
    chunkSize: flags.string('sort-by') ? 0 : flags.int('chunk-size'),
    continueOnError: true,
    ignoreNotFound: flags.bool('ignore-not-found'),
  };
  if (view.humanReadable) await printTables(invocation, options, namespace);
  else await printObjects(invocation, options, view.output);
}

function warnOrRefuse(invocation: Invocation, watching: boolean): void {
  const { flags, args, environment } = invocation;
  if (watching) {
    if (!flags.string('sort-by')) return;
    environment.io.err(
      flags.bool('watch')
        ? 'warning: --watch requested, --sort-by will be ignored for watch events received\n'
        : 'warning: --watch-only requested, --sort-by will be ignored\n',
    );
    return;
  }
  if (args.length > 0 || flags.strings('filename').length > 0 || flags.string('kustomize')) return;
  environment.io.err(
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
  );
  throw usageError(
    invocation,
    'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
  );
}

/** What every way of getting asks the builder for. */
export function builderOptions({ flags, args }: Invocation, { humanReadable, serverPrint }: View): BuilderOptions {
  return {
    args,
    allowEmptySelector: true,
    filenames: flags.strings('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    allNamespaces: flags.bool('all-namespaces'),
    subresource: flags.string('subresource'),
    chunkSize: flags.int('chunk-size'),
    latest: true,
    ...(humanReadable && serverPrint && { accept: ACCEPT_TABLE }),
    ...(humanReadable && serverPrint && flags.string('sort-by') && { query: { includeObject: 'Object' } }),
  };
}

async function getRaw({ flags, args, factory, environment }: Invocation): Promise<void> {
  if (args.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
  if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector')) {
    throw new CommandError(
      '--raw may not be specified with other flags that filter the server request or alter the output',
    );
  }
  if (flags.string('output')) throw new CommandError('--raw and --output are mutually exclusive');
  const uri = rawUri({ flags });
  const response = await (await factory.client()).send('GET', uri);
  environment.io.out(response.text());
}

/** Rows of one type share a printer, a header and the widths of columns; types stand apart by an empty line. */
async function printTables(invocation: Invocation, options: BuilderOptions, namespace: string): Promise<void> {
  const { flags, environment, factory } = invocation;
  const { infos, errors, retrieving } = await factory.builder(options).infos();
  const kinds = new Set(infos.map(({ type }) => type));
  const sorted = flags.string('sort-by') ? await sortTables(invocation, infos) : infos;
  let written = 0;
  let separate = false;
  const writer = tableWriter((text) => {
    environment.io.out(separate ? `\n${text}` : text);
    separate = false;
    written += text.length;
  });
  const now = (await factory.client()).transport.now();
  let last: Info | undefined;
  let printer: TablePrinter | undefined;
  for (const info of sorted) {
    if (!printer || last?.type !== info.type) {
      writer.flush();
      writer.rememberedWidths = [];
      separate = last !== undefined && !flags.bool('no-headers') && written > 0;
      printer = new TablePrinter(tableOptions(invocation, info, kinds.size > 1), writer);
      last = info;
    }
    if (isTable(info.object)) printer.print(info.object);
    else if (info.object) printer.printObject(info.object, age(info.object, now));
  }
  writer.flush();
  if (written === 0 && !flags.bool('ignore-not-found') && errors.length === 0) {
    const inNamespace = !flags.bool('all-namespaces') && infos.every(({ type }) => type.namespaced);
    environment.io.err(inNamespace ? `No resources found in ${namespace} namespace.\n` : 'No resources found\n');
  }
  throwVisited(errors, retrieving);
}

export function tableOptions({ flags }: Invocation, { type }: Info, withKind: boolean) {
  return {
    wide: outputFormat({ flags } as Invocation) === 'wide',
    noHeaders: flags.bool('no-headers'),
    withNamespace: flags.bool('all-namespaces') && type.namespaced,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.strings('label-columns'),
    ...((withKind || flags.bool('show-kind')) && { kindPrefix: typeName(type) }),
  };
}

/** The age that a table made by the client shows. */
export function age({ metadata }: KubeObject, now: number): string {
  const created = metadata?.creationTimestamp;
  return created ? humanDuration(now - parseTime(String(created))) : '<unknown>';
}

/** Sorts the rows of a table alone, or objects among each other; several tables are objects without the field, as to kubectl. */
async function sortInfos(invocation: Invocation, infos: Info[]): Promise<Info[]> {
  const { flags, environment } = invocation;
  const { UnsortableError } = await import('../printers/sort.ts');
  try {
    return await sortedInfos(infos, flags.string('sort-by'));
  } catch (error) {
    if (!(error instanceof UnsortableError)) throw error;
    const [line, type] = infos.length > 1 ? [329, '*unstructured.Unstructured'] : [375, '[][][]reflect.Value'];
    const { path } = (await import('../printers/sort-field.ts')).fieldFinder(flags.string('sort-by'));
    throw new ExitError(
      1,
      `${klogHeader(environment.now(), 'F')} sorter.go:${line}] Field ${path} in ${type} is an unsortable type: interface, err: ${error.message}\n`,
    );
  }
}

async function sortedInfos(infos: Info[], field: string): Promise<Info[]> {
  const { fieldFinder } = await import('../printers/sort-field.ts');
  const { sortByField } = await import('../printers/sort.ts');
  const { find, path } = fieldFinder(field);
  if (infos.length > 1) return sortByField(infos, ({ object }) => object, find, path);
  return infos.map((info) => {
    if (!isTable(info.object)) return info;
    const table: Table = info.object;
    if ((table.rows ?? []).length < 2) return info;
    const rows = sortByField(table.rows ?? [], ({ object }) => object, find, path);
    return { ...info, object: { ...table, rows } as unknown as KubeObject };
  });
}

/** A single table that cannot be sorted is not printed, and nothing is said of it. */
async function sortTables(invocation: Invocation, infos: Info[]): Promise<Info[]> {
  try {
    return await sortInfos(invocation, infos);
  } catch (error) {
    if (infos.length === 1 && error instanceof CommandError) return [];
    throw error;
  }
}

/** One object alone, anything else as a v1 List. */
async function printObjects(invocation: Invocation, options: BuilderOptions, output: string): Promise<void> {
  const { flags, environment, factory } = invocation;
  const builder = factory.builder(options);
  const { infos, errors } = await builder.infos();
  if (builder.singleItemImplied && errors.length > 0) throwCollected(errors);
  if (infos.length === 0 && flags.bool('ignore-not-found')) {
    throwCollected(errors);
    return;
  }
  const print = await objectPrinter(invocation, output);
  if (output === 'name')
    factory.log.info(
      2,
      'table_printer.go:45',
      'Unable to decode server response into a Table. Falling back to hardcoded types: attempt to decode non-Table object',
    );
  if (builder.singleItemImplied && infos.length === 1) {
    environment.io.out(print(infos[0]!.object as unknown as Printable));
  } else {
    const sorted = flags.string('sort-by') && infos.length > 0 ? await sortInfos(invocation, infos) : infos;
    const items = sorted.map(({ object }) => object);
    try {
      environment.io.out(
        print({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } as Printable),
      );
    } catch (error) {
      if (errors.length === 0) throw error;
      errors.push(asError(error));
    }
  }
  throwCollected(errors);
}

export async function objectPrinter(invocation: Invocation, output: string): Promise<(object: Printable) => string> {
  if (/^custom-columns(-file)?(=|$)/.test(output)) {
    const { customColumnsPrinter } = await import('../printers/custom-columns-flags.ts');
    return customColumnsPrinter(invocation, output);
  }
  return structuredPrinter(invocation, output, { also: ['custom-columns', 'custom-columns-file', 'wide'] });
}
