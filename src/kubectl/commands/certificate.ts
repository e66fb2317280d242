import { formatTime } from '../../base/time.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, isConflict } from '../errors.ts';
import { filenameFlags, PRINT_FLAGS } from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import { infoPath } from '../resource/info.ts';

interface CertificateRequest extends KubeObject {
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

/** The two ways to decide about a request. */
const decision = (verb: 'approve' | 'deny', done: string, type: string, opposite: string, reason: string): Command => ({
  name: verb,
  use: `${verb} (-f FILENAME | NAME)`,
  short: `${verb === 'approve' ? 'Approve' : 'Deny'} a certificate signing request`,
  long: `${verb === 'approve' ? 'Approve' : 'Deny'} a certificate signing request.

kubectl certificate ${verb} lets a cluster administrator ${verb} a certificate signing request (CSR): it tells the signing controller whether to issue a certificate to the requester. Whoever approves should look at what a certificate would give access to first.`,
  examples: `
# ${verb === 'approve' ? 'Approve' : 'Deny'} CSR 'csr-sqgzp'
kubectl certificate ${verb} csr-sqgzp`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource to update'),
    ...PRINT_FLAGS,
    { name: 'force', type: 'bool', usage: `Update the CSR even if it is already ${done}.` },
  ],
  run: async (invocation) => decide(invocation, { done, type, opposite, reason, verb }),
});

const command: Command = {
  name: 'certificate',
  use: 'certificate SUBCOMMAND',
  short: 'Modify certificate resources',
  long: 'Modify certificate resources.',
  run: async ({ environment, program, commandPath }) => environment.io.out(program.helpOf(commandPath)),
  subcommands: [
    decision('approve', 'approved', 'Approved', 'Denied', 'KubectlApprove'),
    decision('deny', 'denied', 'Denied', 'Approved', 'KubectlDeny'),
  ],
};

export default command;

const TRIES = 10;

async function decide(
  invocation: Invocation,
  {
    done,
    type,
    opposite,
    reason,
    verb,
  }: { done: string; type: string; opposite: string; reason: string; verb: string },
): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const print = await printerFor(invocation, done);
  const filenames = flags.strings('filename');
  await factory.restConfig();
  if (args.length === 0 && filenames.length === 0 && !flags.string('kustomize')) {
    throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  }
  const client = await factory.client();
  const { transport } = client;
  const modified = (csr: CertificateRequest): CertificateRequest | undefined => {
    const conditions = csr.status?.conditions ?? [];
    const has = (wanted: string) => conditions.some((condition) => condition.type === wanted);
    if (has(opposite)) {
      throw new CommandError(`certificate signing request ${JSON.stringify(csr.metadata.name)} is already ${opposite}`);
    }
    if (has(type) && !flags.bool('force')) return undefined;
    const condition = {
      type,
      status: 'True',
      reason,
      message: `This CSR was ${done} by kubectl certificate ${verb}.`,
      lastUpdateTime: formatTime(transport.now()),
    };
    return {
      ...csr,
      status: { ...csr.status, conditions: [...conditions.filter((each) => each.type !== type), condition] },
    };
  };
  // What is printed is the request as it was found.
  let found = 0;
  await factory
    .builder({
      args: args.map((name) => (name.includes('/') ? name : `certificatesigningrequests/${name}`)),
      namespace: '',
      filenames,
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      continueOnError: true,
      latest: true,
    })
    .visit(async (info) => {
      found++;
      let csr = info.object as CertificateRequest;
      for (let tries = 0; ; tries++) {
        const next = modified(csr);
        try {
          if (next) await client.request('PUT', infoPath(info, 'approval'), { body: next });
          break;
        } catch (error) {
          if (!isConflict(error) || tries >= TRIES) throw error;
          csr = await client.request('GET', infoPath(info));
        }
      }
      environment.io.out(print(csr as unknown as Printable));
    });
  if (found === 0) environment.io.err('No resources found\n');
}
