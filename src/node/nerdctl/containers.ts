import { goJson } from '../../base/go-json.ts';
import { executeTemplate } from '../../base/go-template/index.ts';
import { Quantity } from '../../base/quantity.ts';
import type { TabOptions } from '../../base/tabwriter.ts';
import { formatTime } from '../../base/time.ts';
import { ok, unlines } from '../../sh/tools/tool.ts';
import { containerLog, sinceTime } from '../container-logs.ts';
import { humanDuration, humanSize } from '../crictl/format.ts';
import { findImage } from '../crictl/records.ts';
import { documentOf } from '../docker/inspect.ts';
import { passes, shown } from '../docker/lists.ts';
import { commandText, type DockerContainer, processTable, shortId, statusText } from '../docker/model.ts';
import { CriError } from '../host.ts';
import { type Call, containerOf, containersIn, NerdctlError, nameOf, onEach, type Verb } from './cli.ts';

/** nerdctl's tables. */
export const TABS: TabOptions = { minWidth: 4, tabWidth: 8, padding: 4 };

/** Whether `--format` and `-q` go together: they do not. */
export function formatOf({ options }: Call): string | undefined {
  const format = options.value('format');
  if (format === 'raw') throw new NerdctlError('unsupported format: "raw"');
  if (options.has('q', 'quiet') && format && !/^(table|wide)$/.test(format))
    throw new NerdctlError('format and quiet must not be specified together');
  return format;
}

const full = (container: DockerContainer): string => container.record?.imageName ?? container.image;

const status = (container: DockerContainer, now: number): string =>
  container.state === 'running' ? 'Up' : statusText(container, now);

const goTime = (ms: number): string => `${formatTime(ms).replace('T', ' ').replace('Z', '')} +0000 UTC`;

export const ps: Verb = {
  summary: 'List containers',
  short: 'an:lqsf:',
  long: ['all', 'last:', 'latest', 'no-trunc', 'quiet', 'size', 'format:', 'filter:'],
  run(call) {
    const { host, options } = call;
    const format = formatOf(call);
    const last = Number(options.value('n', 'last') ?? (options.has('l', 'latest') ? 1 : -1));
    const filters = options.values('f', 'filter');
    const all = options.has('a', 'all') || last > 0 || filters.some((filter) => filter.startsWith('status='));
    const found = containersIn(call)
      .map((container) => ({ ...container, name: nameOf(container), image: full(container) }))
      .filter((container) => (all || container.state === 'running') && passes(container, filters));
    const chosen = last > 0 ? found.slice(0, last) : found;
    const whole = options.has('no-trunc');
    const rows = chosen.map((container) => ({
      Command: JSON.stringify(commandText(container, whole)),
      CreatedAt: goTime(container.createdAt),
      Created: `${humanDuration(host.now() - container.createdAt)} ago`,
      ID: whole ? container.id : shortId(container.id),
      Image: container.image,
      Platform: 'linux/amd64',
      Names: container.name,
      Ports: '',
      Status: status(container, host.now()),
      Runtime: 'io.containerd.runc.v2',
      Size: '0.0 B (virtual 0.0 B)',
      Labels: Object.entries(container.labels)
        .map((pair) => pair.join('='))
        .join(','),
    }));
    if (options.has('q', 'quiet')) return ok(unlines(rows.map(({ ID }) => ID)));
    const wide = format === 'wide';
    const head = {
      ID: 'CONTAINER ID',
      Image: 'IMAGE',
      Command: 'COMMAND',
      Created: 'CREATED',
      Status: 'STATUS',
      Ports: 'PORTS',
      Names: 'NAMES',
      ...(wide && { Runtime: 'RUNTIME', Platform: 'PLATFORM' }),
      ...((wide || options.has('s', 'size')) && { Size: 'SIZE' }),
    };
    return ok(shown(wide ? undefined : format, head, rows, TABS));
  },
};

