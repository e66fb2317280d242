import { AggregateFailure, CommandError } from '../errors.ts';
import type { HostMachine, KubectlEnvironment } from '../io.ts';

const EXTENSIONS = ['.json', '.yaml', '.yml'];

/** One manifest: where it came from and how to get its text. */
export interface ManifestFile {
  source: string;
  text(): Promise<string>;
}

const hasExtension = (path: string) => EXTENSIONS.some((extension) => path.endsWith(extension));

/** Go's filepath.Join of a folder and a name. */
const join = (folder: string, name: string) => {
  const clean = folder.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  return clean === '' || clean === '.' ? (folder.startsWith('/') ? `/${name}` : name) : `${clean}/${name}`;
};

/** Manifests below a folder, in the order in which filepath.Walk meets them. */
function walk(host: HostMachine, folder: string, recursive: boolean): string[] {
  const entries = host.readDir(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap(({ name, directory }) => {
    const path = join(folder, name);
    if (directory) return recursive ? walk(host, path, recursive) : [];
    return hasExtension(name) ? [path] : [];
  });
}

/** What a name must be like; undefined for a pattern that makes no sense. */
function patternOf(part: string): RegExp | undefined {
  const escaped = part
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${escaped}$`);
  } catch {
    return undefined;
  }
}

/** `*`, `?` and `[…]` in a path that is no file itself (filepath.Glob, in the last element and above). */
function glob(host: HostMachine, pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [];
  const parts = pattern.split('/');
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of parts.filter((each) => each !== '')) {
    if (!/[*?[]/.test(part)) {
      found = found.map((base) => (base === '' || base === '/' ? `${base}${part}` : `${base}/${part}`));
      continue;
    }
    const expression = patternOf(part);
    if (!expression) throw new CommandError(`pattern ${JSON.stringify(pattern)} is not valid: syntax error in pattern`);
    found = found.flatMap((base) => {
      if (base !== '' && !host.stat(base)?.directory) return [];
      const names = host.readDir(base || '.').map(({ name }) => name);
      return names
        .filter((name) => expression.test(name))
        .sort()
        .map((name) => (base === '' || base === '/' ? `${base}${name}` : `${base}/${name}`));
    });
  }
  return found.filter((path) => host.stat(path));
}

/** The manifests that -f and -R name; throws for paths that do not exist, or that hold none. */
export function manifestFiles(environment: KubectlEnvironment, paths: string[], recursive: boolean): ManifestFile[] {
  const { host, io } = environment;
  const read = (path: string): ManifestFile => ({ source: path, text: async () => host.readFile(path) });
  const wrong: Error[] = [];
  const note = (message: string): [] => {
    wrong.push(new CommandError(message));
    return [];
  };
  const found = paths.flatMap((path, index) => {
    if (path === '-') {
      if (paths.indexOf('-') < index) return note('standard input cannot be used for multiple arguments');
      return [{ source: 'STDIN', text: () => io.readStdin() }];
    }
    if (/^https?:\/\//.test(path)) {
      return note(
        `unable to read URL ${JSON.stringify(path)}: this cluster is offline; save the file and give its path`,
      );
    }
    const expanded = path !== '' && host.stat(path) ? [path] : glob(host, path);
    if (expanded.length === 0) return note(`the path ${JSON.stringify(path)} does not exist`);
    const files = expanded.flatMap((each) => (host.stat(each)!.directory ? walk(host, each, recursive) : [each]));
    if (files.length === 0) {
      return note(`error reading [${path}]: recognized file extensions are [${EXTENSIONS.join(' ')}]`);
    }
    return files.map(read);
  });
  if (wrong.length > 0) throw new AggregateFailure(wrong);
  return found;
}
