import { join } from './paths.ts';
import { fail, parseOptions, type Tool, type ToolContext, type ToolResult } from './tool.ts';

/** What a tree has been found to hold. */
interface Count {
  folders: number;
  files: number;
}

interface Shown {
  hidden: boolean;
  onlyFolders: boolean;
  whole: boolean;
  depth: number;
}

function branches(
  context: ToolContext,
  path: string,
  shown: Shown,
  before: string,
  level: number,
  count: Count,
): string {
  const { files } = context.machine;
  if (level > shown.depth) return '';
  const names = files
    .list(context.path(path))
    .filter((name) => shown.hidden || !name.startsWith('.'))
    .filter((name) => !shown.onlyFolders || files.stat(context.path(join(path, name)))?.type === 'directory')
    .sort();
  return names
    .map((name, i) => {
      const own = join(path, name);
      const last = i === names.length - 1;
      const stat = files.stat(context.path(own));
      const label = shown.whole ? own : name;
      const line = `${before}${last ? '└── ' : '├── '}${label}${stat?.type === 'symlink' ? ` -> ${stat.target}` : ''}\n`;
      if (stat?.type !== 'directory') {
        count.files++;
        return line;
      }
      count.folders++;
      return line + branches(context, own, shown, `${before}${last ? '    ' : '│   '}`, level + 1, count);
    })
    .join('');
}

const counted = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** `tree [-a] [-d] [-f] [-L LEVEL] [DIRECTORY...]` */
export const tree: Tool = (context): ToolResult => {
  const options = parseOptions(context, 'adfL:nCphis', ['noreport', 'dirsfirst']);
  const depth = options.value('L');
  if (depth !== undefined && !(Number(depth) > 0)) return fail('tree: Invalid level, must be greater than 0.\n');
  const shown: Shown = {
    hidden: options.has('a'),
    onlyFolders: options.has('d'),
    whole: options.has('f'),
    depth: depth === undefined ? Number.POSITIVE_INFINITY : Number(depth),
  };
  const count: Count = { folders: 0, files: 0 };
  let code = 0;
  const roots = options.rest.length > 0 ? options.rest : ['.'];
  const texts = roots.map((root) => {
    if (context.machine.files.stat(context.path(root))?.type !== 'directory') {
      code = 2;
      return `${root}  [error opening dir]\n`;
    }
    // The root is a folder, too.
    count.folders++;
    return `${root}\n${branches(context, root, shown, '', 1, count)}`;
  });
  const files = shown.onlyFolders ? '' : `, ${counted(count.files, 'file', 'files')}`;
  const report = options.has('noreport') ? '' : `\n${counted(count.folders, 'directory', 'directories')}${files}\n`;
  return { stdout: texts.join('') + report, stderr: '', code };
};
