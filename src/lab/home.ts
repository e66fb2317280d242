import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HomeFiles } from './stage.ts';

/** What is more, or larger (bytes), is no answer to a task. */
const MOST_FILES = 500;
const LARGEST = 256 * 1024;

/** The files of a learner's folder, by their paths from there: plain ones, of a sensible size. */
export function readHome(folder: string): HomeFiles {
  const files: HomeFiles = {};
  const read = (below: string) => {
    for (const name of namesIn(join(folder, below))) {
      const path = below ? `${below}/${name}` : name;
      const stat = lstatSync(join(folder, path));
      if (stat.isDirectory()) read(path);
      else if (stat.isFile() && stat.size <= LARGEST && Object.keys(files).length < MOST_FILES)
        files[path] = readFileSync(join(folder, path), 'utf8');
    }
  };
  read('');
  return files;
}

/** Writes the files that are not as they were `before` into a learner's folder, which is made if need be. */
export function writeHome(folder: string, files: HomeFiles, before: HomeFiles = {}): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    if (before[path] === text) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
