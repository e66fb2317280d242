import type { KubeObject, PodSpec } from '../../types/objects.ts';
import { RECORD_FLAG } from '../change-cause.ts';
import type { Command, FlagValues } from '../command.ts';
import { CommandError } from '../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  SAVE_CONFIG_FLAG,
} from '../flags/common.ts';
import { createMade } from '../generate/create-made.ts';
import { applyOverrides, OVERRIDE_FLAGS } from '../generate/overrides.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import type { Info } from '../resource/info.ts';
import { newMetadata } from './create/generator.ts';

const LONGEST_NAME = 63;
const EXPOSABLE = ['ReplicationController', 'Service', 'Pod', 'Deployment.apps', 'ReplicaSet.apps'];

type Exposed = KubeObject & {
  spec: {
    selector?: unknown;
    ports?: { port: number; protocol?: string }[];
    template?: { metadata?: { labels?: Record<string, string> }; spec: PodSpec };
  };
};

interface PortSpec {
  name?: string;
  port: number;
  protocol: string;
}

/** `a=1,b=2` */
function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=');
      if (parts.length !== 2) throw new CommandError(`unexpected label spec: ${pair}`);
      if (!parts[0]) throw new CommandError('unexpected empty label key');
      return parts as [string, string];
    }),
  );
}

/** The labels by which pods of an object are found (MapBasedSelectorForObject). */
function selectorOf(object: Exposed): Record<string, string> {
  const fail = (message: string): never => {
    throw new CommandError(`couldn't retrieve selectors via --selector flag or introspection: ${message}`);
  };
  const { kind, metadata, spec } = object;
  if (kind === 'Pod')
    return metadata.labels && Object.keys(metadata.labels).length
      ? metadata.labels
      : fail('the pod has no labels and cannot be exposed');
  if (kind === 'Service' || kind === 'ReplicationController') {
    const map = spec.selector as Record<string, string> | undefined;
    if (map && Object.keys(map).length) return map;
    return fail(
      kind === 'Service' ? 'the service has no pod selector set' : 'the replication controller has no pod selector set',
    );
  }
  const { matchLabels, matchExpressions } = (spec.selector ?? {}) as {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  if (!matchLabels || !Object.keys(matchLabels).length)
    return fail(`invalid ${kind.toLowerCase()}: no selectors, therefore cannot be exposed`);
  if (matchExpressions?.length) {
    const shown = matchExpressions.map(
      ({ key, operator, values = [] }) => `{Key:${key} Operator:${operator} Values:[${values.join(' ')}]}`,
    );
    return fail(`couldn't convert expressions - "[${shown.join(' ')}]" to map-based selector format`);
  }
  return matchLabels;
}

/** Port numbers of an object, each once, and the protocols that each is used with. */
function portsOf({ kind, spec }: Exposed): Map<number, string[]> {
  const ports = new Map<number, string[]>();
  const add = (port: number, protocol = 'TCP') => {
    const known = ports.get(port) ?? [];
    if (!known.includes(protocol)) ports.set(port, [...known, protocol]);
  };
  if (kind === 'Service') for (const { port, protocol } of spec.ports ?? []) add(port, protocol);
  else {
    const pod = (spec.template?.spec ?? spec) as PodSpec;
    for (const { containerPort, protocol } of (pod.containers ?? []).flatMap((c) => c.ports ?? []))
      add(containerPort, protocol);
  }
  return ports;
}

/** strconv.Atoi */
function portNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function servicePorts(flags: FlagValues, object: Exposed): PortSpec[] {
  const known = portsOf(object);
  const given = flags.string('port');
  const numbers = given ? given.split(',').map(portNumber) : [...known.keys()];
  if (!numbers.length && flags.string('cluster-ip') !== 'None')
    throw new CommandError("couldn't find port via --port flag or introspection");
  return numbers.flatMap((port, i): PortSpec[] => {
    const name = numbers.length > 1 ? `port-${i + 1}` : undefined;
    const protocols = flags.string('protocol') ? [flags.string('protocol')] : (known.get(port) ?? ['TCP']);
    if (protocols.length === 1) return [{ ...(name && { name }), protocol: protocols[0]!, port }];
    return protocols.map((protocol) => ({ name: `port-${i + 1}-${protocol.toLowerCase()}`, protocol, port }));
  });
}

/** The service for an object, as the flags and the object itself say. */
function makeService(flags: FlagValues, info: Info): Printable {
  const object = { ...info.object, kind: info.type.kind } as Exposed;
  const selector = flags.string('selector') ? parseLabels(flags.string('selector')) : selectorOf(object);
  const target = flags.string('target-port');
  const ports = servicePorts(flags, object).map((p) => ({
    ...p,
    targetPort: target ? (/^-?\d+$/.test(target) ? Number(target) : target) : p.port,
  }));
  const labels = flags.string('labels') ? parseLabels(flags.string('labels')) : object.metadata.labels;
  const affinity = flags.string('session-affinity');
  if (affinity && affinity !== 'None' && affinity !== 'ClientIP')
    throw new CommandError(`unknown session affinity: ${affinity}`);
  const [type, clusterIP, externalIP] = ['type', 'cluster-ip', 'external-ip'].map((name) => flags.string(name));
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: newMetadata({ name: flags.string('name') || info.name.slice(0, LONGEST_NAME) }, { labels }),
    spec: {
      ...(ports.length && { ports }),
      selector,
      ...(clusterIP && { clusterIP }),
      ...(type && { type }),
      ...(externalIP && { externalIPs: [externalIP] }),
      ...(affinity && { sessionAffinity: affinity }),
      ...(type === 'LoadBalancer' &&
        flags.string('load-balancer-ip') && { loadBalancerIP: flags.string('load-balancer-ip') }),
    },
    status: { loadBalancer: {} },
  };
}

