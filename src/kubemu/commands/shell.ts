import { basename, delimiter, join } from 'node:path';
import { packageRoot } from '../../base/assets.ts';
import { UserError } from '../../base/user-error.ts';
import { findCluster } from '../current.ts';
import { realHost } from '../host.ts';
import type { ProcessStreams } from '../streams.ts';

/** How a shell is told to leave the prompt alone that stands in its environment. */
const PLAIN: Record<string, string[]> = { bash: ['--norc', '--noprofile'], zsh: ['-f'], fish: ['--no-config'] };

/** `kubemu shell`: the user's own shell with the cluster's tools first on PATH; resolves with its exit code. */
export async function shell(streams: ProcessStreams): Promise<number> {
  const { name } = await findCluster(process.env);
  const windows = process.platform === 'win32';
  const program = windows ? (process.env.ComSpec ?? 'cmd.exe') : (process.env.SHELL ?? '/bin/sh');
  if (streams.stdinIsTerminal)
    streams.err(`kubectl and crictl work on cluster ${name} in this shell. To leave it: exit\n`);
  streams.flush();
  Object.assign(process.env, {
    PATH: [join(packageRoot(), 'bin'), process.env.PATH ?? ''].join(delimiter),
    PS1: `(${name}) \\$ `,
    PROMPT: windows ? `(${name}) $P$G` : `(${name}) %# `,
  });
  try {
    const { code } = await realHost().spawn([program, ...(PLAIN[basename(program)] ?? [])], {});
    return code;
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}
