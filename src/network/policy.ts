import { selects } from '../api/machinery/selectors.ts';
import { cidrContains, parseCidr, parseIp } from '../base/ip.ts';
import type { NetworkPolicy, Pod } from '../types/objects.ts';
import type { NetworkWorld, Protocol } from './world.ts';

/** One end of a connection: a pod with an address of its own, or anything else, known by its address alone. */
export interface Peer {
  ip: string;
  pod?: Pod;
}

interface Connection {
  from: Peer;
  to: Peer;
  port: number;
  protocol: Protocol;
}

type Spec = NonNullable<NetworkPolicy['spec']>;
type Rule = { peers: PolicyPeer[]; ports: PolicyPort[] };
type PolicyPeer = NonNullable<NonNullable<Spec['ingress']>[number]['from']>[number];
type PolicyPort = NonNullable<NonNullable<Spec['ingress']>[number]['ports']>[number];
type Direction = 'Ingress' | 'Egress';

/** The programs that enforce policies on their node, by a label of their pods; what is not here (flannel) looks away. */
const AGENTS: [key: string, value: RegExp][] = [
  ['k8s-app', /^(calico-node|canal|cilium|kube-router|azure-npm|azure-cns-policy|antrea-agent)$/],
  ['name', /^weave-net$/],
  ['app', /^(kindnet|antrea)$/],
];

/** Namespaces in which network add-ons are installed. */
const SYSTEM = ['kube-system', 'calico-system', 'kube-flannel'];

/** Whether an agent on that node enforces policies. */
function isEnforced({ client }: NetworkWorld, node: string | undefined): boolean {
  return SYSTEM.flatMap((namespace) => client.list('pods', namespace)).some(
    ({ metadata, spec, status }) =>
      spec?.nodeName === node &&
      status?.phase === 'Running' &&
      AGENTS.some(([key, value]) => value.test(metadata.labels?.[key] ?? '')),
  );
}

/** Whether the policies of the pods at both ends let a connection through. A machine always reaches its own pods. */
export function isAllowed(world: NetworkWorld, connection: Connection, fromNode: string): boolean {
  const policies = world.client.list('networkpolicies.networking.k8s.io');
  if (policies.length === 0) return true;
  const { from, to } = connection;
  if (from.ip === to.ip) return true;
  const isHostsOwn = from.pod === undefined && to.pod?.spec?.nodeName === fromNode;
  return (
    passes(world, policies, 'Egress', from.pod, connection) &&
    (isHostsOwn || passes(world, policies, 'Ingress', to.pod, connection))
  );
}

/** One end's view: no policy selects the pod for this direction, or a rule of one that does lets the connection pass. */
function passes(
  world: NetworkWorld,
  policies: NetworkPolicy[],
  direction: Direction,
  pod: Pod | undefined,
  connection: Connection,
): boolean {
  if (!pod) return true;
  const own = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      selects(spec?.podSelector ?? {}, pod.metadata.labels ?? {}) &&
      typesOf(spec).includes(direction),
  );
  if (own.length === 0 || !isEnforced(world, pod.spec?.nodeName)) return true;
  const other = direction === 'Ingress' ? connection.from : connection.to;
  return own.some(({ metadata, spec }) =>
    rulesOf(spec, direction).some(
      ({ peers, ports }) =>
        (peers.length === 0 || peers.some((peer) => matchesPeer(world, metadata.namespace!, peer, other))) &&
        (ports.length === 0 || ports.some((port) => matchesPort(port, connection))),
    ),
  );
}

const typesOf = (spec: NetworkPolicy['spec']): string[] =>
  spec?.policyTypes ?? (spec?.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']);

function rulesOf(spec: NetworkPolicy['spec'], direction: Direction): Rule[] {
  if (direction === 'Egress') return (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }));
  return (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }));
}

function matchesPeer(world: NetworkWorld, own: string, peer: PolicyPeer, { ip, pod }: Peer): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) {
    const address = parseIp(ip)!;
    const holds = (text: string) => cidrContains(parseCidr(text)!, address);
    return holds(ipBlock.cidr) && !(ipBlock.except ?? []).some(holds);
  }
  if (!pod) return false;
  const namespace = pod.metadata.namespace!;
  const inNamespace = namespaceSelector
    ? selects(namespaceSelector, world.client.get('namespaces', '', namespace)?.metadata.labels ?? {})
    : namespace === own;
  return inNamespace && (podSelector === undefined || selects(podSelector, pod.metadata.labels ?? {}));
}

function matchesPort({ port, endPort, protocol = 'TCP' }: PolicyPort, connection: Connection): boolean {
  if (protocol !== connection.protocol) return false;
  if (port === undefined) return true;
  const number = Number(port);
  if (Number.isInteger(number)) return connection.port >= number && connection.port <= (endPort ?? number);
  // A name is that of a port of the pod that is reached.
  return (connection.to.pod?.spec?.containers ?? [])
    .flatMap((container) => container.ports ?? [])
    .some(
      (one) =>
        one.name === String(port) && one.containerPort === connection.port && (one.protocol ?? 'TCP') === protocol,
    );
}
