import type { BuildInfo } from '../../base/build-info.ts';
import { goJson } from '../../base/go-json.ts';
import { CLIENT } from '../client/version.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';

const KUSTOMIZE_VERSION = 'v5.6.0';

const command: Command = {
  name: 'version',
  use: 'version',
  flagsInUseLine: true,
  short: 'Print the client and server version information',
  long: 'Print the client and server version information for the current context.',
  examples: `
# Print the client and server versions for the current context
kubectl version`,
  flags: [
    { name: 'client', type: 'bool', usage: 'The client version only (no server required).' },
    { name: 'output', shorthand: 'o', type: 'string', usage: "One of 'yaml' or 'json'." },
  ],
  run: version,
};

export default command;

async function version({ flags, args, factory, environment }: Invocation): Promise<void> {
  const output = flags.string('output');
  const { io } = environment;
  if (!flags.bool('client')) await factory.restConfig();
  if (!flags.bool('client') && args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`);
  if (!['', 'yaml', 'json'].includes(output)) throw new CommandError("--output must be 'yaml' or 'json'");
  let failure: unknown;
  let server: BuildInfo | undefined;
  if (!flags.bool('client')) {
    try {
      server = await (await factory.client()).request<BuildInfo>('GET', '/version', {
        query: { timeout: '32s' },
        accept: 'application/json, */*',
      });
    } catch (error) {
      failure = error;
    }
  }
  const all = { clientVersion: CLIENT, kustomizeVersion: KUSTOMIZE_VERSION, ...(server && { serverVersion: server }) };
  if (output === 'json') io.out(`${goJson(all, { indent: '  ' })}\n`);
  else if (output === 'yaml') {
    const { emitYaml } = await import('../../base/yaml/emit.ts');
    io.out(`${emitYaml(all)}\n`);
  } else {
    io.out(`Client Version: ${CLIENT.gitVersion}\nKustomize Version: ${KUSTOMIZE_VERSION}\n`);
    if (server) io.out(`Server Version: ${server.gitVersion}\n`);
  }
  if (server) warnAboutSkew(server, io.err);
  if (failure) throw failure;
}

/** Client and server may be one minor version apart. */
function warnAboutSkew(server: BuildInfo, warn: (text: string) => void): void {
  const minor = Number.parseInt(server.minor, 10);
  if (Math.abs(minor - Number(CLIENT.minor)) <= 1) return;
  warn(
    `WARNING: version difference between client (${CLIENT.major}.${CLIENT.minor}) and server (${server.major}.${minor}) exceeds the supported minor version skew of +/-1\n`,
  );
}
