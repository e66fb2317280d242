/** How long things take on a quiet machine, in ms: measured on the recordings, or from the kubelet's source where it says so. */
export const TIMING = {
  /** Between a change at the API server and the kubelet's answer to it. */
  watchLatency: 10,
  /** Mounting volumes: the volume manager polls at this interval. */
  mount: 300,
  sandbox: 95,
  /** Creating a container once its image is there, and starting it. */
  create: 8,
  start: 60,
  /** What it takes at least until a pod's containers are down, however fast they are. */
  stop: 250,
  /** Stopping a sandbox after its last container. */
  stopSandbox: 120,
  /** What a pull costs whatever its size, and bytes per ms after that. */
  pull: 350,
  pullRate: 20_000,
  /** A pull of an image whose layers are all there. */
  recheck: 150,
  /** A pull that fails asks the registry only. */
  failedPull: 400,
  /** pleg: generic relist period. */
  relist: 1000,
  /** backOffPeriod of pod workers after an error, with a jitter of half of it. */
  syncBackOff: 10_000,
  /** backOffOnTransientErrorPeriod: the same while the node has no network. */
  transientBackOff: 1000,
  /** MaxContainerBackOff, and its first step. */
  maxBackOff: 300_000,
  firstBackOff: 10_000,
  /** A volume that cannot be mounted is tried again after this, doubling. */
  mountRetry: 500,
  maxMountRetry: 122_000,
  /** resyncInterval: how often a pod is looked at that nothing happens to. */
  resync: 60_000,
  /** nodeStatusUpdateFrequency: how often a kubelet looks whether its node's status changed. */
  nodeStatus: 10_000,
  /** evictionMonitoringPeriod: how often the eviction manager looks. */
  eviction: 10_000,
  /** volumeStatsAggPeriod: how often it is measured what volumes hold. */
  volumeStats: 60_000,
  /** How often the status manager compares what it said with what the API says (syncPeriod). */
  statusReconcile: 10_000,
  /** Config maps and secrets reach running pods at the next sync, once the cache has them. */
  configRefresh: 60_000,
} as const;

/** A number that stays the same for a name: where in their second a node's loops tick. */
export function phaseOf(name: string): number {
  let hash = 2166136261;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  return (hash >>> 0) % TIMING.relist;
}

/** The first look of a node's PLEG at its containers after `time`. */
export function nextRelist(node: string, time: number): number {
  const phase = phaseOf(node);
  return Math.floor((time - phase) / TIMING.relist) * TIMING.relist + phase + TIMING.relist;
}

/** When a kubelet looks at its node's status next, ms. */
export function nextStatus(node: string, now: number): number {
  const phase = phaseOf(node);
  return Math.ceil((now - phase) / TIMING.nodeStatus) * TIMING.nodeStatus + phase;
}
