import { RECORD_FLAG, withChangeCause } from '../change-cause.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  requireFlags,
  SAVE_CONFIG_FLAG,
} from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import type { Info } from '../resource/info.ts';
import { withTypedLastApplied } from './apply/annotation.ts';
import { newMetadata } from './create/generator.ts';

/** The autoscaler that the flags ask for, in autoscaling/v2. */
function autoscaler({ type, name }: Info, wanted: { name: string; min: number; max: number; cpu: number }): Printable {
  const metrics = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: wanted.cpu } } },
  ];
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: newMetadata({ name: wanted.name || name }),
    spec: {
      scaleTargetRef: {
        kind: type.kind,
        name,
        apiVersion: type.group ? `${type.group}/${type.version}` : type.version,
      },
      ...(wanted.min > 0 && { minReplicas: wanted.min }),
      maxReplicas: wanted.max,
      ...(wanted.cpu >= 0 && { metrics }),
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  };
}

const command: Command = {
  name: 'autoscale',
  use: 'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu-percent=CPU]',
  short: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  long: 'Create an autoscaler that chooses how many pods a deployment, replica set, stateful set or replication controller has.',
  examples: `
# Between two and ten pods, by their CPU
kubectl autoscale deployment web --min=2 --max=10 --cpu-percent=80`,
  flags: [
    ...PRINT_FLAGS,
    RECORD_FLAG,
    {
      name: 'min',
      type: 'int32',
      default: '-1',
      usage: 'The lower limit for the number of pods. If not given or negative, the server chooses.',
    },
    { name: 'max', type: 'int32', default: '-1', usage: 'The upper limit for the number of pods. Required.' },
    {
      name: 'cpu-percent',
      type: 'int32',
      default: '-1',
      usage:
        'The CPU use to aim at, in percent of what the pods request. If not given or negative, the server chooses.',
    },
    { name: 'name', type: 'string', usage: 'The name of the new object; that of the resource unless given.' },
    DRY_RUN_FLAG,
    ...filenameFlags('identifying the resource to autoscale.'),
    SAVE_CONFIG_FLAG,
    fieldManagerFlag('kubectl-autoscale'),
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    requireFlags(invocation, ['max']);
    const dryRun = dryRunStrategy(invocation);
    await factory.restConfig();
    const [min, max, cpu] = [flags.int('min'), flags.int('max'), flags.int('cpu-percent')];
    if (max < 1) throw new CommandError(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
    if (max < min)
      throw new CommandError(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
    const builder = factory.builder({
      args,
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      continueOnError: true,
      flatten: true,
    });
    const { namespace } = await factory.namespace();
    let count = 0;
    await builder.visit(async (info) => {
      if (!info.type.subresources.some(({ name }) => name === 'scale'))
        throw new CommandError(
          `cannot autoscale a ${info.type.kind}: could not find scale subresource for ${info.type.group ? `${info.type.group}/` : '/'}${info.type.version}, Resource=${info.type.resource} in discovery information`,
        );
      const made = withChangeCause(invocation, autoscaler(info, { name: flags.string('name'), min, max, cpu }));
      count++;
      if (dryRun === 'client') {
        const print = await printerFor(invocation, 'created', { dryRun, typed: true });
        return environment.io.out(print(made));
      }
      const client = await factory.client();
      const query = { ...dryRunQuery(dryRun), fieldManager: flags.string('field-manager') };
      const body = flags.bool('save-config') ? withTypedLastApplied(made) : made;
      const answer = await client.request<Printable>(
        'POST',
        `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
        { query, body },
      );
      const print = await printerFor(invocation, 'autoscaled', { dryRun, typed: true });
      environment.io.out(print(answer));
    });
    if (!count) throw new CommandError('no objects passed to autoscale');
  },
};

export default command;