export const logs: Verb = {
  summary: "Fetch the logs of a container. Expected to be used with 'nerdctl run -d'.",
  short: 'ftn:',
  long: ['follow', 'timestamps', 'tail:', 'since:', 'until:', 'details'],
  wants: { count: 1, exactly: true },
  run(call) {
    const { host, context, options } = call;
    const container = containerOf(call, options.rest[0]!);
    const time = (name: string) => (options.has(name) ? sinceTime(options.value(name)!, host.now()) : undefined);
    const [from, until] = [time('since'), time('until')];
    const tail = options.value('n', 'tail') ?? 'all';
    const question = {
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
      ...(tail !== 'all' && { tail: Number(tail) }),
      timestamps: options.has('t', 'timestamps'),
      follow: options.has('f', 'follow'),
    };
    if (!container.record) return ok('');
    return containerLog(host, container.id, container.state === 'running', question, context.memory);
  },
};

export const exec: Verb = {
  summary: 'Run a command in a running container',
  short: 'dite:u:w:',
  long: ['detach', 'interactive', 'tty', 'env:', 'env-file:', 'user:', 'workdir:', 'privileged'],
  wants: { count: 2 },
  command: true,
  async run(call) {
    const { host, context, options } = call;
    const [reference = '', ...command] = options.rest;
    const container = containerOf(call, reference, 'no such container ');
    if (container.state !== 'running') throw new NerdctlError(`no running task found: task ${container.id} not found`);
    const missing = new NerdctlError(
      `OCI runtime exec failed: exec failed: unable to start container process: exec: ${JSON.stringify(command[0])}: executable file not found in $PATH`,
    );
    if (!container.record) throw missing;
    if (context.columns !== undefined && options.has('i', 'interactive') && options.has('t', 'tty'))
      return { ...ok(''), run: command };
    try {
      const done = await host.runtime.exec(
        container.id,
        command,
        options.has('i', 'interactive') ? context.stdin : undefined,
      );
      if (done.code === 0) return done;
      throw Object.assign(new NerdctlError(`exec failed with exit code ${done.code}`), done);
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      throw missing;
    }
  },
};

export const inspect: Verb = {
  summary: 'Return low-level information on objects.',
  short: 'f:s',
  long: ['format:', 'size', 'type:', 'mode:'],
  wants: { count: 1 },
  run(call) {
    const { host, options } = call;
    const type = options.value('type') ?? '';
    const documents: object[] = [];
    const errors: string[] = [];
    for (const reference of options.rest) {
      const container = type === 'image' ? undefined : containersIn(call).find(({ id }) => id.startsWith(reference));
      const image = type === 'container' || container ? undefined : findImage(host, reference);
      const found = container ? documentOf(host, container.id) : image && documentOf(host, image.id);
      if (found)
        documents.push(container ? { ...found, Name: '', Image: full(container), Driver: 'overlayfs' } : found);
      else errors.push(`no such ${type || 'object'}: ${reference}`);
    }
    const format = options.value('f', 'format');
    const stdout =
      format === undefined || format === ''
        ? documents.length > 0
          ? `${goJson(documents, { indent: '    ' })}\n`
          : ''
        : unlines(documents.map((document) => executeTemplate(format, document)));
    if (errors.length === 0) return ok(stdout);
    throw Object.assign(new NerdctlError(`${errors.length} errors:\n${errors.join('\n')}`), { stdout });
  },
};

const ending = (
  act: (call: Call, container: DockerContainer) => void,
  summary: string,
  long: string[],
  whole = false,
): Verb => ({
  summary,
  short: 'ft:s:v',
  long: ['force', 'time:', 'signal:', 'volumes', ...long],
  wants: { count: 1 },
  run: (call) =>
    onEach(call.options.rest, (reference) => {
      const container = containerOf(call, reference);
      act(call, container);
      return `${whole ? container.id : reference}\n`;
    }),
});

