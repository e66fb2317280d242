import { type FileSystem, FsError } from '../../sh/process.ts';
import type { Section } from '../../store/section.ts';
import type { Pod } from '../../types/objects.ts';
import { type LayerEntry, LayerFiles } from './layer.ts';

/** A volume that the node keeps for pods: anybody may write in it, or the group that the pod names. `made`: when, ms. */
export function volumeFiles(
  section: Section<LayerEntry>,
  layer: string,
  pod: Pod | undefined,
  now: () => number,
  made: number,
  changed?: () => void,
): LayerFiles {
  const fsGroup = pod?.spec?.securityContext?.fsGroup;
  const shared = layer.startsWith('pv/') ? 0o2775 : 0o2777;
  const top = fsGroup === undefined ? { mode: 0o777, mtime: made } : { mode: shared, gid: fsGroup, mtime: made };
  return new LayerFiles(section, layer, now, undefined, changed, top);
}

/** subpath.SafeMakeDir: the folder that a mount names within a volume, with the volume's own mode, unless something is there. */
export function makeSubPath(files: FileSystem, root: string, path: string): void {
  const mode = files.stat(root)?.mode ?? 0o755;
  let current = root === '/' ? '' : root;
  for (const part of path.split('/').filter((name) => name !== '' && name !== '.')) {
    current += `/${part}`;
    const type = files.stat(current)?.type;
    if (type === 'file' && !path.endsWith(part)) throw new FsError('ENOTDIR', current);
    if (type) continue;
    files.makeDir(current);
    files.chmod(current, mode);
  }
}
