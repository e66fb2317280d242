import { basename, join } from 'node:path';
import { isEnvVarName } from '../../base/names.ts';
import { CommandError } from '../errors.ts';
import type { HostMachine } from '../io.ts';

/** Receives each key with the bytes of its value, in order; throws CommandError for a key that cannot be. */
export type AddKey = (key: string, value: Uint8Array) => void;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `key=value`; the value may hold more of `=`. */
export function parseLiteral(source: string): [string, string] {
  const at = source.indexOf('=');
  if (at <= 0) throw new CommandError(`invalid literal source ${source}, expected key=value`);
  return [source.slice(0, at), source.slice(at + 1)];
}

/** `[key=]path` of --from-file. */
function parseFileSource(source: string): { key: string; path: string } {
  const parts = source.split('=');
  if (parts.length === 1) return { key: basename(source.replaceAll('\\', '/')), path: source };
  if (parts.length > 2) throw new CommandError("key names or file paths cannot contain '='");
  const [key = '', path = ''] = parts;
  if (!key) throw new CommandError(`key name for file path ${path} missing`);
  if (!path) throw new CommandError(`file path for key name ${key} missing`);
  return { key, path };
}

function statOrFail(host: HostMachine, path: string) {
  const found = host.stat(path);
  if (!found) throw new CommandError(`error reading ${path}: no such file or directory`);
  return found;
}

export function addLiterals(sources: string[], add: AddKey): void {
  for (const source of sources) {
    const [key, value] = parseLiteral(source);
    add(key, bytes(value));
  }
}

/** Files, and every regular file of a folder under its own name. */
export function addFiles(sources: string[], host: HostMachine, add: AddKey): void {
  for (const source of sources) {
    const { key, path } = parseFileSource(source);
    if (!statOrFail(host, path).directory) {
      add(key, host.readBytes(path));
      continue;
    }
    if (source.includes('=')) throw new CommandError('cannot give a key name for a directory path');
    const files = host.readDir(path).filter((entry) => !entry.directory);
    for (const { name } of files.sort((a, b) => (a.name < b.name ? -1 : 1)))
      add(name, host.readBytes(join(path, name)));
  }
}

/** Lines `KEY=value` or `KEY`, which takes its value from the environment; comments and empty lines are passed over. */
export function addEnvFiles(paths: string[], what: 'config' | 'secret', host: HostMachine, add: AddKey): void {
  for (const path of paths) {
    if (statOrFail(host, path).directory) throw new CommandError(`env ${what} file cannot be a directory`);
    const lines = host
      .readFile(path)
      .replace(/^\ufeff/, '')
      .split(/\r?\n/);
    for (const line of lines.map((l) => l.trimStart())) {
      if (!line || line.startsWith('#')) continue;
      const [key = '', value] = line.split(/=(.*)/s);
      const errors = isEnvVarName(key);
      if (errors.length) throw new CommandError(`${JSON.stringify(key)} is not a valid key name: ${errors.join(';')}`);
      add(key, bytes(value ?? host.env[key] ?? ''));
    }
  }
}