const command: Command = {
  name: 'expose',
  use: 'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  long: 'Make a service for the pods of a replication controller, replica set, deployment, service or pod: its selector, and its ports unless --port is given, are taken from the object.',
  examples: `
# A service on port 80 for the pods of a deployment, which listen on 8000
kubectl expose deployment web --port=80 --target-port=8000`,
  flags: [
    ...PRINT_FLAGS,
    RECORD_FLAG,
    { name: 'protocol', type: 'string', usage: "The network protocol of the service. Default is 'TCP'." },
    { name: 'port', type: 'string', usage: 'The port of the service; that of the exposed resource unless given' },
    {
      name: 'type',
      type: 'string',
      usage: "Type of the service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'.",
    },
    {
      name: 'load-balancer-ip',
      type: 'string',
      usage: 'Address for the load balancer; the provider chooses one unless given.',
    },
    {
      name: 'selector',
      type: 'string',
      usage: 'Label selector of the service; that of the resource unless given. Equality-based requirements only.',
    },
    { name: 'labels', shorthand: 'l', type: 'string', usage: 'Labels of the new service.' },
    {
      name: 'target-port',
      type: 'string',
      usage: 'Name or number of the port of the container that gets the traffic.',
    },
    {
      name: 'external-ip',
      type: 'string',
      usage: 'One more address, not managed by Kubernetes, that the service accepts.',
    },
    { name: 'name', type: 'string', usage: 'The name of the new object.' },
    { name: 'session-affinity', type: 'string', usage: "Session affinity of the service: 'None' or 'ClientIP'" },
    {
      name: 'cluster-ip',
      type: 'string',
      usage: "Address of the service: leave empty for any, 'None' for a headless service.",
    },
    fieldManagerFlag('kubectl-expose'),
    ...OVERRIDE_FLAGS,
    DRY_RUN_FLAG,
    SAVE_CONFIG_FLAG,
    ...filenameFlags('identifying the resource to expose a service'),
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    const dryRun = dryRunStrategy(invocation);
    const print = await printerFor(invocation, 'exposed', { dryRun, typed: true });
    await factory.restConfig();
    const builder = factory.builder({
      args,
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      continueOnError: true,
      flatten: true,
    });
    await builder.visit(async (info) => {
      const { kind, group } = info.type;
      const name = group ? `${kind}.${group}` : kind;
      if (!EXPOSABLE.includes(name)) throw new CommandError(`cannot expose a ${name}`);
      const service = applyOverrides(makeService(flags, info), flags);
      environment.io.out(print(await createMade(invocation, service, 'services')));
    });
  },
};

export default command;
