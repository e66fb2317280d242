import type { ClusterSession } from '../cluster/session.ts';
import { remember, type ShellMemory, spawnLine } from '../sh/evaluator.ts';
import type { Machine, OutputChunk } from '../sh/process.ts';
import { drive, hasHome, login } from './login.ts';

export interface Ran {
  stdout: string;
  stderr: string;
  /** Both streams in the order in which a terminal shows them. */
  output: string;
  code: number;
}

/** A shell at whose prompt line after line is typed. */
export class Shell {
  #memory: ShellMemory | undefined;

  constructor(
    private readonly session: ClusterSession,
    private readonly machine: () => Promise<Machine>,
    private readonly user: string,
  ) {}

  /** Runs a line, or several, to the end; time passes as long as that takes. */
  async run(line: string, columns?: number): Promise<Ran> {
    const ran: Ran = { stdout: '', stderr: '', output: '', code: 0 };
    const write = (stream: OutputChunk['stream'], text: string) => {
      ran[stream] += text;
      ran.output += text;
    };
    const machine = await this.machine();
    const { user } = this;
    const options = login(machine.hostname, user, [], { hasHome: hasHome(machine, user), columns });
    const begun = spawnLine(machine, line, options, this.#memory);
    const { code, process } = await drive(this.session, this.machine, begun, write);
    this.#memory = remember(process);
    return { ...ran, code };
  }
}
