import type { ApiServer } from '../api/server.ts';
import { isListening, type Platform, sandboxAt, servePort, talkPort } from '../kubelet/index.ts';
import { networkAccess } from '../network/access.ts';
import { ingressReply, isIngressController } from '../network/ingress.ts';
import { askOutside, isNameServer } from '../network/internet.ts';
import type { Host, HttpExchange, HttpReply, NetworkWorld } from '../network/world.ts';
import { isAnyFiltering } from '../node/firewall/store.ts';
import { verdictOf } from '../node/firewall/verdict.ts';
import { recordsOn } from '../node/records.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { FileSystem } from '../sh/process.ts';
import { type MachineRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import type { ClusterSpec } from './config.ts';
import { machineServices } from './machine-services.ts';

/** The certificates that servers on machines show, by their ports. */
const CERTIFICATES: Record<number, string> = {
  6443: '/etc/kubernetes/pki/apiserver.crt',
  2379: '/etc/kubernetes/pki/etcd/server.crt',
  2380: '/etc/kubernetes/pki/etcd/peer.crt',
  10250: '/var/lib/kubelet/pki/kubelet.crt',
};

function shownCertificate(files: FileSystem, port: number): string | undefined {
  const path = CERTIFICATES[port];
  return path !== undefined && files.stat(path) ? files.read(path) : undefined;
}

/** Where ingress-nginx takes what comes for others. */
const INGRESS_PORTS = new Set([80, 443]);

/** The machines and containers behind the network's addresses. */
export function networkWorld(world: ActorWorld, platform: Platform, spec: ClusterSpec, api: ApiServer): NetworkWorld {
  const services = machineServices(world, platform, spec, api);
  const { settings } = platform;
  const machines = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);

  const machineAt = (ip: string) =>
    machines
      .keys()
      .map((name) => machines.get(name)!)
      .find((machine) => machine.internalIP === ip);

  /** The sandboxes whose ports are the host's. */
  function sandboxesOf({ ip, node }: Host): SandboxRecord[] {
    if (node === undefined) return [sandboxAt(world, ip) ?? []].flat();
    return recordsOn<SandboxRecord>(world.state, RUNTIME_SECTIONS.sandboxes, node).filter(
      (sandbox) => sandbox.hostNetwork && sandbox.state === 'ready',
    );
  }

  const listening = (host: Host, port: number) =>
    sandboxesOf(host).find((sandbox) => isListening(world, platform, sandbox, port));

  const podOf = ({ pod }: SandboxRecord) => world.client.get('pods', pod.namespace, pod.name);

  const self: NetworkWorld = {
    client: world.client,
    clusterDomain: settings.clusterDomain,
    clusterDNS: settings.clusterDNS[0]!,
    now: () => world.now(),
    upstream: askOutside,
    isNameServer,
    choose: (limit) => world.random.int(limit),
    hostAt(ip) {
      if (sandboxAt(world, ip)) return { ip };
      const machine = machineAt(ip);
      if (machine) return { ip, node: machine.name };
      return services.isElsewhere(ip) ? { ip } : undefined;
    },
    gap(node, ip) {
      const machine = machineAt(ip);
      const far = machine?.name ?? sandboxAt(world, ip)?.node;
      if (far === node) return undefined;
      if (machines.get(node)?.cut) return 'timeout';
      const end = far === undefined ? undefined : machines.get(far);
      if (!end?.cut && !end?.off) return undefined;
      // Nobody answers for the machine's address; what is behind it is lost on the way.
      return machine && end.off ? 'no-route' : 'timeout';
    },
    filter(from, to, port, protocol) {
      if (!isAnyFiltering(world.state)) return undefined;
      const target = machineAt(to)?.name;
      const far = target ?? sandboxAt(world, to)?.node;
      const own = machineAt(from.ip)?.name;
      const packet = { from: from.ip, to, port, protocol, loopback: own !== undefined && own === target };
      const verdict = (node: string | undefined, chain: 'INPUT' | 'OUTPUT' | 'FORWARD') =>
        node === undefined ? 'accept' : verdictOf(world.state, node, chain, packet);
      const passed = [
        verdict(from.node, own ? 'OUTPUT' : target === from.node ? 'INPUT' : 'FORWARD'),
        ...(target && (own || target !== from.node) ? [verdict(target, 'INPUT')] : []),
        ...(!target && far && far !== from.node ? [verdict(far, 'FORWARD')] : []),
      ];
      const stopped = passed.find((one) => one !== 'accept');
      return stopped && (stopped === 'drop' ? 'timeout' : 'refused');
    },
    isListening: (host, port) => services.isOpen(host, port) || listening(host, port) !== undefined,
    talk(host, port, text) {
      const sandbox = listening(host, port);
      return sandbox && talkPort(world, platform, sandbox, podOf(sandbox), port, text);
    },
    serve(host, port, request) {
      const reply = serve(host, port, request);
      if (!reply?.tls || host.node === undefined) return reply;
      const certificate = shownCertificate(platform.hostFiles(world, host.node), port);
      return certificate === undefined ? reply : { ...reply, certificate };
    },
  };

  function serve(host: Host, port: number, request: HttpExchange): HttpReply | undefined {
    if (services.isOpen(host, port)) return services.serve(host, port, request);
    const sandbox = listening(host, port);
    if (!sandbox) return undefined;
    const pod = podOf(sandbox);
    if (isIngressController(pod) && INGRESS_PORTS.has(port)) {
      const { namespace } = sandbox.pod;
      const controller = networkAccess(self, { namespace, ip: sandbox.ip, node: sandbox.node });
      return ingressReply(self, { ...request, tls: port !== 80 }, controller.http);
    }
    const answer = servePort(world, platform, sandbox, pod, port, request);
    return 'response' in answer ? answer.response : undefined;
  }

  return self;
}
