import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../../base/user-error.ts';
import { openSimulated } from '../../transcript/place.ts';
import { record as recorded, type Terminal } from '../../transcript/record.ts';
import type { Settings } from '../../transcript/settings.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu record FILE`: what is typed at its prompt becomes a transcript. */
export async function record(
  streams: ProcessStreams,
  file: string,
  { force, ...settings }: Settings & { force?: boolean },
): Promise<void> {
  if (existsSync(file) && !force)
    throw new UserError(`there is a file named ${file} already\nName another one, or write over it with --force`);
  const tty = streams.stdinIsTerminal;
  if (tty) streams.err('What you type is written down, with what it prints. "# text" is a note; to end it: exit\n');
  streams.flush();
  const lines = createInterface({ input: process.stdin, ...(tty && { output: process.stdout }) });
  const next = lines[Symbol.asyncIterator]();
  const terminal: Terminal = {
    async read(prompt) {
      if (tty) {
        lines.setPrompt(prompt);
        lines.prompt();
      }
      const { value, done } = await next.next();
      return done ? undefined : value;
    },
    show(text) {
      streams.out(text);
      streams.flush();
    },
  };
  const { markdown, commands } = await recorded(settings, openSimulated, terminal);
  lines.close();
  writeFileSync(file, markdown);
  streams.out(`Wrote ${file}: ${commands} command${commands === 1 ? '' : 's'}. To run it again: kubemu test ${file}\n`);
}
