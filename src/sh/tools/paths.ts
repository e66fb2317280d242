import type { ToolContext } from './tool.ts';

export const join = (folder: string, name: string) => (folder.endsWith('/') ? folder + name : `${folder}/${name}`);

export const lastPart = (path: string) => path.replace(/\/+$/, '').split('/').at(-1)!;

/** A path with every symbolic link in it followed. */
export function realPath(context: ToolContext, path: string, depth = 0): string {
  let current = '';
  const parts = path.split('/').filter(Boolean);
  for (const [index, part] of parts.entries()) {
    current = `${current}/${part}`;
    const found = context.machine.files.stat(current);
    if (found?.type !== 'symlink' || depth > 40) continue;
    const target = found.target!.startsWith('/')
      ? found.target!
      : `${current.slice(0, current.lastIndexOf('/'))}/${found.target}`;
    const normal = new URL(`file://${[target, ...parts.slice(index + 1)].join('/')}`).pathname;
    return realPath(context, normal, depth + 1);
  }
  return current || '/';
}
