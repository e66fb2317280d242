import { isEnvVarName } from '../../../base/names.ts';
import type { FlagValues } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import type { Printable } from '../../printers/print-flags.ts';
import { newMetadata } from '../create/generator.ts';

/** `a=1,b=2` of --labels. */
export function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=');
      if (parts.length !== 2) throw new CommandError(`unexpected label spec: ${pair}`);
      if (!parts[0]) throw new CommandError('unexpected empty label key');
      return parts as [string, string];
    }),
  );
}

function parseEnv(specs: string[]): { name: string; value?: string }[] {
  return specs.map((spec) => {
    const [name = '', value] = spec.split(/=(.*)/s);
    if (value === undefined || !name || isEnvVarName(name).length) throw new CommandError(`invalid env: ${spec}`);
    return { name, ...(value && { value }) };
  });
}

function parseAnnotations(specs: string[]): Record<string, string> {
  const invalid = specs.filter((spec) => spec.indexOf('=') <= 0);
  if (invalid.length > 0) throw new CommandError(`invalid annotations format: ${invalid.join(', ')}`);
  return Object.fromEntries(specs.map((spec) => spec.split(/=(.*)/s) as [string, string]));
}

function parsePort(text: string): number | undefined {
  if (!text) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** The pod that `kubectl run` makes from its flags (generate/versioned BasicPod). */
export function makePod(name: string, args: string[], flags: FlagValues, restartPolicy: string): Printable {
  const labels = flags.string('labels') ? parseLabels(flags.string('labels')) : { run: name };
  const env = parseEnv(flags.strings('env'));
  const annotations = parseAnnotations(flags.strings('annotations'));
  const port = parsePort(flags.string('port'));
  const stdin = flags.bool('stdin');
  const pullPolicy = flags.string('image-pull-policy');
  const container = {
    name,
    image: flags.string('image'),
    ...(args.length && (flags.bool('command') ? { command: args } : { args })),
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    ...(env.length && { env }),
    resources: {},
    ...(pullPolicy && { imagePullPolicy: pullPolicy }),
    ...(flags.bool('privileged') && { securityContext: { privileged: true } }),
    ...(stdin && { stdin: true }),
    ...(stdin && !flags.bool('leave-stdin-open') && { stdinOnce: true }),
    ...(flags.bool('tty') && { tty: true }),
  };
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: newMetadata({ name }, { labels, annotations }),
    spec: { containers: [container], restartPolicy, dnsPolicy: 'ClusterFirst' },
    status: {},
  };
}

/** The service of --expose: the pod's port under the pod's name. */
export function makeService(name: string, flags: FlagValues): Printable {
  const selector = flags.string('labels') ? parseLabels(flags.string('labels')) : { run: name };
  const labels = flags.string('labels') ? selector : undefined;
  const port = parsePort(flags.string('port'));
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: newMetadata({ name }, { labels }),
    spec: { ports: [{ protocol: 'TCP', port, targetPort: port }], selector },
    status: { loadBalancer: {} },
  };
}
