import type { CliCommand } from '../cli.ts';

export const version: CliCommand = {
  name: 'version',
  summary: 'Display runtime version information',
  flags: [],
  run({ host }) {
    const [runtime = '', number = ''] = host.record().containerRuntimeVersion.split('://');
    const lines = [
      'Version:  0.1.0',
      `RuntimeName:  ${runtime}`,
      `RuntimeVersion:  ${number}`,
      'RuntimeApiVersion:  v1',
    ];
    return { stdout: `${lines.join('\n')}\n`, stderr: '', code: 0 };
  },
};
