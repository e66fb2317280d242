import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { packageRoot } from '../base/assets.ts';
import { type Lab, LabError } from './format/lab.ts';
import { parseLab } from './format/parse.ts';

/** The series that ship with kubemu, in the order in which they are shown. */
export const SERIES = ['guided', 'ckad', 'cka', 'aks', 'broken', 'exams'];

const labFolder = (): string => join(packageRoot(), 'fixtures/labs');

/** The files of all labs that ship, in order. */
export const shippedFiles = (): string[] => SERIES.flatMap((series) => filesIn(join(labFolder(), series)));

/** The labs' files in a folder and those below it; none if there is no such folder. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path);
      return entry.name.endsWith('.md') && entry.name !== 'README.md' ? [path] : [];
    });
}

/** The file of a lab by its id, or by its path. Throws LabError. */
export function findLab(idOrPath: string): string {
  const shipped = shippedFiles().find((file) => idOf(file) === idOrPath);
  if (shipped) return shipped;
  if (!existsSync(idOrPath))
    throw new LabError([
      `there is no lab ${idOrPath}: kubemu lab list shows those that ship; your own are named by their file`,
    ]);
  if (!statSync(idOrPath).isDirectory()) return idOrPath;
  if (existsSync(join(idOrPath, 'index.json')))
    throw new LabError([`${idOrPath} is a Killercoda scenario: make a lab of it with kubemu lab import ${idOrPath}`]);
  const files = filesIn(idOrPath);
  if (files.length === 1) return files[0]!;
  throw new LabError([`${idOrPath}: a folder with ${files.length} labs: name one file of it`]);
}

export const idOf = (file: string): string => basename(file).replace(/\.md$/, '');

/** Reads a lab's file. Throws LabError. */
export function readLab(path: string): Lab {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LabError([
      `${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message}`,
    ]);
  }
  return parseLab(source, shownPath(path), { id: idOf(path), series: seriesOf(path) });
}

/** A path as messages name it: from here, if it is below. */
function shownPath(path: string): string {
  const shown = relative(process.cwd(), resolve(path));
  return shown.startsWith('..') ? path : shown;
}

function seriesOf(path: string): string {
  const series = basename(dirname(resolve(path)));
  return resolve(path).startsWith(labFolder()) && SERIES.includes(series) ? series : 'own';
}
