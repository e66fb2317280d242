import type { FileStat } from '../process.ts';
import { walk } from './find.ts';
import { join } from './paths.ts';
import { isBusybox, ok, type Tool, type ToolContext, type ToolResult } from './tool.ts';

/** A tar file as text: what `kubectl cp` exchanges is made of it by the client's own code; here only names and plain contents count. */
export const tar: Tool = (context): ToolResult => {
  const args = context.argv.slice(1);
  const letters = (args[0] ?? '').replace(/^-/, '');
  const { files } = context.machine;
  const value = (letter: string) => {
    const index = args.findIndex((arg) => arg === `-${letter}` || (arg === args[0] && letters.endsWith(letter)));
    return index < 0 ? undefined : args[index + 1];
  };
  const folder = context.path(value('C') ?? '.');
  const archive = value('f') ?? '-';
  const operands = args
    .slice(1)
    .filter((arg, index, all) => !arg.startsWith('-') && !/^-[Cf]$/.test(all[index - 1] ?? '') && arg !== archive);
  if (letters.includes('c')) {
    let stderr = '';
    let out = '';
    for (const operand of operands) {
      const path = operand.startsWith('/') ? operand : join(folder, operand);
      if (!files.stat(path)) {
        stderr += isBusybox(context)
          ? `tar: ${operand}: No such file or directory\n`
          : `tar: ${operand}: Cannot stat: No such file or directory\n`;
        continue;
      }
      if (operand.startsWith('/') && out === '' && !isBusybox(context))
        stderr += "tar: Removing leading `/' from member names\n";
      walk(
        { ...context, path: (name) => (name.startsWith('/') ? name : join(folder, name)) } as ToolContext,
        operand,
        (name, stat) => {
          out += tarEntry(
            name.replace(/^\/+/, ''),
            stat,
            stat.type === 'file' ? files.read(name.startsWith('/') ? name : join(folder, name)) : '',
          );
          return true;
        },
      );
    }
    out += '\0'.repeat(1024);
    const failed = /No such file/.test(stderr);
    if (failed)
      stderr += isBusybox(context)
        ? 'tar: error exit delayed from previous errors\n'
        : 'tar: Exiting with failure status due to previous errors\n';
    const code = failed ? (isBusybox(context) ? 1 : 2) : 0;
    if (archive === '-') return { stdout: out, stderr, code };
    files.write(context.path(archive), out);
    return { stdout: '', stderr, code };
  }
  const text = archive === '-' ? context.stdin : files.read(context.path(archive));
  let stdout = '';
  for (const entry of tarEntries(text)) {
    if (letters.includes('t') || letters.includes('v')) stdout += `${entry.name}\n`;
    if (!letters.includes('x')) continue;
    const path = join(folder, entry.name.replace(/\/$/, ''));
    const parts = path.split('/').filter(Boolean);
    parts.slice(0, entry.type === '5' ? undefined : -1).forEach((_, index) => {
      const dir = `/${parts.slice(0, index + 1).join('/')}`;
      if (!files.stat(dir)) files.makeDir(dir);
    });
    if (entry.type === '2') {
      if (files.stat(path)) files.remove(path);
      files.symlink(entry.target, path);
    } else if (entry.type !== '5') files.write(path, entry.text, { mode: entry.mode });
  }
  return ok(stdout);
};

/** A ustar header and content; the content's bytes are characters of Latin-1, as in a stream of bytes. */
function tarEntry(name: string, stat: FileStat, text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const type = stat.type === 'directory' ? '5' : stat.type === 'symlink' ? '2' : '0';
  const shown = type === '5' ? `${name.replace(/\/$/, '')}/` : name;
  const fields = (checksum: string) =>
    shown.padEnd(100, '\0').slice(0, 100) +
    octal(stat.mode & 0o7777, 8) +
    octal(0, 8) +
    octal(0, 8) +
    octal(type === '0' ? bytes.length : 0, 12) +
    octal(Math.floor(stat.mtime / 1000), 12) +
    checksum +
    type +
    (stat.target ?? '').padEnd(100, '\0') +
    'ustar  \0' +
    'root'.padEnd(32, '\0') +
    'root'.padEnd(32, '\0');
  const sum = [...fields('        ')].reduce((total, char) => total + char.charCodeAt(0), 0);
  return (
    fields(`${sum.toString(8).padStart(6, '0')}\0 `).padEnd(512, '\0') +
    (type === '0' ? bytes.padEnd(Math.ceil(bytes.length / 512) * 512, '\0') : '')
  );
}

function* tarEntries(
  archive: string,
): Generator<{ name: string; mode: number; type: string; target: string; text: string }> {
  const field = (at: number, length: number) => archive.slice(at, at + length).replace(/\0[\s\S]*$/, '');
  for (let at = 0; at + 512 <= archive.length && archive[at] !== '\0'; ) {
    const size = Number.parseInt(field(at + 124, 12).trim() || '0', 8);
    const prefix = archive.slice(at + 257, at + 263) === 'ustar\0' ? field(at + 345, 155) : '';
    const content = archive.slice(at + 512, at + 512 + size);
    yield {
      name: prefix ? `${prefix}/${field(at, 100)}` : field(at, 100),
      mode: Number.parseInt(field(at + 100, 8).trim() || '644', 8),
      type: archive[at + 156] ?? '0',
      target: field(at + 157, 100),
      text: Buffer.from(content, 'latin1').toString('utf8'),
    };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
