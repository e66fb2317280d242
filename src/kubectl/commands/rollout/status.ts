import type { DaemonSet, Deployment, KubeObject, StatefulSet } from '../../../types/objects.ts';
import type { Command, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { filenameFlags, SELECTOR_FLAG } from '../../flags/common.ts';
import type { Info } from '../../resource/info.ts';
import { deadlineFrom, watchUntil } from '../../wait/until.ts';
import { requireResource, rolloutTargets } from './target.ts';

export const rolloutStatus: Command = {
  name: 'status',
  use: 'status (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Show the status of the rollout',
  long: `Show the status of the rollout.

'rollout status' watches the latest rollout until it is done; --watch=false does not wait. When a new rollout starts meanwhile, it goes on with that one. To stay with one revision, and to stop when another takes over, use --revision=N.`,
  examples: `
# Watch the rollout of a deployment
kubectl rollout status deployment/nginx`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource.'),
    SELECTOR_FLAG,
    { name: 'revision', type: 'int64', usage: 'Show the status of this revision; 0 for the last one.' },
    {
      name: 'timeout',
      type: 'duration',
      usage: 'How long to watch, with a unit (1s, 2m, 3h); zero for ever.',
    },
    { name: 'watch', shorthand: 'w', type: 'bool', default: 'true', usage: 'Watch the rollout until it is done.' },
  ],
  run: status,
};

interface Progress {
  text: string;
  done: boolean;
}

const waiting = (text: string): Progress => ({ text: `Waiting for ${text}...\n`, done: false });

const observed = (object: KubeObject, status: { observedGeneration?: number } | undefined): boolean =>
  (object.metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function deploymentProgress(deployment: Deployment, revision: number): Progress {
  const { metadata, spec, status } = deployment;
  const name = JSON.stringify(metadata.name);
  if (revision > 0) {
    const running = Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
    if (running !== revision) {
      throw new CommandError(`desired revision (${revision}) is different from the running revision (${running})`);
    }
  }
  if (!observed(deployment, status)) return waiting('deployment spec update to be observed');
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  }
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec?.replicas;
  const rollout = `deployment ${name} rollout to finish:`;
  if (wanted !== undefined && updatedReplicas < wanted) {
    return waiting(`${rollout} ${updatedReplicas} out of ${wanted} new replicas have been updated`);
  }
  if (replicas > updatedReplicas) {
    return waiting(`${rollout} ${replicas - updatedReplicas} old replicas are pending termination`);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`${rollout} ${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  }
  return { text: `deployment ${name} successfully rolled out\n`, done: true };
}

function daemonSetProgress(set: DaemonSet): Progress {
  const { metadata, spec, status } = set;
  const name = JSON.stringify(metadata.name);
  if (spec?.updateStrategy?.type !== 'RollingUpdate') {
    throw new CommandError('rollout status is only available for RollingUpdate strategy type');
  }
  if (!observed(set, status)) return waiting('daemon set spec update to be observed');
  const { updatedNumberScheduled = 0, desiredNumberScheduled = 0, numberAvailable = 0 } = status ?? {};
  const rollout = `daemon set ${name} rollout to finish:`;
  if (updatedNumberScheduled < desiredNumberScheduled) {
    return waiting(`${rollout} ${updatedNumberScheduled} out of ${desiredNumberScheduled} new pods have been updated`);
  }
  if (numberAvailable < desiredNumberScheduled) {
    return waiting(`${rollout} ${numberAvailable} of ${desiredNumberScheduled} updated pods are available`);
  }
  return { text: `daemon set ${name} successfully rolled out\n`, done: true };
}

function statefulSetProgress(set: StatefulSet): Progress {
  const { spec, status } = set;
  if (spec?.updateStrategy?.type !== 'RollingUpdate') {
    throw new CommandError('rollout status is only available for RollingUpdate strategy type');
  }
  if (!status?.observedGeneration || !observed(set, status)) {
    return waiting('statefulset spec update to be observed');
  }
  const { readyReplicas = 0, updatedReplicas = 0, currentReplicas = 0, updateRevision, currentRevision } = status;
  const wanted = spec.replicas;
  if (wanted !== undefined && readyReplicas < wanted) return waiting(`${wanted - readyReplicas} pods to be ready`);
  const { rollingUpdate } = spec.updateStrategy;
  if (rollingUpdate) {
    const { partition } = rollingUpdate;
    if (wanted !== undefined && partition !== undefined && updatedReplicas < wanted - partition) {
      return waiting(
        `partitioned roll out to finish: ${updatedReplicas} out of ${wanted - partition} new pods have been updated`,
      );
    }
    return { text: `partitioned roll out complete: ${updatedReplicas} new pods have been updated...\n`, done: true };
  }
  if (updateRevision !== currentRevision) {
    return {
      text: `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...\n`,
      done: false,
    };
  }
  return {
    text: `statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...\n`,
    done: true,
  };
}

function progressOf({ type }: Info, object: KubeObject, revision: number): Progress {
  if (type.group === 'apps' || type.group === 'extensions') {
    if (type.kind === 'Deployment') return deploymentProgress(object as Deployment, revision);
    if (type.kind === 'DaemonSet') return daemonSetProgress(object as DaemonSet);
    if (type.kind === 'StatefulSet') return statefulSetProgress(object as StatefulSet);
  }
  const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
  throw new CommandError(`no status viewer has been implemented for ${kind}`);
}

async function status(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const { namespace } = await factory.namespace();
  requireResource(invocation);
  const revision = flags.int('revision');
  if (revision < 0) throw new CommandError(`revision must be a positive integer: ${revision}`);
  const { transport } = await factory.client();
  let found = false;
  await factory.builder(rolloutTargets(invocation)).visit(async (info) => {
    found = true;
    let last: string | undefined;
    const deadline = deadlineFrom(transport.now(), flags.duration('timeout') || -1);
    const finished = await watchUntil(factory, info, deadline, (change) => {
      if (!change) return false;
      if (change.deleted) throw new CommandError('object has been deleted');
      if (change.object.metadata.resourceVersion === last) return false;
      last = change.object.metadata.resourceVersion;
      const { text, done } = progressOf(info, change.object, revision);
      environment.io.out(text);
      return done || !flags.bool('watch');
    });
    if (!finished) throw new CommandError('timed out waiting for the condition');
  });
  if (!found) environment.io.err(`No resources found in ${namespace} namespace.\n`);
}
