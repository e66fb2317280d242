import { alignTabs, TABLE_TABS } from '../../../base/tabwriter.ts';
import type { Command } from '../../command.ts';
import { asError, CommandError, StatusError } from '../../errors.ts';
import { PRINT_FLAGS } from '../../flags/common.ts';
import { outputFormat, type Printable, printerFor } from '../../printers/print-flags.ts';

interface SelfSubjectReview extends Printable {
  status?: { userInfo?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> } };
}

export const whoami: Command = {
  name: 'whoami',
  use: 'whoami',
  short: 'Experimental: Check self subject attributes',
  long: `Experimental: Check who you are and your attributes (groups, extra).

This command is helpful to find out what the server makes of your credentials, with --as for instance.`,
  examples: `
# Get your subject attributes
kubectl auth whoami

# Get your subject attributes as JSON
kubectl auth whoami -o json`,
  flags: PRINT_FLAGS,
  run: async (invocation) => {
    const { factory, environment } = invocation;
    const print = outputFormat(invocation) ? await printerFor(invocation, '', { typed: true }) : undefined;
    const client = await factory.client();
    const review = await client
      .request<SelfSubjectReview>('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' },
      })
      .catch((error: unknown) => {
        const reason = error instanceof StatusError ? error.reason : '';
        if (reason === 'Forbidden')
          throw new CommandError(
            'the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it',
          );
        if (reason === 'NotFound')
          throw new CommandError(
            'the selfsubjectreviews API is not enabled in the cluster\nenable APISelfSubjectReview feature gate and authentication.k8s.io/v1alpha1 or authentication.k8s.io/v1beta1 or authentication.k8s.io/v1 API',
          );
        throw asError(error);
      });
    if (print) {
      environment.io.out(print(review));
      return;
    }
    const { username, uid, groups = [], extra = {} } = review.status?.userInfo ?? {};
    const rows = [
      ['ATTRIBUTE', 'VALUE'],
      ...(username ? [['Username', username]] : []),
      ...(uid ? [['UID', uid]] : []),
      ...(groups.length > 0 ? [['Groups', `[${groups.join(' ')}]`]] : []),
      ...Object.keys(extra)
        .sort()
        .map((key) => [`Extra: ${key}`, `[${extra[key]!.join(' ')}]`]),
    ];
    environment.io.out(alignTabs(rows.map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_TABS));
  },
};
