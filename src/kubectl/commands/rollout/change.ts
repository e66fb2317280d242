import { goJson } from '../../../base/go-json.ts';
import { formatTime } from '../../../base/time.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { groupResourceText } from '../../client/mapper.ts';
import type { Command, Invocation } from '../../command.ts';
import { asError, CommandError, throwCollected } from '../../errors.ts';
import { fieldManagerFlag, filenameFlags, PRINT_FLAGS, SELECTOR_FLAG } from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { infoPath } from '../../resource/info.ts';
import type { Workload } from './history.ts';
import { requireResource, rolloutTargets } from './target.ts';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** A subcommand that changes workloads by a small patch. */
interface Change {
  done: string;
  /** The strategic merge patch; a string says why there is none. */
  patch(object: Workload, now: number): Record<string, unknown> | string;
}

const isDeployment = ({ kind }: KubeObject) => kind === 'Deployment';
const isRestartable = ({ kind, apiVersion }: KubeObject) =>
  apiVersion.startsWith('apps/') && ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind);

const CHANGES: Record<'pause' | 'resume' | 'restart', Change> = {
  pause: {
    done: 'paused',
    patch: (object) =>
      !isDeployment(object)
        ? 'pausing is not supported'
        : object.spec.paused
          ? 'is already paused'
          : { spec: { paused: true } },
  },
  resume: {
    done: 'resumed',
    patch: (object) =>
      !isDeployment(object)
        ? 'resuming is not supported'
        : object.spec.paused
          ? { spec: { paused: null } }
          : 'is not paused',
  },
  restart: {
    done: 'restarted',
    patch(object, now) {
      if (!isRestartable(object)) return 'restarting is not supported';
      if (object.spec.paused) return "can't restart paused deployment (run rollout resume first)";
      const restartedAt = formatTime(now);
      if (object.spec.template.metadata?.annotations?.[RESTARTED_AT] === restartedAt) return {};
      return { spec: { template: { metadata: { annotations: { [RESTARTED_AT]: restartedAt } } } } };
    },
  },
};

const runChange =
  ({ done, patch }: Change) =>
  async (invocation: Invocation): Promise<void> => {
    const { flags, factory, environment } = invocation;
    const { namespace } = await factory.namespace();
    requireResource(invocation);
    const client = await factory.client();
    const { infos, errors } = await factory.builder(rolloutTargets(invocation)).infos();
    if (infos.length === 0 && errors.length === 0) {
      environment.io.err(`No resources found in ${namespace} namespace.\n`);
    }
    for (const info of infos) {
      const wanted = patch(info.object as Workload, client.transport.now());
      if (typeof wanted === 'string') {
        errors.push(new CommandError(`error: ${groupResourceText(info.type)} ${JSON.stringify(info.name)} ${wanted}`));
      } else if (Object.keys(wanted).length === 0) {
        errors.push(
          new CommandError(
            `failed to create patch for ${info.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
          ),
        );
      } else {
        try {
          const object = await client
            .request<KubeObject>('PATCH', infoPath(info), {
              body: goJson(wanted),
              contentType: 'application/strategic-merge-patch+json',
              query: { fieldManager: flags.string('field-manager') },
            })
            .catch((error: unknown) => {
              throw new CommandError(`failed to patch: ${asError(error).message}`);
            });
          const print = await printerFor(invocation, done);
          environment.io.out(print(object as unknown as Printable));
        } catch (error) {
          errors.push(asError(error));
        }
      }
    }
    throwCollected(errors);
  };

const flags = [
  ...filenameFlags('File, folder or URL that names the resource.'),
  ...PRINT_FLAGS,
  SELECTOR_FLAG,
  fieldManagerFlag('kubectl-rollout'),
];

export const rolloutPause: Command = {
  name: 'pause',
  use: 'pause RESOURCE',
  short: 'Mark the provided resource as paused',
  long: `Mark the provided resource as paused.

Paused resources are not reconciled by a controller. "kubectl rollout resume" resumes them. Only deployments can be paused for now.`,
  examples: `
# Pause the deployment nginx: its rollout goes no further until it is resumed
kubectl rollout pause deployment/nginx`,
  flags,
  run: runChange(CHANGES.pause),
};

export const rolloutResume: Command = {
  name: 'resume',
  use: 'resume RESOURCE',
  short: 'Resume a paused resource',
  long: `Resume a paused resource.

Paused resources are not reconciled by a controller; when resumed, they are again. Only deployments can be resumed for now.`,
  examples: `
# Resume a paused deployment
kubectl rollout resume deployment/nginx`,
  flags,
  run: runChange(CHANGES.resume),
};

export const rolloutRestart: Command = {
  name: 'restart',
  use: 'restart RESOURCE',
  short: 'Restart a resource',
  long: `Restart a resource.

Its pods are replaced by a rollout.`,
  examples: `
# Restart all deployments of the namespace test-namespace
kubectl rollout restart deployment -n test-namespace

# Restart a deployment
kubectl rollout restart deployment/nginx

# Restart a daemon set
kubectl rollout restart daemonset/abc

# Restart the deployments with the label app=nginx
kubectl rollout restart deployment --selector=app=nginx`,
  flags,
  run: runChange(CHANGES.restart),
};
