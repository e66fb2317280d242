import { FsError } from '../../process.ts';
import { fail, ok, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { findPackage, type Package } from './catalogue.ts';
import { Installed } from './installed.ts';
import { reach } from './mirror.ts';

const HOST = 'dl-cdn.alpinelinux.org';
/** What an image of Alpine has without anybody's doing. */
const OWN_PACKAGES = 16;

const installed = ({ machine }: ToolContext) => new Installed(machine.files, '/lib/apk/packages');

const versionOf = ({ machine }: ToolContext) => {
  const release = machine.files.stat('/etc/alpine-release') ? machine.files.read('/etc/alpine-release') : '3.22.1';
  return release.trim().split('.').slice(0, 2).join('.');
};

const summary = (there: Installed) =>
  `OK: ${8 + there.names().length * 2} MiB in ${OWN_PACKAGES + there.names().length} packages\n`;

/** The two indexes; without them nothing is known. */
function fetchIndexes(context: ToolContext): ToolResult {
  const urls = ['main', 'community'].map((name) => `https://${HOST}/alpine/v${versionOf(context)}/${name}`);
  const fetching = urls.map((url) => `fetch ${url}/x86_64/APKINDEX.tar.gz\n`);
  const unreachable = reach(context, HOST, 443);
  if (!unreachable) return ok(fetching.join(''));
  const reason = unreachable.problem === 'name' ? 'DNS: transient error (try again later)' : 'operation timed out';
  return {
    stdout: fetching.join(''),
    stderr: urls.map((url) => `WARNING: fetching ${url}: ${reason}\n`).join(''),
    code: 1,
    after: unreachable.after,
  };
}

function add(context: ToolContext, names: string[]): ToolResult {
  const there = installed(context);
  const indexes = fetchIndexes(context);
  const wanted = names.map((name) => name.split(/[=<>~]/)[0]!).filter((name) => there.version(name) === undefined);
  const found = wanted.flatMap((name): Package[] =>
    (indexes.code === 0 ? [findPackage('apk', name)] : []).flatMap((each) => each ?? []),
  );
  const missing = wanted.filter((name) => !found.some((each) => each.name === name));
  if (missing.length > 0)
    return {
      ...indexes,
      stderr: `${indexes.stderr}ERROR: unable to select packages:\n${missing.map((name) => `  ${name} (no such package):\n    required by: world[${name}]\n`).join('')}`,
      code: missing.length,
    };
  const lines = found.map(
    ({ name, version }, index) => `(${index + 1}/${found.length}) Installing ${name} (${version})\n`,
  );
  for (const each of found) there.add(each);
  const trigger = found.length > 0 ? 'Executing busybox-1.37.0-r18.trigger\n' : '';
  return { ...ok(`${indexes.stdout}${lines.join('')}${trigger}${summary(there)}`), after: 1000 };
}

function remove(context: ToolContext, names: string[]): ToolResult {
  const there = installed(context);
  const gone = names.filter((name) => there.version(name));
  const lines = gone.map((name, index) => {
    const line = `(${index + 1}/${gone.length}) Purging ${name} (${there.version(name)})\n`;
    there.remove(name);
    return line;
  });
  return ok(`${lines.join('')}${summary(there)}`);
}

/** `apk add|del|update|info …`: what it installs is what this house has tools for (catalogue.ts). */
export const apk: Tool = (context) => {
  const [verb, ...names] = context.argv.slice(1).filter((word) => !word.startsWith('-'));
  if (verb === 'info' || verb === 'list')
    return ok(
      installed(context)
        .names()
        .map((name) => `${name}\n`)
        .join(''),
    );
  if (context.user !== 'root')
    return fail(
      'ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: Permission denied\n',
      99,
    );
  try {
    if (verb === 'add') return add(context, names);
    if (verb === 'del') return remove(context, names);
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return fail(
      'ERROR: Unable to lock database: Read-only file system\nERROR: Failed to open apk database: Read-only file system\n',
      99,
    );
  }
  if (verb === 'update' || verb === 'upgrade') {
    const indexes = fetchIndexes(context);
    return indexes.code === 0
      ? {
          ...ok(
            `${indexes.stdout}${verb === 'update' ? 'OK: 25000 distinct packages available\n' : summary(installed(context))}`,
          ),
          after: 700,
        }
      : {
          ...indexes,
          stderr: `${indexes.stderr}ERROR: 2 unavailable, 0 stale; ${OWN_PACKAGES} distinct packages available\n`,
          code: 2,
        };
  }
  return fail(`ERROR: '${verb ?? ''}' is not an apk command. See 'apk --help'.\n`);
};
