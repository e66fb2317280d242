import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { GO_ERRNO } from '../base/go-errno.ts';
import type { HostMachine } from '../kubectl/io.ts';

/** Runs `action`; its errors come as Go words them: `open x.yaml: no such file or directory`. */
function inGoWords<T>(operation: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // Go opens a folder without complaint, and fails when it reads.
    const verb = operation === 'create' ? 'open' : code === 'EISDIR' && operation === 'open' ? 'read' : operation;
    // Where folders are to be, a file is in the way of Go as of no folder.
    const known = GO_ERRNO[code === 'EEXIST' && operation === 'mkdir' ? 'ENOTDIR' : code];
    throw new Error(`${verb} ${path}: ${known ?? message}`);
  }
}

/** The machine that this process runs on. */
export function realHost(): HostMachine {
  const cwd = process.cwd();
  const at = (path: string) => resolve(cwd, path);
  return {
    env: process.env,
    cwd,
    home: homedir(),
    readFile: (path) => inGoWords('open', path, () => readFileSync(at(path), 'utf8')),
    readBytes: (path) => inGoWords('open', path, () => readFileSync(at(path))),
    writeFile: (path, data, mode) =>
      inGoWords('create', path, () => {
        writeFileSync(at(path), data, { mode });
        if (mode !== undefined) chmodSync(at(path), mode);
      }),
    readDir: (path) =>
      inGoWords('open', path, () =>
        readdirSync(at(path), { withFileTypes: true })
          .map((entry) => ({ name: entry.name, directory: isFolder(at(path), entry) }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      ),
    stat: (path) => {
      const stat = inGoWords('stat', path, () => statOf(at(path)));
      return stat && { directory: stat.isDirectory(), size: stat.size, mode: stat.mode & 0o7777 };
    },
    readLink: (path) => {
      try {
        return readlinkSync(at(path));
      } catch {
        return undefined;
      }
    },
    makeDir: (path) => {
      inGoWords('mkdir', path, () => mkdirSync(at(path), { recursive: true }));
    },
    remove: (path) => inGoWords('remove', path, () => rmSync(at(path), { recursive: true })),
    spawn: (argv, options) => spawnProgram(argv, options.capture ?? false),
  };
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function isFolder(folder: string, entry: { name: string; isDirectory(): boolean; isSymbolicLink(): boolean }): boolean {
  return entry.isSymbolicLink() ? (statOf(resolve(folder, entry.name))?.isDirectory() ?? false) : entry.isDirectory();
}

async function spawnProgram(
  argv: string[],
  capture: boolean,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { spawn } = await import('node:child_process');
  const [program = '', ...args] = argv;
  return await new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        new Error(error.code === 'ENOENT' ? `exec: "${program}": executable file not found in $PATH` : error.message),
      ),
    );
    child.on('close', (code, signal) => done({ code: code ?? (signal ? 130 : 1), ...output }));
  });
}
