import type { ConnectionTarget, KubectlEnvironment } from '../kubectl/io.ts';
import { runKubectl } from '../kubectl/main.ts';
import type { Transport } from '../kubectl/transport.ts';
import type { Command, CommandContext, CommandResult, OutputChunk } from '../sh/process.ts';
import { hostOf } from './command-host.ts';

/** What kubectl needs of the place where it runs, besides the machine's files. */
export interface KubectlPlace {
  /** The machine's clock, ms. */
  now(): number;
  /** What becomes of the words after `kubectl`. */
  words?(given: string[]): string[];
  /** Characters of a generated name. */
  randomSuffix(length: number): string;
  /** Opens a connection from that machine; throws where it does not reach the server. */
  connect(target: ConnectionTarget, context: CommandContext): Promise<Transport>;
}

/** Arguments with which kubectl reads standard input. */
const READS = /^(-|-[a-zA-Z]*i[a-zA-Z]*|--stdin(=true)?|(-f|-k|--[a-z-]+=)-|--[a-z-]+=\/dev\/stdin)$/;

/** Verbs that would open a port of the host's. */
const OPENS_PORTS = /^(?:-\S+ (?:[^-]\S* )?)*(proxy|port-forward)( |$)/;

/** kubectl as a program of a simulated machine: it works with that machine's files, and reaches the API server from there. */
export function kubectlCommand(place: KubectlPlace): Command {
  return (context) => {
    // Asked at once, what is still being written makes the evaluator wait; asked later, it would be a failure.
    if (context.argv.some((argument) => READS.test(argument))) void context.stdin;
    const [, verb] = OPENS_PORTS.exec(context.argv.slice(1).join(' ')) ?? [];
    if (verb && !context.argv.includes('--help') && !context.argv.includes('-h'))
      return {
        stdout: '',
        stderr: `error: kubectl ${verb} opens a port, and a simulated machine has none to open\n`,
        code: 1,
      };
    return run(place, context);
  };
}

async function run(place: KubectlPlace, context: CommandContext): Promise<CommandResult> {
  const written: Pick<OutputChunk, 'stream' | 'text'>[] = [];
  const write = (stream: OutputChunk['stream'], text: string) => {
    const last = written.at(-1);
    if (last?.stream === stream) last.text += text;
    else written.push({ stream, text });
  };
  const machine = hostOf(context, write);
  const environment: KubectlEnvironment = {
    io: {
      out: (text) => write('stdout', text),
      err: (text) => write('stderr', text),
      readStdin: async () => context.stdin,
      stdin: async function* () {
        yield Buffer.from(context.stdin);
      },
      stdinIsTerminal: false,
      stdoutIsTerminal: context.columns !== undefined,
      columns: context.columns ?? 80,
    },
    host: machine,
    defaultKubeconfig: async () => `${machine.home}/.kube/config`,
    now: place.now,
    randomSuffix: place.randomSuffix,
    connect: (target) => place.connect(target, context),
  };
  const words = context.argv.slice(1);
  const code = await runKubectl(place.words?.(words) ?? words, environment);
  const text = (of: OutputChunk['stream']) =>
    written.filter(({ stream }) => stream === of).reduce((all, one) => all + one.text, '');
  return { stdout: text('stdout'), stderr: text('stderr'), code, written };
}
