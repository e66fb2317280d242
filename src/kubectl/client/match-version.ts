import type { BuildInfo } from '../../base/build-info.ts';
import { CommandError } from '../errors.ts';
import { CLIENT } from './version.ts';

/** Fields of version.Info, in Go's order. */
const FIELDS = [
  'major',
  'minor',
  'emulationMajor',
  'emulationMinor',
  'minCompatibilityMajor',
  'minCompatibilityMinor',
  'gitVersion',
  'gitCommit',
  'gitTreeState',
  'buildDate',
  'goVersion',
  'compiler',
  'platform',
];

/** `%#v` of a version.Info. */
const goText = (info: BuildInfo): string =>
  `version.Info{${FIELDS.map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}:${JSON.stringify(info[name] ?? '')}`).join(', ')}}`;

/** --match-server-version: throws unless client and server are of one build. `ask` gets the server's version. */
export async function requireMatchingVersion(ask: () => Promise<BuildInfo>): Promise<void> {
  const server = await ask().catch((error: Error) => {
    throw new CommandError(`couldn't read version from server: ${error.message}`);
  });
  const same = (['gitVersion', 'gitCommit', 'gitTreeState'] as const).every((name) => server[name] === CLIENT[name]);
  if (!same)
    throw new CommandError(`server version (&${goText(server)}) differs from client version (${goText(CLIENT)})`);
}
