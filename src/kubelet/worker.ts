import type { Backoff } from './backoff.ts';

/** One thing that a sync still has to do; the first of the list is due at `PodWorker.stepAt`. */
export type Step =
  | { do: 'volumes' }
  | { do: 'act' }
  | { do: 'sandbox'; attempt: number }
  /** `since`: when the last run of it ended, as this sync found it. */
  | { do: 'start'; name: string; since?: number }
  | { do: 'pulled'; name: string; asked: number; began: number }
  | { do: 'create'; name: string }
  | { do: 'run'; name: string; id: string }
  | { do: 'postStart'; name: string; id: string }
  | { do: 'started'; name: string }
  | { do: 'fail'; name: string; reason: string; message: string }
  | { do: 'kill'; id: string; message: string; grace: number }
  | { do: 'killPod' }
  /** Waits until nothing that was told to stop runs. */
  | { do: 'await' }
  | { do: 'stopSandbox' }
  | { do: 'stopped' };

export type ProbeType = 'startup' | 'readiness' | 'liveness';

/** A probe worker of kubelet's prober. */
export interface ProbeState {
  /** When its ticker began: probes are due at whole periods after it. */
  origin: number;
  /** The tick that was looked at last. */
  last?: number;
  /** Asked for at once, whatever the ticker says. */
  forced?: number;
  containerID?: string;
  /** What the results manager holds. */
  result?: 'success' | 'failure' | 'unknown';
  lastResult?: 'success' | 'failure';
  run: number;
  onHold?: boolean;
  /** What the last answer was made of stays as it was, so that a tick need not ask again. */
  steady?: boolean;
  output?: string;
}

/** A container on its way down. */
export interface Stopping {
  /** Seconds of grace left when this stage began. */
  grace: number;
  began: number;
  stage: 'hook' | 'turn' | 'term';
  /** When the pre-stop hook ends, and whether it fails. */
  hookEnds?: number;
  hookFails?: boolean;
  /** The hook does not end before its container does, and fails with it. */
  hookRunsOn?: boolean;
  /** Sidecars wait for these containers. */
  after: string[];
  killAt?: number;
}

/** A volume that could not be mounted yet. */
export interface MountFailure {
  delay: number;
  nextAt: number;
}

/** What a kubelet remembers of one pod (section `kubelet/pods`, key `NODE/NAMESPACE/NAME/UID`). */
export interface PodWorker {
  node: string;
  namespace: string;
  name: string;
  uid: string;
  stage: 'sync' | 'terminating' | 'terminated';
  /** Fingerprint of what the last look at the API object saw. */
  seen: string;
  syncDue?: number;
  /**
   * An update that waits beside the ones that the times here stand for: sandbox and container started come as two events, and what
   * happens while the second waits keeps the worker one relist behind.
   */
  echo?: 'coming' | 'pending';
  /** Syncs that failed in a row, with at most ten minutes between, and when the last did. */
  failures?: { count: number; last: number };
  /** When a sync that failed is tried again. */
  retryAt?: number;
  lastSync?: number;
  steps: Step[];
  stepAt?: number;
  /** A step of this sync failed: it is tried again after the back-off period. */
  failed?: boolean;
  /** Ids, oldest first. */
  sandboxes: string[];
  containers: string[];
  /** kubelet's reasonCache: why a container could not be started last. */
  reasons: Record<string, { reason: string; message: string }>;
  restarts: Record<string, Backoff>;
  pulls: Record<string, Backoff & { error: string }>;
  probes: Record<string, ProbeState>;
  /** Since when ticks of probes may matter again. */
  probesFrom?: number;
  stopping: Record<string, Stopping>;
  mounted?: boolean;
  mountFailures: Record<string, MountFailure>;
  /** Seconds of grace that the termination started with. */
  grace?: number;
  /** A resize that has to wait, and since when. */
  resize?: { reason: 'Infeasible' | 'Deferred'; message: string; since: number };
  /** Since when a resize is being carried out. */
  resizing?: number;
  /** Set when the kubelet itself ended the pod: deadline, eviction, refused admission. */
  ended?: {
    reason: string;
    message: string;
    grace?: number;
    /** What the condition DisruptionTarget says of it. */
    disruption?: string;
  };
}

export const WORKERS = 'kubelet/pods';
/** Keys that end so are for wake-ups that do not keep a cluster from being settled: back-offs, probes, loops. */
export const IDLE = '/idle';
/** Keys that end so ask for a sync: a config map or a secret that the pod shows has changed. */
export const REFRESH = '/refresh';

export const workerKey = (worker: Pick<PodWorker, 'node' | 'namespace' | 'name' | 'uid'>): string =>
  `${worker.node}/${worker.namespace}/${worker.name}/${worker.uid}`;

/** Workers as JSON: comparing texts is the quickest way to see whether a draft differs from what is stored. */
const texts = new WeakMap<PodWorker, string>();

export function workerText(worker: PodWorker): string {
  return texts.get(worker) ?? JSON.stringify(worker);
}

/** A worker to be stored, and so never changed again, with its text. */
export function withText(worker: PodWorker, text: string): PodWorker {
  texts.set(worker, text);
  return worker;
}

export function newWorker(key: string): PodWorker {
  const [node, namespace, name, uid] = key.split('/') as [string, string, string, string];
  return {
    node,
    namespace,
    name,
    uid,
    stage: 'sync',
    seen: '',
    steps: [],
    sandboxes: [],
    containers: [],
    reasons: {},
    restarts: {},
    pulls: {},
    probes: {},
    stopping: {},
    mountFailures: {},
  };
}
