import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { checkShape, type Shape } from '../../cluster/shape.ts';
import { LabError } from '../format/lab.ts';

/** Something of a scenario: a text, and scripts that run before it or prove it. All are paths from the folder. */
export interface Part {
  title?: string;
  text?: string;
  background?: string;
  foreground?: string;
  verify?: string;
}

interface Asset {
  file: string;
  target: string;
  chmod?: string;
}

interface Index {
  title: string;
  description?: string;
  difficulty?: string;
  time?: string;
  details: { intro?: Part; steps?: Part[]; finish?: Part; assets?: Record<string, Asset[]> };
  backend?: { imageid?: string };
}

/** The folder of a Killercoda scenario. */
export interface Scenario {
  /** The folder's name, as a lab's id can be. */
  id: string;
  folder: string;
  index: Index;
  /** The text of one of its files; undefined if the index names none. Throws LabError if it is not there. */
  text(path: string | undefined): string | undefined;
  /** What is copied to the machines: path there, text, mode. */
  assets: { machine: string; path: string; text: string; chmod?: string }[];
}

const text: Shape = { type: 'string' };
const any: Shape = { type: 'any' };

/** What must be so; what else an index may have does not matter to us. */
const PARTS: Shape = { type: 'list', of: { type: 'map', of: any } };

/** Reads a scenario. Throws LabError. */
export function readScenario(folder: string): Scenario {
  const path = join(folder, 'index.json');
  if (!existsSync(path))
    throw new LabError([`${folder}: there is no index.json: this is no folder of a Killercoda scenario`]);
  let index: Index;
  try {
    index = JSON.parse(readFileSync(path, 'utf8')) as Index;
  } catch (error) {
    throw new LabError([`${path}: ${(error as Error).message}`]);
  }
  const problems = [
    ...checkShape(index?.title, text, 'title'),
    ...checkShape(index?.details, { type: 'map', of: any }, 'details'),
    ...checkShape(index?.details?.steps ?? [], PARTS, 'details.steps'),
  ];
  if (problems.length > 0) throw new LabError(problems.map((problem) => `${path}: ${problem}`));
  const read = (name: string): string => {
    const inside = resolve(folder, name);
    if (!inside.startsWith(resolve(folder) + sep)) throw new LabError([`${path}: ${name} lies outside of the folder`]);
    if (!existsSync(inside)) throw new LabError([`${path}: ${name} is not in the folder`]);
    return readFileSync(inside, 'utf8');
  };
  return {
    id:
      basename(resolve(folder))
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'scenario',
    folder,
    index,
    text: (name) => (name === undefined ? undefined : read(name)),
    assets: Object.entries(index.details.assets ?? {}).flatMap(([machine, list]) =>
      list.flatMap((asset) => assetsOf(folder, machine, asset, read)),
    ),
  };
}

/** The files that an asset's pattern means, in `assets/`. */
function assetsOf(folder: string, machine: string, { file, target, chmod }: Asset, read: (name: string) => string) {
  const pattern = new RegExp(`^${file.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')}$`);
  return below(join(folder, 'assets'))
    .filter((name) => pattern.test(name))
    .map((name) => ({
      machine,
      path: `${target.replace(/^~/, '/root').replace(/\/$/, '')}/${basename(name)}`,
      text: read(`assets/${name}`),
      ...(chmod && { chmod }),
    }));
}

/** The plain files of a folder, by their paths from there. */
function below(folder: string, prefix = ''): string[] {
  if (!existsSync(join(folder, prefix))) return [];
  return readdirSync(join(folder, prefix))
    .sort()
    .flatMap((name) => {
      const path = prefix ? `${prefix}/${name}` : name;
      const stat = lstatSync(join(folder, path));
      return stat.isDirectory() ? below(folder, path) : stat.isFile() ? [path] : [];
    });
}
