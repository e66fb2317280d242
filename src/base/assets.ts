import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

let root: string | undefined;

/** The package's own folder, found from wherever this file was bundled to. */
export function packageRoot(): string {
  if (root) return root;
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'fixtures'))) folder = dirname(folder);
  root = folder;
  return root;
}

/** The text of a file that ships with the package, by its path below the package's folder. */
export function readAsset(path: string): string {
  return readFileSync(join(packageRoot(), path), 'utf8');
}

/** A JSON file that ships with the package. Big data is read so, and never imported: parsing JSON is cheaper than JavaScript. */
export function readJsonAsset<T>(path: string): T {
  return JSON.parse(readAsset(path)) as T;
}
