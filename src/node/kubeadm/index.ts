import { buildInfo } from '../../base/build-info.ts';
import { parseDuration } from '../../base/duration.ts';
import { goJson } from '../../base/go-json.ts';
import { emitYaml } from '../../base/yaml/emit.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { issue } from '../pki/issue.ts';
import { userKubeconfig } from '../pki/kubeconfig.ts';
import { kubeadmVersion } from './cluster.ts';
import { type Command, execute, KubeadmError } from './cobra.ts';
import { certs } from './commands/certs.ts';
import { config } from './commands/config.ts';
import { init } from './commands/init.ts';
import { join } from './commands/join.ts';
import { reset } from './commands/reset.ts';
import { token } from './commands/token.ts';
import { upgrade } from './commands/upgrade.ts';

const version: Command = {
  name: 'version',
  short: 'Print the version of kubeadm',
  flags: ['output'],
  maxArgs: 0,
  run(call) {
    const number = kubeadmVersion(call);
    const info = buildInfo(number);
    const output = call.text('output') ?? '';
    if (output === 'short') call.out(number);
    else if (output === 'json') call.out(goJson({ clientVersion: info }, { indent: '  ' }));
    else if (output === 'yaml') call.out(emitYaml({ clientVersion: info }).trimEnd());
    else if (output) throw new KubeadmError(`invalid output format: ${output}`);
    else {
      const fields = Object.entries(info).map(
        ([name, value]) => `${name[0]!.toUpperCase()}${name.slice(1)}:${JSON.stringify(value)}`,
      );
      call.out(`kubeadm version: &version.Info{${fields.join(', ')}}`);
    }
  },
};

const kubeconfig: Command = {
  name: 'kubeconfig',
  short: 'Kubeconfig file utilities.',
  plain: true,
  commands: [
    {
      name: 'user',
      short: 'Output a kubeconfig file for an additional user',
      flags: ['client-name', 'config', 'org', 'token', 'validity-period'],
      maxArgs: 0,
      run(call) {
        const name = call.text('client-name');
        if (!name) throw new KubeadmError('required flag(s) "client-name" not set');
        const certificate = issue({
          authority: 'ca',
          commonName: name,
          organizations: call.list('org') ?? [],
          client: true,
          at: call.host.now(),
          seconds: parseDuration(call.text('validity-period') ?? '8760h') / 1000,
        });
        call.out(userKubeconfig(call.host, name, certificate));
      },
    },
  ],
};

const ROOT: Command = {
  name: 'kubeadm',
  short: 'kubeadm makes a Kubernetes cluster of machines',
  plain: true,
  commands: [
    {
      name: 'alpha',
      short: 'Kubeadm experimental sub-commands',
      maxArgs: 0,
      run: (call) => call.out('Kubeadm experimental sub-commands\n'),
    },
    certs,
    {
      name: 'completion',
      short: 'Output shell completion code for the specified shell (bash or zsh)',
      use: 'SHELL [flags]',
      run(call) {
        const [shell] = call.args;
        if (!shell) throw new KubeadmError('Shell not specified.');
        if (shell !== 'bash' && shell !== 'zsh')
          throw new KubeadmError(`Unsupported shell type ${JSON.stringify(shell)}.`);
        call.out(
          `# ${shell} completion for kubeadm\ncomplete -W "${ROOT.commands!.map(({ name }) => name).join(' ')}" kubeadm`,
        );
      },
    },
    config,
    init,
    join,
    kubeconfig,
    reset,
    token,
    upgrade,
    version,
  ],
};

/** kubeadm on a machine: its files and its cluster are the simulation's. */
export const kubeadm = (host: NodeHost, context: CommandContext): Promise<CommandResult> =>
  execute(ROOT, host, context);
