import { FsError } from '../../process.ts';
import { fail, ok, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { findPackage, type Package } from './catalogue.ts';
import { Installed } from './installed.ts';
import { reach } from './mirror.ts';

const HOST = 'mirrors.fedoraproject.org';

const installed = ({ machine }: ToolContext) => new Installed(machine.files, '/var/lib/dnf/packages');

function install(context: ToolContext, names: string[], isAgreed: boolean): ToolResult {
  const there = installed(context);
  const unreachable = reach(context, HOST, 443);
  if (unreachable)
    return {
      ...fail(
        `Error: Failed to download metadata for repo 'fedora': Cannot prepare internal mirrorlist: ${unreachable.problem === 'name' ? `Could not resolve host: ${HOST}` : 'Timeout was reached'}\n`,
      ),
      after: unreachable.after,
    };
  const wanted = names.filter((name) => there.version(name) === undefined);
  const found = wanted.flatMap((name): Package[] => [findPackage('rpm', name)].flatMap((each) => each ?? []));
  const missing = wanted.find((name) => !found.some((each) => each.name === name));
  if (missing) return fail(`No match for argument: ${missing}\nError: Unable to find a match: ${missing}\n`);
  if (found.length === 0) return ok('Dependencies resolved.\nNothing to do.\nComplete!\n');
  const rows = found.map(({ name, version }) => `  ${name}-${version}.x86_64\n`).join('');
  if (!isAgreed) return fail(`Dependencies resolved.\nInstalling:\n${rows}\nIs this ok [y/N]: Operation aborted.\n`);
  for (const each of found) there.add(each);
  return { ...ok(`Dependencies resolved.\nInstalled:\n${rows}\nComplete!\n`), after: 3000 };
}

/** `dnf install …`, which yum and microdnf are names of: what it installs is what this house has tools for (catalogue.ts). */
export const dnf: Tool = (context) => {
  const [verb, ...names] = context.argv.slice(1).filter((word) => !word.startsWith('-'));
  const isAgreed = context.argv.some((word) => word === '-y' || word === '--assumeyes') || /^\s*y/i.test(context.stdin);
  if (context.user !== 'root')
    return fail('Error: This command has to be run with superuser privileges (under the root user on most systems).\n');
  try {
    if (verb === 'install') return install(context, names, isAgreed);
    if (verb === 'remove' || verb === 'erase') {
      const there = installed(context);
      for (const name of names) if (there.version(name)) there.remove(name);
      return ok('Complete!\n');
    }
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    return fail(`error: can't create transaction lock on /usr/lib/sysimage/rpm/.rpm.lock (Read-only file system)\n`);
  }
  return verb === 'update' || verb === 'upgrade' || verb === 'makecache' || verb === 'clean'
    ? ok('Dependencies resolved.\nNothing to do.\nComplete!\n')
    : fail(`No such command: ${verb ?? ''}. Please use ${context.argv[0]} --help\n`);
};
