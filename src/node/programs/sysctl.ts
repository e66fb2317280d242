import { parseOptions, ToolError } from '../../sh/tools/tool.ts';
import { sysctlKeys, sysctlPath } from '../files/sysctls.ts';
import type { NodeHost } from '../host.ts';
import type { Program } from './index.ts';

const FOLDERS = ['/usr/lib/sysctl.d', '/run/sysctl.d', '/etc/sysctl.d'];
const MAIN = '/etc/sysctl.conf';

const filesOf = ({ files }: NodeHost): string[] => [
  ...FOLDERS.filter((folder) => files.stat(folder)).flatMap((folder) =>
    files
      .list(folder)
      .filter((name) => name.endsWith('.conf'))
      .map((name) => `${folder}/${name}`),
  ),
  ...(files.stat(MAIN) ? [MAIN] : []),
];

/** The lines of a file of settings: `key = value`. */
function settings({ files }: NodeHost, path: string): string[] {
  if (!files.stat(path)) throw new ToolError(`cannot open "${path}": No such file or directory`, 255);
  return files
    .read(path)
    .split('\n')
    .filter((line) => /^\s*[\w./-]+\s*=/.test(line));
}

/** sysctl [-a|-w|-p FILE|--system|-n] [KEY[=VALUE] …]: the files below /proc/sys by their dotted names. */
export const sysctl: Program = (host, context) => {
  const options = parseOptions(context, 'anewqpNf', ['all', 'write', 'system', 'values', 'load', 'quiet', 'pattern:']);
  const { files } = host;
  const loads = options.has('system', 'p', 'f', 'load');
  const asked = options.has('system')
    ? filesOf(host).flatMap((path) => [`* Applying ${path} ...`, ...settings(host, path)])
    : loads
      ? (options.rest.length > 0 ? options.rest : [MAIN]).flatMap((path) => settings(host, path))
      : options.has('a', 'all')
        ? sysctlKeys()
        : options.rest;
  if (asked.length === 0 && !loads)
    return { stdout: `\nUsage:\n sysctl [options] [variable[=value] ...]\n\n`, stderr: '', code: 1 };
  let stdout = '';
  let stderr = '';
  for (const text of asked) {
    if (text.startsWith('*')) {
      stdout += `${text}\n`;
      continue;
    }
    const at = text.indexOf('=');
    const key = (at < 0 ? text : text.slice(0, at)).trim().replaceAll('/', '.');
    const value = at < 0 ? undefined : text.slice(at + 1).trim();
    const path = sysctlPath(key);
    if (files.stat(path)?.type !== 'file') {
      stderr += options.has('e') ? '' : `sysctl: cannot stat ${path}: No such file or directory\n`;
      continue;
    }
    if (value !== undefined && context.user !== 'root') {
      stderr += `sysctl: permission denied on key "${key}"\n`;
      continue;
    }
    if (value !== undefined) files.write(path, `${value}\n`);
    const now = files.read(path).replace(/\n$/, '');
    if (value === undefined || !options.has('q', 'quiet'))
      stdout += options.has('n', 'values') ? `${now}\n` : options.has('N') ? `${key}\n` : `${key} = ${now}\n`;
  }
  return { stdout, stderr, code: stderr ? 1 : 0 };
};
