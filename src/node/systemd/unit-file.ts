import type { NodeHost } from '../host.ts';
import { UNITS } from './units.ts';

/** A unit's file and its drop-ins, in the order in which systemd reads them. */
export interface UnitText {
  path: string;
  text: string;
}

/** Where systemd looks for drop-ins, the least important first. */
const folders = (host: NodeHost): string[] => [
  ...new Set([host.machine.unitFolder, '/usr/lib/systemd/system', '/etc/systemd/system']),
];

/** The files of a unit as they are on disk. */
export function unitFiles(host: NodeHost, name: string): UnitText[] {
  const { files } = host;
  const path = `${host.machine.unitFolder}/${name}.service`;
  const main: UnitText[] = files.stat(path) ? [{ path, text: files.read(path) }] : [];
  const dropIns = folders(host).flatMap((folder) => {
    const at = `${folder}/${name}.service.d`;
    if (files.stat(at)?.type !== 'directory') return [];
    return files
      .list(at)
      .filter((file) => file.endsWith('.conf'))
      .map((file) => ({ path: `${at}/${file}`, text: files.read(`${at}/${file}`) }));
  });
  return [...main, ...dropIns];
}

const LOADED = 'units/loaded';

/** The files of a unit as systemd has read them last. */
export const loadedFiles = (host: NodeHost, name: string): UnitText[] =>
  host.state.section<UnitText[]>(LOADED).get(`${host.name}/${name}`) ?? shippedFiles(host, name);

/** What the packages put there: nothing was changed before anybody touched it. */
function shippedFiles(host: NodeHost, name: string): UnitText[] {
  const shipped = host.shipped;
  const main = { path: `${host.machine.unitFolder}/${name}.service`, text: UNITS[name]!.text(host) };
  const more = Object.keys(shipped)
    .filter((path) => path.includes(`/${name}.service.d/`))
    .map((path) => ({ path, text: shipped[path]!() }));
  return [main, ...more];
}

/** systemctl daemon-reload. */
export function reload(host: NodeHost, names: string[]): void {
  for (const name of names) host.state.section<UnitText[]>(LOADED).set(`${host.name}/${name}`, unitFiles(host, name));
}

/** Whether a unit was changed on disk since systemd read it. */
export const needsReload = (host: NodeHost, name: string): boolean =>
  JSON.stringify(unitFiles(host, name)) !== JSON.stringify(loadedFiles(host, name));

const unquote = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

/** Assignments of `KEY="VALUE"` lines. */
function assignments(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
    return name ? [[name, unquote(value!.trim())]] : [];
  });
}

/** A unit's command line, with its variables filled in; its environment files are read now. */
export function commandLine(host: NodeHost, name: string): string[] {
  const environment = new Map<string, string>();
  let exec = '';
  for (const { text } of loadedFiles(host, name)) {
    for (const line of text.split('\n')) {
      const [, key, value = ''] = /^\s*(Environment|EnvironmentFile|ExecStart)=(.*)$/.exec(line) ?? [];
      if (key === 'ExecStart') exec = value.trim();
      else if (key === 'Environment') for (const [k, v] of assignments(unquote(value.trim()))) environment.set(k, v);
      else if (key === 'EnvironmentFile') {
        const path = value.trim().replace(/^-/, '');
        if (host.files.stat(path)) for (const [k, v] of assignments(host.files.read(path))) environment.set(k, v);
      }
    }
  }
  return exec
    .split(/\s+/)
    .flatMap((word) => {
      const [, variable] = /^\$\{?(\w+)\}?$/.exec(word) ?? [];
      return variable ? (environment.get(variable) ?? '').split(/\s+/) : [word];
    })
    .filter(Boolean);
}
