import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { PRINT_FLAGS } from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { nameFromArgs } from './generator.ts';

const BOUND_KINDS = ['Node', 'Pod', 'Secret'];

export const token: Command = {
  name: 'token',
  use: 'token SERVICE_ACCOUNT_NAME',
  short: 'Request a service account token',
  examples: '  # A token that lasts ten minutes\n  kubectl create token robot --duration 10m',
  flags: [
    ...PRINT_FLAGS,
    {
      name: 'audience',
      type: 'stringArray',
      usage: 'Audience of the token; the API server itself unless given. May be repeated.',
    },
    {
      name: 'duration',
      type: 'duration',
      usage: 'Lifetime of the token; the server chooses unless given, and may answer with another.',
    },
    {
      name: 'bound-object-kind',
      type: 'string',
      usage: `Kind of an object to bind the token to: ${BOUND_KINDS.join(', ')}. Needs --bound-object-name.`,
    },
    {
      name: 'bound-object-name',
      type: 'string',
      usage: 'Name of an object to bind the token to, which ends with it. Needs --bound-object-kind.',
    },
    {
      name: 'bound-object-uid',
      type: 'string',
      usage: 'UID of an object to bind the token to; that of the existing object unless given.',
    },
  ],
  async run(invocation) {
    const { flags, factory, environment } = invocation;
    const name = nameFromArgs(invocation);
    if (!name) throw new CommandError('service account name is required');
    const { namespace } = await factory.namespace();
    const [kind, boundName, uid] = ['bound-object-kind', 'bound-object-name', 'bound-object-uid'].map((f) =>
      flags.string(f),
    );
    const duration = flags.duration('duration');
    if (duration < 0) throw new CommandError('--duration must be greater than or equal to 0');
    if (duration % 1000) throw new CommandError('--duration cannot be expressed in units less than seconds');
    if (flags.strings('audience').includes('')) throw new CommandError('--audience must not be an empty string');
    if (!kind && boundName)
      throw new CommandError('--bound-object-name can only be set if --bound-object-kind is provided');
    if (!kind && uid) throw new CommandError('--bound-object-uid can only be set if --bound-object-kind is provided');
    if (kind && !BOUND_KINDS.includes(kind))
      throw new CommandError(`supported --bound-object-kind values are ${BOUND_KINDS.join(', ')}`);
    if (kind && !boundName)
      throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
    const body = {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: {
        audiences: flags.strings('audience').length ? flags.strings('audience') : null,
        expirationSeconds: duration ? duration / 1000 : null,
        boundObjectRef: kind ? { kind, apiVersion: 'v1', name: boundName, ...(uid && { uid }) } : null,
      },
      status: { token: '', expirationTimestamp: null },
    };
    const client = await factory.client();
    const answer = await client
      .request<Printable & { status: { token: string } }>(
        'POST',
        `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
        { body },
      )
      .catch((error: Error) => {
        throw new CommandError(`failed to create token: ${error.message}`);
      });
    if (!answer.status.token) throw new CommandError('failed to create token: no token in server response');
    if (flags.string('output')) {
      const print = await printerFor(invocation, 'created', { typed: true });
      environment.io.out(print(answer));
    } else environment.io.out(`${answer.status.token}${environment.io.stdoutIsTerminal ? '\n' : ''}`);
  },
};
