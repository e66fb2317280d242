/** What went wrong with a state file, in one or two lines that say what to do next. */
export class StateFileError extends Error {
  /** Part of a state file that does not read: the file stays as it is. */
  static damaged(place: string, why: string): StateFileError {
    return new StateFileError(
      `the state file is damaged: ${place}: ${why}\nIt was left as it is. Mend that line, put back a copy, or start anew with: kubemu delete cluster && kubemu create cluster`,
    );
  }

  /** A failure of the file system while doing `what` with `path`. */
  static io(error: unknown, path: string): StateFileError {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const known = IO_ADVICE[code];
    return new StateFileError(
      known ? `${known[0]}: ${path}\n${known[1]}` : `cannot use the state file ${path}: ${(error as Error).message}`,
    );
  }
}

const READ_ONLY: [string, string] = [
  'no permission to write the state file',
  'Nothing was changed. Make the file and its folder writable, or name another file in KUBEMU_STATE.',
];

const FULL: [string, string] = [
  'no space left to write the state file',
  'Nothing was changed. Free some space and run the command again.',
];

const IO_ADVICE: Record<string, [string, string]> = {
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  EROFS: READ_ONLY,
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOENT: [
    'the state file has vanished',
    'Nothing was saved. Put it back, or make a new cluster with: kubemu create cluster',
  ],
  EISDIR: ['the state file is a folder', 'Name a file in KUBEMU_STATE.'],
  ENOTDIR: ['the state file lies below something that is no folder', 'Name another file in KUBEMU_STATE.'],
};
