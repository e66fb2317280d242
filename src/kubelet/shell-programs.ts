import { copyJson } from '../base/copy-json.ts';
import type { Group, Memory } from '../sh/evaluator/state.ts';
import { converse, processesOf, resume, signal, spawn } from '../sh/evaluator.ts';
import type { ImageCatalogue } from '../sh/images/catalogue.ts';
import type { Daemon, DaemonHttp, Machine, ProcessState, StepResult } from '../sh/process.ts';
import { fillLine } from '../sh/programs/fill-line.ts';
import { hogsOf } from '../sh/programs/hogs.ts';
import { answer, parseResponse } from '../sh/programs/http-answer.ts';
import { SERVERS } from '../sh/servers/index.ts';
import type { Programs, RegistryImage, ServerRequest, StartFailure } from './platform.ts';

interface Listener {
  ports: number[];
  argv: string[];
  pid: number;
  memory: Memory;
}

const nameOf = ({ argv }: Listener): string => argv[0]!.split('/').at(-1)!;

/** The programs of a process and its children that have ports open. */
function listeners(process: ProcessState): Listener[] {
  const { tasks } = process.machine as Group;
  return tasks
    .filter((task) => !task.exit)
    .flatMap((task) =>
      task.frames.flatMap((frame) =>
        frame.kind === 'program' && frame.memory.ports
          ? [{ ports: frame.memory.ports as number[], argv: frame.argv, pid: task.pid, memory: frame.memory }]
          : [],
      ),
    );
}

/** The process with what one of its servers remembers now. */
function remembering(process: ProcessState, { pid }: Listener, server: unknown): ProcessState {
  const machine = copyJson(process.machine as Group);
  for (const frame of machine.tasks.find((task) => task.pid === pid)!.frames)
    if (frame.kind === 'program') frame.memory.server = server;
  return { ...process, machine };
}

/** runc's words for a program that cannot be started. */
function startFailure(argv: string[], machine: Machine): StartFailure {
  const [name = ''] = argv;
  if (!name.includes('/')) return { failure: 'executable file not found in $PATH' };
  const found = machine.files.stat(name);
  return { failure: found ? 'permission denied' : `stat ${name}: no such file or directory` };
}

/** One HTTP exchange with an `nc -l`, whose input is the answer as it stands. */
function conversation(process: ProcessState, machine: Machine, port: number, request: ServerRequest) {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => `${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}: ${value}\r\n`,
  );
  const sent = `${request.method} ${request.path} HTTP/1.1\r\n${headers.join('')}\r\n${request.body ?? ''}`;
  const talk = converse(machine, process, port, sent);
  const response = talk && parseResponse(talk.received);
  return response && { response, output: talk.step.output, process: talk.step.process };
}

/** What a process keeps busy: what its loops do, and what its servers and hogs say of themselves. */
function demandOf({ process, demand, exit }: StepResult, daemons: Record<string, Daemon> | undefined) {
  if (exit) return undefined;
  const all = { ...demand };
  for (const { command } of processesOf(process)) {
    const argv = command.split(' ');
    const name = argv[0]!.split('/').at(-1)!;
    const { memory = 0, perRequest } = daemons?.[name] ?? {};
    const hogs = name.startsWith('stress') ? hogsOf(argv) : { cpu: 0, memory };
    if (hogs.cpu > 0) all.cpu = (all.cpu ?? 0) + hogs.cpu;
    if (hogs.memory > 0) all.memory = (all.memory ?? 0) + hogs.memory;
    if (perRequest) all.perRequest = perRequest;
  }
  return Object.keys(all).length > 0 ? all : undefined;
}

