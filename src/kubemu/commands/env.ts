import { basename, delimiter, join } from 'node:path';
import { packageRoot } from '../../base/assets.ts';
import type { ProcessStreams } from '../streams.ts';

type Shell = 'posix' | 'fish' | 'powershell';

/** How each shell sets PATH, given the folders in order. */
const SET_PATH: Record<Shell, (folders: string[]) => string> = {
  posix: (folders) => `export PATH=${quote(folders.join(delimiter))}; hash -r 2>/dev/null || true`,
  fish: (folders) => `set -gx PATH ${folders.map(quote).join(' ')}`,
  powershell: (folders) => `$env:PATH = '${folders.join(delimiter).replaceAll("'", "''")}'`,
};

const UNDO: Record<Shell, string> = {
  posix: 'eval "$(kubemu env --undo)"',
  fish: 'kubemu env --undo | source',
  powershell: 'kubemu env --undo | Out-String | Invoke-Expression',
};

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `kubemu env`: for `eval`. The hint goes to standard error, where a person sees it. */
export function env(streams: ProcessStreams, options: { undo?: boolean; shell?: Shell }): void {
  const shell = options.shell ?? detect();
  const tools = join(packageRoot(), 'bin');
  const others = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== tools);
  streams.out(`${SET_PATH[shell](options.undo ? others : [tools, ...others])}\n`);
  if (!options.undo)
    streams.err(`kubectl, crictl and kubemu are now kubemu's in this shell. To go back: ${UNDO[shell]}\n`);
}

function detect(): Shell {
  if (process.platform === 'win32') return 'powershell';
  return basename(process.env.SHELL ?? '') === 'fish' ? 'fish' : 'posix';
}
