import { equal, type JsonObject } from '../../../api/machinery/patch/json-value.ts';
import { goJson } from '../../../base/go-json.ts';
import type { PodTemplateSpec } from '../../../types/objects.ts';
import type { Command, Invocation } from '../../command.ts';
import { asError, CommandError } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  filenameFlags,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { type Revision, requireRevisions, revisionsOf, templateText, type Workload } from './history.ts';
import { requireResource, rolloutTargets } from './target.ts';

const HASH_LABEL = 'pod-template-hash';

/** Annotations that stay the deployment's own when the others come back from a replica set. */
const OWN_ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];

export const rolloutUndo: Command = {
  name: 'undo',
  use: 'undo (TYPE NAME | TYPE/NAME) [flags]',
  short: 'Undo a previous rollout',
  long: 'Roll back to a previous rollout.',
  examples: `
# Go back to the previous deployment
kubectl rollout undo deployment/abc

# Go back to revision 3 of a daemon set
kubectl rollout undo daemonset/abc --to-revision=3

# Go back to the previous deployment in a dry run
kubectl rollout undo --dry-run=server deployment/abc`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource.'),
    ...PRINT_FLAGS,
    DRY_RUN_FLAG,
    SELECTOR_FLAG,
    { name: 'to-revision', type: 'int64', usage: 'The revision to go back to; 0 for the last one.' },
  ],
  run: undo,
};

async function undo(invocation: Invocation): Promise<void> {
  const { factory, environment } = invocation;
  const dryRun = dryRunStrategy(invocation);
  await factory.namespace();
  requireResource(invocation);
  await factory.builder(rolloutTargets(invocation)).visit(async (info) => {
    requireRevisions(info, 'rollbacker', 'rollbacker');
    const result = await rollBack(invocation, info);
    const print = await printerFor(invocation, result, { dryRun });
    environment.io.out(print(info.object as unknown as Printable));
  });
}

const notFound = (revision: number) => new CommandError(`unable to find specified revision ${revision} in history`);

/** The revision asked for, or the one before the latest. */
function pick(info: Info, revisions: Revision[], wanted: number): Revision {
  if (wanted < 0) throw notFound(wanted);
  if (wanted > 0) {
    const found = revisions.find(({ number }) => number === wanted);
    if (!found) throw notFound(wanted);
    return found;
  }
  const previous = revisions.at(-2);
  if (previous) return previous;
  throw new CommandError(
    info.type.kind === 'Deployment'
      ? `no rollout history found for deployment ${JSON.stringify(info.name)}`
      : 'no last revision to roll back to',
  );
}

/** Says what was done, as the printed operation. */
async function rollBack(invocation: Invocation, info: Info): Promise<string> {
  const { flags, factory } = invocation;
  const wanted = flags.int('to-revision');
  const dryRun = dryRunStrategy(invocation);
  const workload = info.object as Workload;
  const deployment = info.type.kind === 'Deployment';
  const revision = pick(info, wanted < 0 ? [] : await revisionsOf(factory, info), wanted);
  if (dryRun === 'client') {
    const text = templateText(deployment ? plainTemplate(revision) : revision.template);
    return deployment ? text : `will roll back to ${text}`;
  }
  if (deployment && workload.spec.paused) {
    throw new CommandError(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  }
  const template = deployment ? withoutHash(plainTemplate(revision)) : revision.template;
  const current = deployment ? withoutHash(workload.spec.template) : workload.spec.template;
  if (equal(template, current)) {
    return `skipped rollback (current template already matches revision ${wanted})`;
  }
  const client = await factory.client();
  try {
    await client.request('PATCH', infoPath(info), {
      ...(deployment ? deploymentPatch(workload, revision, template) : historyPatch(revision)),
      query: dryRunQuery(dryRun),
    });
  } catch (error) {
    throw new CommandError(`failed restoring revision ${wanted}: ${asError(error).message}`);
  }
  return 'rolled back';
}

/** The replica set's own template: the history adds the change cause to what it shows. */
const plainTemplate = ({ object }: Revision): PodTemplateSpec => (object as Workload).spec.template;

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function deploymentPatch({ metadata }: Workload, { object }: Revision, template: PodTemplateSpec) {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([key]) => OWN_ANNOTATIONS.includes(key));
  const restored = Object.entries(object.metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.includes(key));
  return {
    contentType: 'application/json-patch+json',
    body: goJson([
      { op: 'replace', path: '/spec/template', value: template },
      { op: 'replace', path: '/metadata/annotations', value: Object.fromEntries([...kept, ...restored]) },
    ]),
  };
}

const historyPatch = ({ patch }: Revision) => ({
  contentType: 'application/strategic-merge-patch+json',
  body: goJson(patch as JsonObject),
});