export const stop = ending(
  ({ host, options }, container) => {
    if (container.record) host.runtime.stopContainer(container.id, Number(options.value('t', 'time') ?? 10));
    else host.runtime.stopSandbox(container.id);
  },
  'Stop one or more running containers.',
  [],
);

export const kill = ending(
  ({ host }, container) => {
    if (container.state !== 'running')
      throw new NerdctlError(`cannot kill container ${container.id}: container is not running`);
    if (container.record) host.runtime.stopContainer(container.id, 0);
    else host.runtime.stopSandbox(container.id);
  },
  'Kill one or more running containers',
  [],
  true,
);

export const rm = ending(
  ({ host, options }, container) => {
    const running = container.state === 'running';
    if (running && !options.has('f', 'force'))
      throw new NerdctlError(
        `container ${container.id} is in running status. unpause/stop container first or force removal`,
      );
    if (container.record) {
      if (running) host.runtime.stopContainer(container.id, 0);
      host.runtime.removeContainer(container.id);
    } else host.runtime.removeSandbox(container.id);
  },
  'Remove one or more containers',
  [],
);

export const top: Verb = {
  summary: 'Display the running processes of a container',
  short: '',
  long: [],
  wants: { count: 1 },
  command: true,
  run(call) {
    const container = containerOf(call, call.options.rest[0]!);
    if (container.state !== 'running') return ok('');
    return ok(processTable(call.host, container));
  },
};

/** `1.5GiB` as docker/go-units' BytesSize prints it: four significant digits. */
export function bytesSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** at).toPrecision(4))}${units[at]}`;
}

const CLEAR = '\x1b[2J\x1b[H';

export const stats: Verb = {
  summary: 'Display a live stream of container(s) resource usage statistics.',
  short: 'a',
  long: ['all', 'format:', 'no-stream', 'no-trunc'],
  run(call) {
    const { host, options } = call;
    const format = formatOf(call);
    const named = options.rest.map((reference) => containerOf(call, reference));
    const chosen = named.length > 0 ? named : containersIn(call);
    const total = Quantity.parse(host.record().capacity.memory ?? '0').value();
    const whole = options.has('no-trunc');
    const rows = chosen
      .filter(({ state }) => state === 'running' || options.has('a', 'all'))
      .map((container) => {
        const used = container.record ? host.runtime.usage(container.id) : { cpu: 0, memory: 49_152 };
        const seconds = (host.now() - (container.startedAt ?? container.createdAt)) / 1000;
        const own = container.record?.resources?.limits?.memory;
        const limit = own === undefined ? total : Quantity.parse(own).value();
        const memory = used?.memory ?? 0;
        const name = nameOf(container);
        return {
          ID: whole ? container.id : shortId(container.id),
          Name: whole ? name : name.slice(0, 24),
          CPUPerc: used ? `${(seconds > 0 ? used.cpu / 1e7 / seconds : 0).toFixed(2)}%` : '--',
          MemUsage: used ? `${bytesSize(memory)} / ${bytesSize(limit)}` : '-- / --',
          MemPerc: used ? `${((memory / limit) * 100).toFixed(2)}%` : '--',
          NetIO: `${humanSize(0)} / ${humanSize(0)}`,
          BlockIO: `${humanSize(0)} / ${humanSize(0)}`,
          PIDs: container.record ? String(used ? host.runtime.processes(container.id).length : 0) : '1',
        };
      });
    const head = {
      ID: 'CONTAINER ID',
      Name: 'NAME',
      CPUPerc: 'CPU %',
      MemUsage: 'MEM USAGE / LIMIT',
      MemPerc: 'MEM %',
      NetIO: 'NET I/O',
      BlockIO: 'BLOCK I/O',
      PIDs: 'PIDS',
    };
    const text = shown(format, head, rows);
    if (options.has('no-stream')) return ok(text);
    return { ...ok(CLEAR + text), again: { after: 1000, memory: 1 } };
  },
};
