import { fail, type ToolContext, type ToolResult } from '../tool.ts';

/** The words after one of openssl's commands: options are whole words, and their values follow. */
export interface Words {
  all: string[];
  has(option: string): boolean;
  value(option: string): string | undefined;
  values(option: string): string[];
}

export function wordsOf(all: string[]): Words {
  const values = (option: string) =>
    all.flatMap((word, i) => (word === option && all[i + 1] !== undefined ? [all[i + 1]!] : []));
  return { all, has: (option) => all.includes(option), value: (option) => values(option)[0], values };
}

/** What an option's file holds, or standard input; `what` is what openssl looks for in it. */
export function readInput(
  context: ToolContext,
  file: string | undefined,
  what: string,
): { text: string; failure?: ToolResult } {
  const { machine, path } = context;
  // Asking for standard input may mean to wait for it.
  if (file === undefined) return { text: context.stdin };
  if (machine.files.stat(path(file))?.type !== undefined) return { text: machine.files.read(path(file)) };
  const stderr = [
    `Could not open file or uri for loading ${what} from ${file}`,
    '40A7B6F5FF7F0000:error:80000002:system library:file_open:No such file or directory:' +
      `../providers/implementations/storemgmt/file_store.c:267:calling stat(${file})`,
    '40A7B6F5FF7F0000:error:16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:' +
      '../crypto/store/store_register.c:237:scheme=file',
    `Unable to load ${what}`,
    '',
  ].join('\n');
  return { text: '', failure: fail(stderr) };
}

/** Writes to the file of `-out`, or to standard output. */
export function written({ machine, path }: ToolContext, file: string | undefined, text: string, mode = 0o644): string {
  if (file === undefined) return text;
  machine.files.write(path(file), text, { mode });
  return '';
}
