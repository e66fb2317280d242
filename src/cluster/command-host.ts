import { GO_ERRNO } from '../base/go-errno.ts';
import type { HostMachine } from '../kubectl/io.ts';
import { absolute } from '../sh/evaluator/evaluation.ts';
import { runToEnd } from '../sh/evaluator.ts';
import { type CommandContext, type FileSystem, FsError } from '../sh/process.ts';

function inGoWords<T>(operation: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new Error(`${operation} ${path}: ${GO_ERRNO[error.code]}`);
  }
}

/** Makes a folder and those above it. */
export function makeFolders(files: FileSystem, path: string): void {
  const parts = path.split('/').filter(Boolean);
  for (let n = 1; n <= parts.length; n++) {
    const folder = `/${parts.slice(0, n).join('/')}`;
    if (!files.stat(folder)) files.makeDir(folder);
  }
}

/** A simulated machine, as kubectl on it sees it. Editors and programs for differences run in its shell. */
export function hostOf(
  context: CommandContext,
  written: (stream: 'stdout' | 'stderr', text: string) => void,
): HostMachine {
  const { machine, env, cwd, user } = context;
  const { files } = machine;
  const at = (path: string) => absolute(cwd, path);
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
    async spawn(argv, { capture }) {
      const { output, ...ran } = await runToEnd(machine, { argv, env, cwd, user, pid: 30_000 });
      if (ran.code === 127) throw new Error(`exec: "${argv[0]}": executable file not found in $PATH`);
      if (!capture) for (const { stream, text } of output) written(stream, text);
      return ran;
    },
  };
}
