import { GO_ERRNO } from '../base/go-errno.ts';
import type { ClusterSession } from '../cluster/session.ts';
import { InProcessTransport } from '../cluster/transport.ts';
import type { HostMachine, KubectlEnvironment } from '../kubectl/io.ts';
import { runKubectl } from '../kubectl/main.ts';
import { TransportError } from '../kubectl/transport.ts';
import { dialFailure } from '../node/api-server.ts';
import type { NodeHost } from '../node/host.ts';
import { type Command, type CommandContext, type FileSystem, FsError } from '../sh/process.ts';

function inGoWords<T>(operation: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new Error(`${operation} ${path}: ${GO_ERRNO[error.code]}`);
  }
}

function makeFolders(files: FileSystem, path: string): void {
  const parts = path.split('/').filter(Boolean);
  for (let n = 1; n <= parts.length; n++) {
    const folder = `/${parts.slice(0, n).join('/')}`;
    if (!files.stat(folder)) files.makeDir(folder);
  }
}

/** The machine of a node, as kubectl on it sees it. */
function hostOf({ machine, env, cwd }: CommandContext): HostMachine {
  const { files } = machine;
  const at = (path: string) => (path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`);
  const statOf = (path: string) => {
    try {
      files.list(path);
      return { directory: true, size: 4096, mode: files.stat(path)?.mode ?? 0o755 };
    } catch {
      const stat = files.stat(path);
      return stat && { directory: false, size: stat.size, mode: stat.mode };
    }
  };
  return {
    env,
    cwd,
    home: env.HOME ?? '/root',
    readFile: (path) => inGoWords('open', path, () => files.read(at(path))),
    readBytes: (path) => inGoWords('open', path, () => Buffer.from(files.read(at(path)))),
    writeFile: (path, data, mode) =>
      inGoWords('open', path, () =>
        files.write(at(path), typeof data === 'string' ? data : Buffer.from(data).toString(), { mode }),
      ),
    readDir: (path) =>
      inGoWords('open', path, () =>
        files.list(at(path)).map((name) => ({ name, directory: statOf(`${at(path)}/${name}`)?.directory ?? false })),
      ),
    stat: (path) => statOf(at(path)),
    makeDir: (path) => inGoWords('mkdir', path, () => makeFolders(files, at(path))),
    remove: (path) => inGoWords('remove', path, () => files.remove(at(path), { recursive: true })),
    spawn: ([program = '']) => Promise.reject(new Error(`exec: "${program}": executable file not found in $PATH`)),
  };
}

/** kubectl as a program on a node: it works with that machine's files, and reaches the API server from there. */
export function nodeKubectl(session: ClusterSession, host: () => NodeHost): Command {
  return async (context) => {
    const output = { stdout: '', stderr: '' };
    const out = (text: string): void => {
      output.stdout += text;
    };
    const err = (text: string): void => {
      output.stderr += text;
    };
    const machine = hostOf(context);
    const environment: KubectlEnvironment = {
      io: {
        out,
        err,
        readStdin: () => Promise.resolve(context.stdin),
        stdin: async function* () {
          yield Buffer.from(context.stdin);
        },
        stdinIsTerminal: false,
        stdoutIsTerminal: context.columns !== undefined,
        columns: context.columns ?? 80,
      },
      host: machine,
      defaultKubeconfig: () => Promise.resolve(`${machine.home}/.kube/config`),
      now: () => host().now(),
      randomSuffix: (length) => session.current!.random.suffix(length),
      connect(target) {
        const failure = dialFailure(host(), target.server);
        if (failure) throw new TransportError(failure, new URL(target.server).host);
        return Promise.resolve(new InProcessTransport({ session, target }));
      },
    };
    const code = await runKubectl(context.argv.slice(1), environment);
    return { ...output, code };
  };
}
