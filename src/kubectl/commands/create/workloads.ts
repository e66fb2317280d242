import { CommandError, throwCollected } from '../../errors.ts';
import type { Printable } from '../../printers/print-flags.ts';
import { type Generator, newMetadata } from './generator.ts';

const pod = (containers: unknown[], restartPolicy?: string) => ({
  containers,
  ...(restartPolicy && { restartPolicy }),
});

/** `docker.io/library/my_app:1` → `my-app` with a random ending: the container's name from its image. */
function containerName(image: string, suffix: () => string): string {
  const name = (image.split('/').at(-1) ?? '').split(':')[0]!.split('@')[0]!;
  return /[_.]/.test(name) ? `${name.replace(/[_.]/g, '-')}-${suffix()}` : name;
}

export const deployment: Generator = {
  name: 'deployment',
  aliases: ['deploy'],
  use: 'deployment NAME --image=image -- [COMMAND] [args...]',
  short: 'Create a deployment with the specified name',
  examples: '  # A deployment of three nginx pods\n  kubectl create deployment web --image=nginx --replicas=3',
  flags: [
    { name: 'image', type: 'stringSlice', usage: 'Images to run, one container each.' },
    { name: 'port', type: 'int32', default: '-1', usage: 'The containerPort that this deployment exposes.' },
    {
      name: 'replicas',
      shorthand: 'r',
      type: 'int32',
      default: '1',
      usage: 'How many replicas to create. Default is 1.',
    },
  ],
  required: ['image'],
  api: { prefix: '/apis/apps/v1', resource: 'deployments' },
  failure: 'failed to create deployment: ',
  generate({ name, namespace, command, flags, invocation }): Printable {
    const images = flags.strings('image');
    if (images.length > 1 && command.length)
      throw new CommandError('cannot specify multiple --image options and command');
    const port = flags.int('port');
    const containers = images.map((image, i) => ({
      name: containerName(image, () => invocation.environment.randomSuffix(5)),
      image,
      ...(command.length && { command }),
      ...(i === 0 && port >= 0 && { ports: [{ containerPort: port }] }),
      resources: {},
    }));
    const labels = { app: name };
    return {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: newMetadata({ name, namespace }, { labels }),
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        template: { metadata: { creationTimestamp: null, labels }, spec: pod(containers) },
        strategy: {},
      },
      status: {},
    };
  },
};

const jobSpec = (name: string, image: string, command: string[], restartPolicy: string) => ({
  template: {
    metadata: { creationTimestamp: null },
    spec: pod([{ name, image, ...(command.length && { command }), resources: {} }], restartPolicy),
  },
});

export const cronjob: Generator = {
  name: 'cronjob',
  aliases: ['cj'],
  use: "cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]",
  flagsInUseLine: true,
  short: 'Create a cron job with the specified name',
  examples:
    '  # Print the date each minute\n  kubectl create cronjob clock --image=busybox --schedule="*/1 * * * *" -- date',
  flags: [
    { name: 'image', type: 'string', usage: 'Image to run.' },
    { name: 'schedule', type: 'string', usage: 'When the job runs, in the Cron format.' },
    { name: 'restart', type: 'string', usage: "The job's restart policy. supported values: OnFailure, Never" },
  ],
  required: ['image', 'schedule'],
  api: { prefix: '/apis/batch/v1', resource: 'cronjobs' },
  failure: 'failed to create cronjob: ',
  generate: ({ name, namespace, command, flags }) => ({
    kind: 'CronJob',
    apiVersion: 'batch/v1',
    metadata: newMetadata({ name, namespace }),
    spec: {
      schedule: flags.string('schedule'),
      jobTemplate: {
        metadata: { name, creationTimestamp: null },
        spec: jobSpec(name, flags.string('image'), command, flags.string('restart') || 'OnFailure'),
      },
    },
    status: {},
  }),
};

interface FoundCronJob {
  kind: string;
  metadata: { name: string; uid: string };
  spec: {
    jobTemplate: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec: unknown;
    };
  };
}

export const job: Generator = {
  name: 'job',
  use: 'job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  short: 'Create a job with the specified name',
  examples: '  # Run one job of a cron job now\n  kubectl create job now --from=cronjob/nightly',
  flags: [
    { name: 'image', type: 'string', usage: 'Image to run.' },
    { name: 'from', type: 'string', usage: 'The resource to create a Job from (only cronjob is supported).' },
  ],
  api: { prefix: '/apis/batch/v1', resource: 'jobs' },
  failure: 'failed to create job: ',
  async generate({ name, namespace, command, flags, invocation }): Promise<Printable> {
    const image = flags.string('image');
    const from = flags.string('from');
    if (!image === !from) throw new CommandError('either --image or --from must be specified');
    if (command.length && from) throw new CommandError('cannot specify --from and command');
    const head = { kind: 'Job', apiVersion: 'batch/v1' };
    if (image)
      return {
        ...head,
        metadata: newMetadata({ name, namespace }),
        spec: jobSpec(name, image, command, 'Never'),
        status: {},
      };
    const builder = invocation.factory.builder({ args: [from], flatten: true, latest: true });
    const { infos, errors } = await builder.infos();
    throwCollected(errors);
    if (infos.length !== 1) throw new CommandError('from must be an existing cronjob');
    const found = infos[0]!.object as unknown as FoundCronJob;
    if (found.kind !== 'CronJob') throw new CommandError(`unknown object type *v1.${found.kind}`);
    const { jobTemplate } = found.spec;
    const owner = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      name: found.metadata.name,
      uid: found.metadata.uid,
      controller: true,
    };
    const metadata = newMetadata(
      { name, namespace },
      {
        labels: jobTemplate.metadata?.labels,
        annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...jobTemplate.metadata?.annotations },
        ownerReferences: [owner],
      },
    );
    return { ...head, metadata, spec: jobTemplate.spec, status: {} };
  },
};
