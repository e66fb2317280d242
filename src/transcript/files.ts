import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/user-error.ts';
import { readCram } from './cram.ts';
import type { Transcript } from './document.ts';
import { readMarkdown } from './markdown.ts';
import type { Settings } from './settings.ts';

/** Folders in which nobody keeps transcripts. */
const PASSED_OVER = /^(node_modules|dist|\..*)$/;

/** The files that words of a command line name: folders stand for the Markdown and cram files below them. Throws UserError. */
export function findTranscripts(names: readonly string[]): string[] {
  const files = names.flatMap((name) => {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (!stat) throw new UserError(`there is no file or folder named ${name}`);
    return stat.isDirectory() ? below(name) : [name];
  });
  return [...new Set(files)];
}

function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return PASSED_OVER.test(entry.name) ? [] : below(path);
      return /\.(md|markdown|t)$/.test(entry.name) ? [path] : [];
    });
}

/** Reads a transcript, whichever kind it is. Throws TranscriptProblem, and UserError for a file that cannot be read. */
export function readTranscript(file: string, defaults: Settings = {}): Transcript {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return file.endsWith('.t') ? readCram(text, file, defaults) : readMarkdown(text, file, defaults);
}
