import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { ok } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { type InstalledPackage, installedPackages } from './packages.ts';

const HEAD = [
  'Desired=Unknown/Install/Remove/Purge/Hold',
  '| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend',
  '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)',
];

/** `kube*` as dpkg matches names. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);

function table(found: InstalledPackage[], held: string[]): string {
  const rows = found.map(({ name, version, architecture, summary }) => [
    held.includes(name) ? 'hi' : 'ii',
    name,
    version,
    architecture,
    summary,
  ]);
  const widths = [3, 14, 12, 12].map((least, i) => Math.max(least, ...rows.map((row) => row[i]!.length)));
  const line = (cells: string[]) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' ');
  const rule = `+++-${widths
    .slice(1)
    .map((width) => '='.repeat(width))
    .join('-')}-=================================`;
  return [...HEAD, line(['||/', 'Name', 'Version', 'Architecture', 'Description']), rule, ...rows.map(line), ''].join(
    '\n',
  );
}

export const statusOf = (
  { name, version, architecture, summary, section, size }: InstalledPackage,
  held: boolean,
): string =>
  [
    `Package: ${name}`,
    `Status: ${held ? 'hold' : 'install'} ok installed`,
    'Priority: optional',
    `Section: ${section}`,
    `Installed-Size: ${size}`,
    `Architecture: ${architecture}`,
    `Version: ${version}`,
    `Description: ${summary}`,
    '',
  ].join('\n');

/** dpkg and dpkg-query: what is installed. `held`: packages that are not to be changed. */
export function dpkg(host: NodeHost, { argv }: CommandContext, held: string[]): CommandResult {
  const words = argv.slice(1);
  const verb = words.find((word) =>
    /^(-[lsLSW]|--(list|status|listfiles|search|show|print-architecture|get-selections))$/.test(word),
  );
  const names = words.filter((word) => !word.startsWith('-'));
  const all = installedPackages(host);
  const fail = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr, code });
  const found = names.length === 0 ? all : all.filter(({ name }) => names.some((pattern) => matches(pattern, name)));
  const missing = names.filter((pattern) => !all.some(({ name }) => matches(pattern, name)));
  switch (verb) {
    case '-l':
    case '--list':
      return {
        stdout: found.length > 0 ? table(found, held) : '',
        stderr: missing.map((name) => `dpkg-query: no packages found matching ${name}\n`).join(''),
        code: missing.length > 0 ? 1 : 0,
      };
    case '-W':
    case '--show':
      return ok(found.map(({ name, version }) => `${name}\t${version}\n`).join(''));
    case '--get-selections':
      return ok(found.map(({ name }) => `${name.padEnd(47)}\t${held.includes(name) ? 'hold' : 'install'}\n`).join(''));
    case '--print-architecture':
      return ok('amd64\n');
    case '-s':
    case '--status':
      return {
        stdout: found.map((one) => statusOf(one, held.includes(one.name))).join('\n'),
        stderr: missing
          .map(
            (name) =>
              `dpkg-query: package '${name}' is not installed and no information is available\nUse dpkg --info (= dpkg-deb --info) to examine archive files.\n`,
          )
          .join(''),
        code: missing.length > 0 ? 1 : 0,
      };
    case '-L':
    case '--listfiles':
      return {
        stdout: found.flatMap(({ files = [] }) => ['/.', ...files].map((file) => `${file}\n`)).join(''),
        stderr: missing.map((name) => `dpkg-query: package '${name}' is not installed\n`).join(''),
        code: missing.length > 0 ? 1 : 0,
      };
    case '-S':
    case '--search': {
      const owners = all.flatMap(({ name, files = [] }) =>
        files.filter((file) => names.some((part) => file.includes(part))).map((file) => `${name}: ${file}\n`),
      );
      return owners.length > 0
        ? ok(owners.join(''))
        : fail(names.map((name) => `dpkg-query: no path found matching pattern ${name}\n`).join(''));
    }
    default:
      return fail(
        "dpkg: error: need an action option\n\nType dpkg --help for help about installing and deinstalling packages [*];\nUse 'apt' or 'aptitude' for user-friendly package management;\n",
        2,
      );
  }
}
