import { ApiError } from '../../src/api/request.ts';
import type { Random } from '../../src/base/random.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Client, DeleteOptions } from '../../src/runtime/client.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../src/types/node-runtime.ts';
import type { KubeObject } from '../../src/types/objects.ts';

export const NAMESPACE = 'default';
const NAMES = ['a', 'b', 'c'];
const WORKLOADS = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'jobs.batch'];
const IMAGES = ['nginx:1.27', 'nginx:1.28', 'busybox:1.36', 'nginx:absent'];
const CALM = ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'];

/** A user of a cluster who does whatever comes to mind. */
export class User {
  /** What was deleted and left behind what it controlled, by the label of its pods. */
  readonly orphaned = new Set<string>();
  /** Pods that were deleted without waiting for their end, by name: what runs of them may run on beside their successors. */
  readonly forced = new Set<string>();
  /** Evictions that a budget should not have let pass, or should have. */
  readonly wrongEvictions: string[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  private pick<T>(list: readonly T[]): T {
    return list[this.random.int(list.length)]!;
  }

  /** Does something; what the API refuses is left at that. Answers what it was. */
  act(): string {
    const [name, action] = this.pick(this.actions);
    try {
      return `${name} ${action() ?? ''}`;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return `${name}: ${error.message}`;
    }
  }

  private readonly actions: [string, () => string | undefined][] = [
    ['create', () => this.create()],
    ['create', () => this.create()],
    ['create', () => this.create()],
    [
      'scale',
      () => this.change((one) => ({ spec: { replicas: one === 'jobs.batch' ? undefined : this.random.int(6) } })),
    ],
    ['set image', () => this.change(() => template({ containers: [{ name: 'c', image: this.pick(IMAGES) }] }))],
    [
      'set label',
      () => this.change(() => ({ spec: { template: { metadata: { labels: { v: String(this.random.int(3)) } } } } })),
    ],
    ['delete workload', () => this.deleteWorkload()],
    ['delete pod', () => this.somePod((name) => this.client.delete('pods', NAMESPACE, name))],
    ['kill pod', () => this.somePod((name) => this.kill(name))],
    ['evict', () => this.somePod((name) => this.evict(name))],
    ['cordon', () => this.changeNode({ spec: { unschedulable: true } })],
    ['uncordon', () => this.changeNode({ spec: { unschedulable: null } })],
    [
      'taint',
      () => this.changeNode({ spec: { taints: [{ key: 'x', effect: this.pick(['NoSchedule', 'NoExecute']) }] } }),
    ],
    ['untaint', () => this.changeNode({ spec: { taints: null } })],
    ['stop kubelet', () => this.switchKubelet(this.someNode(), false)],
    ['start kubelet', () => this.switchKubelet(this.someNode(), true)],
  ];

  private create(): string {
    const name = this.pick(NAMES);
    const kind = this.pick([
      'Deployment',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'Job',
      'Service',
      'PodDisruptionBudget',
      'ResourceQuota',
      'Pod',
    ]);
    this.client.create(...manifest(kind, name, this.random));
    return `${kind} ${name}`;
  }

  private change(patch: (resource: string) => object): string {
    const resource = this.pick(WORKLOADS);
    const name = this.pick(NAMES);
    this.client.patch(resource, NAMESPACE, name, patch(resource));
    return `${resource}/${name}`;
  }

  private deleteWorkload(): string {
    const resource = this.pick([...WORKLOADS, 'services', 'poddisruptionbudgets.policy', 'resourcequotas']);
    const name = this.pick(NAMES);
    const propagationPolicy: DeleteOptions['propagationPolicy'] = this.pick([
      'Background',
      'Foreground',
      'Orphan',
      'Background',
    ]);
    this.client.delete(resource, NAMESPACE, name, { propagationPolicy });
    if (propagationPolicy === 'Orphan') this.orphaned.add(appOf(resource, name));
    return `${resource}/${name} ${propagationPolicy}`;
  }

  private somePod(act: (name: string) => void): string | undefined {
    const pods = this.client.list('pods', NAMESPACE);
    if (pods.length === 0) return undefined;
    const { name = '' } = this.pick(pods).metadata;
    act(name);
    return name;
  }

  private kill(name: string): void {
    this.forced.add(name);
    this.client.delete('pods', NAMESPACE, name, { gracePeriodSeconds: 0 });
  }

  private evict(name: string): void {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
    const before = evictionRules(this.client, name);
    try {
      this.client.createSubresource('pods', NAMESPACE, name, 'eviction', eviction);
    } catch (error) {
      if (before.mayGo) this.wrongEvictions.push(`${name} may go: ${(error as Error).message}`);
      throw error;
    }
    const goes = this.client.get('pods', NAMESPACE, name)?.metadata.deletionTimestamp !== undefined;
    if (goes && !before.mayGo) this.wrongEvictions.push(`${name} went in spite of ${JSON.stringify(before.budget)}`);
    const { budget } = before;
    if (!goes || !budget || !before.spends) return;
    const { status } = this.client.get('poddisruptionbudgets.policy', NAMESPACE, budget.metadata.name!)!;
    if (status?.disruptionsAllowed !== budget.status!.disruptionsAllowed! - 1 || !status?.disruptedPods?.[name])
      this.wrongEvictions.push(`${name} went without being counted: ${JSON.stringify(status)}`);
  }

  private someNode(): string {
    return this.pick(this.client.list('nodes')).metadata.name!;
  }

  private changeNode(patch: object): string {
    const name = this.someNode();
    this.client.patch('nodes', '', name, patch);
    return name;
  }

  private switchKubelet(name: string, active: boolean): string {
    const { state, clock, simulation } = this.cluster;
    const machines = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
    const machine = machines.get(name)!;
    if (machine.kubelet.active !== active) {
      machines.set(name, { ...machine, kubelet: { active, since: clock.now() } });
      simulation.timers.wake('kubelet', name, clock.now());
    }
    return name;
  }

  /** Puts right what would keep the cluster from ever settling: nodes come back, and images are those that exist. */
  heal(): void {
    for (const { metadata } of this.client.list('nodes')) {
      this.switchKubelet(metadata.name!, true);
      this.client.patch('nodes', '', metadata.name!, { spec: { unschedulable: null, taints: null } });
    }
    for (const quota of this.client.list('resourcequotas', NAMESPACE))
      this.client.patch('resourcequotas', NAMESPACE, quota.metadata.name!, { spec: { hard: { pods: '100' } } });
    for (const resource of WORKLOADS.filter((one) => one !== 'jobs.batch')) {
      for (const { metadata } of this.client.list(resource, NAMESPACE))
        this.client.patch(
          resource,
          NAMESPACE,
          metadata.name!,
          template({ containers: [{ name: 'c', image: 'nginx:1.27' }] }),
        );
    }
    // A stateful set waits for ever for a pod of a broken revision: the remedy is to delete that.
    for (const { metadata, spec } of this.client.list('pods', NAMESPACE))
      if (spec!.containers.some(({ image }) => image === 'nginx:absent'))
        this.client.delete('pods', NAMESPACE, metadata.name!);
  }
}

/** The label of the pods of a workload. */
const appOf = (resource: string, name: string): string =>
  `${resource.replace(/s?\..*$/, '').replace(/s$/, '')}-${name}`;

/** What a pod's budget says of its eviction now: whether it may go, and whether that counts. */
function evictionRules(client: Client, name: string) {
  const pod = client.get('pods', NAMESPACE, name)!;
  const [budget] = client
    .list('poddisruptionbudgets.policy', NAMESPACE)
    .filter(({ spec }) => spec!.selector!.matchLabels!.app === pod.metadata.labels?.app);
  const free = pod.metadata.deletionTimestamp !== undefined || pod.status?.phase !== 'Running';
  if (!budget || free) return { mayGo: true, spends: false };
  const {
    disruptionsAllowed = 0,
    currentHealthy = 0,
    desiredHealthy = 0,
    observedGeneration = 0,
  } = budget.status ?? {};
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  if (!isReady && desiredHealthy > 0 && currentHealthy >= desiredHealthy) return { mayGo: true, spends: false };
  const known = observedGeneration >= (budget.metadata.generation ?? 0);
  return { mayGo: known && disruptionsAllowed > 0, spends: true, budget };
}

const template = (spec: object): object => ({ spec: { template: { spec } } });

/** The resource and the object of a kind. */
function manifest(kind: string, name: string, random: Random): [string, KubeObject] {
  const app = `${kind.toLowerCase()}-${name}`;
  const metadata = { name, namespace: NAMESPACE };
  const selector = { matchLabels: { app } };
  const container = { name: 'c', image: random.int(2) ? 'nginx:1.27' : 'busybox:1.36', command: CALM };
  const pod = {
    metadata: { labels: { app } },
    spec: { containers: [container], terminationGracePeriodSeconds: random.int(20) },
  };
  const replicas = random.int(5);
  const make = (resource: string, apiVersion: string, spec: object, more: object = {}): [string, KubeObject] => [
    resource,
    { apiVersion, kind, metadata: { ...metadata, ...more }, spec } as KubeObject,
  ];
  switch (kind) {
    case 'Deployment':
      return make('deployments.apps', 'apps/v1', { replicas, selector, template: pod });
    case 'StatefulSet':
      return make('statefulsets.apps', 'apps/v1', { replicas, selector, template: pod, serviceName: name });
    case 'DaemonSet':
      return make('daemonsets.apps', 'apps/v1', { selector, template: pod });
    case 'Job': {
      const work = {
        ...container,
        image: 'busybox:1.36',
        command: ['sh', '-c', `sleep ${random.int(20)}; exit ${random.int(2)}`],
      };
      const spec = { restartPolicy: 'Never', containers: [work] };
      return make('jobs.batch', 'batch/v1', {
        completions: 1 + random.int(4),
        parallelism: 2,
        backoffLimit: 2,
        template: { spec },
      });
    }
    case 'Service':
      return make('services', 'v1', { selector: { app: `deployment-${name}` }, ports: [{ port: 80 }] });
    case 'PodDisruptionBudget':
      return make('poddisruptionbudgets.policy', 'policy/v1', {
        minAvailable: 1,
        selector: { matchLabels: { app: `deployment-${name}` } },
      });
    case 'ResourceQuota':
      return make('resourcequotas', 'v1', { hard: { pods: String(5 + random.int(20)), services: '5' } });
    default:
      return make('pods', 'v1', pod.spec, { name: `pod-${name}`, labels: { app } });
  }
}