/** Programs as `sh/` runs them, of the images in a catalogue. */
export function shellPrograms(catalogue: Pick<ImageCatalogue, 'find' | 'byId' | 'lack'>): Programs {
  const definition = (image: RegistryImage) => catalogue.byId(image.id);
  const equipped = (machine: Machine, daemons: Record<string, Daemon> | undefined): Machine =>
    daemons ? { ...machine, daemons: { ...daemons, ...machine.daemons } } : machine;
  /** Later steps know the image by what the process itself began with. */
  const again = (machine: Machine, process: ProcessState): Machine =>
    equipped(machine, catalogue.byId(imageOf(process))?.daemons);
  const imageOf = (process: ProcessState) => (process as ProcessState & { image?: string }).image ?? '';
  const marked = (result: StepResult, image: string): StepResult => {
    const demand = demandOf(result, catalogue.byId(image)?.daemons);
    return {
      ...result,
      ...(demand && { demand }),
      process: { ...result.process, image } as ProcessState,
    };
  };

  return {
    resolve: (reference) => catalogue.find(reference)?.image,
    lack: (reference) => catalogue.lack(reference),
    image(id, reference) {
      const named = reference === undefined ? undefined : catalogue.find(reference)?.image;
      return named?.id === id ? named : catalogue.byId(id)?.image;
    },
    processes: processesOf,
    files: (image) => definition(image)!.files,
    start(image, options, machine) {
      const around = equipped(machine, definition(image)?.daemons);
      const { failure, ...process } = spawn(around, options);
      if (failure) return startFailure(options.argv, machine);
      return marked(resume(around, process), image.id);
    },
    step: (process, machine, input) => marked(resume(again(machine, process), process, input), imageOf(process)),
    signal: (process, machine, number) => marked(signal(again(machine, process), process, number), imageOf(process)),
    listens: (_image, process, port) => listeners(process).some(({ ports }) => ports.includes(port)),
    sockets: (process) =>
      listeners(process).flatMap((listener) =>
        listener.ports.map((port) => ({
          protocol: 'tcp' as const,
          address: '0.0.0.0',
          port,
          pid: listener.pid,
          program: nameOf(listener),
        })),
      ),
    talk(image, process, machine, port, text) {
      const { listener, server, call } = called(image, process, machine, port);
      const answer = call && server?.talk?.(call, text);
      return answer && { text: answer.text, ...effects(process, listener!, answer, machine) };
    },
    serve(image, process, machine, port, request) {
      const { listener, daemon, server, call } = called(image, process, machine, port);
      const own = call && server?.http?.(call, request);
      if (own) return { response: own.response, ...effects(process, listener!, own, machine) };
      const http = (listener?.memory.http as DaemonHttp | undefined) ?? daemon?.http;
      if (!http) return conversation(process, machine, port, request);
      const { host = '' } = request.headers;
      const fill = (text: string) =>
        fillLine(text, machine.now(), machine.hostname, process.env, {
          host,
          method: request.method,
          path: request.path,
          agent: request.headers['user-agent'] ?? '-',
          client: request.client ?? '-',
        });
      const response = answer(http, request, machine.files, machine.now(), fill);
      const access =
        http.access &&
        fill(
          http.access
            .replaceAll('{status}', String(response.status))
            .replaceAll('{size}', String(Buffer.byteLength(response.body))),
        );
      return {
        response,
        ...(access && { output: [{ stream: 'stdout' as const, text: `${access}\n`, at: machine.now() }] }),
      };
    },
  };

  /** Who listens on a port, and what it is to know of the call. */
  function called(image: RegistryImage, process: ProcessState, machine: Machine, port: number) {
    const listener = listeners(process).find(({ ports }) => ports.includes(port));
    const daemon = listener && definition(image)?.daemons?.[nameOf(listener)];
    const server = daemon?.server === undefined ? undefined : SERVERS[daemon.server];
    const call = listener &&
      daemon && {
        memory: listener.memory.server,
        machine,
        port,
        started: listener.memory.started ?? 0,
        argv: listener.argv,
        environment: process.env,
        daemon,
      };
    return { listener, daemon, server, call };
  }
}

/** What an answer leaves behind. */
function effects(
  process: ProcessState,
  listener: Listener,
  { memory, log }: { memory?: unknown; log?: { stream: 'stdout' | 'stderr'; text: string }[] },
  machine: Machine,
) {
  const at = machine.now();
  return {
    ...(memory !== undefined && { process: remembering(process, listener, memory) }),
    ...(log && log.length > 0 && { output: log.map((line) => ({ ...line, at })) }),
  };
}
