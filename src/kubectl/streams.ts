import { LineEditor, typedOn } from '../base/line-editor.ts';
import type { Status } from './client/status.ts';
import { CommandError, ExitError, StatusError } from './errors.ts';
import type { IOStreams, KubectlEnvironment } from './io.ts';
import type { StreamOptions, Transport } from './transport.ts';

/** How a command runs in a container: what is connected, and whether over a terminal. */
export interface Session {
  stdin: boolean;
  tty: boolean;
}

/** Whether a session can have a terminal: only when one is at the other end of stdin. */
export function sessionFor({ io }: KubectlEnvironment, stdin: boolean, tty: boolean, quiet: boolean): Session {
  if (!stdin || !tty) return { stdin, tty: false };
  if (io.stdinIsTerminal) return { stdin, tty: true };
  if (!quiet) io.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  return { stdin, tty: false };
}

/** Connects the streams of exec or attach, and ends as the remote command does. */
export async function runSession(
  transport: Transport,
  path: string,
  { io }: KubectlEnvironment,
  { stdin, tty }: Session,
  output?: Partial<Pick<StreamOptions, 'stdout' | 'stderr'>>,
): Promise<void> {
  const status = (await transport.stream(path, { ...connect(io, { stdin, tty }), ...output })) as Status | undefined;
  throwFailure(status);
}

/** The user's own streams as a remote command gets them. */
export function connect(
  io: Pick<IOStreams, 'out' | 'err' | 'flush' | 'stdin'> &
    Partial<Pick<IOStreams, 'stdinIsTerminal' | 'columns' | 'rows' | 'onResize'>>,
  { stdin, tty }: Session,
): StreamOptions {
  const decoders = [new TextDecoder(), new TextDecoder()];
  const editor =
    tty &&
    stdin &&
    io.stdinIsTerminal &&
    new LineEditor((text) => {
      io.out(text);
      io.flush?.();
    });
  return {
    ...(stdin && { stdin: editor ? typedOn(editor, io.stdin({ raw: true })) : io.stdin() }),
    tty,
    ...(tty && {
      resize: (tell) => {
        const told = () => tell(io.columns ?? 80, io.rows ?? 24);
        told();
        io.onResize?.(told);
      },
    }),
    stdout: (data) => {
      const text = decoders[0]!.decode(data, { stream: true });
      if (editor) editor.passes(text);
      io.out(text);
    },
    stderr: (data) => {
      const text = decoders[1]!.decode(data, { stream: true });
      if (editor) editor.passes(text);
      io.err(text);
    },
  };
}

/** The exit code in a NonZeroExitCode status, or the failure itself. */
function throwFailure(status: Status | undefined): void {
  if (!status || status.status === 'Success') return;
  if (status.reason === 'NonZeroExitCode') {
    const code = Number(status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message ?? 1);
    throw new ExitError(code, `command terminated with exit code ${code}\n`);
  }
  if (status.reason === 'InternalError') throw new CommandError(status.message);
  throw new StatusError(status);
}
