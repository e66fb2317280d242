import type { Client } from '../runtime/client.ts';
import type { Departure, FileSystem } from '../sh/process.ts';
import type { State } from '../store/section.ts';
import type { LogRecord, MachineRecord } from '../types/node-runtime.ts';
import type { Node, ObjectOf, ResourceName } from '../types/objects.ts';

/** What differs between machines and is not in the Node object: read from the cluster's configuration. */
export interface MachineFacts {
  /** The version of systemd, which decides how `systemctl status` looks. */
  systemd: number;
  /** Whether a package put kubelet.service below /lib (before the merge of /usr) or /usr/lib. */
  unitFolder: string;
  /** Units whose facts are known, by name: what is left out is made up steadily from the node's name. */
  units?: Record<string, Partial<UnitFacts>>;
  /** Flags of the kubelet, in the order of its command line. */
  kubeletFlags?: string[];
}

export interface UnitFacts {
  pid: number;
  tasks: number;
  /** `Tasks: 15 (limit: 1072)` */
  tasksLimit: number;
  /** Bytes. */
  memory: number;
  /** ms since the epoch, or an RFC 3339 time in a configuration file. */
  since: number | string;
  journal: JournalEntry[];
}

export interface JournalEntry {
  /** ms since the epoch, or an RFC 3339 time. */
  at: number | string;
  /** `dockerd[711]`; a unit's own program with its pid when absent. */
  identifier?: string;
  message: string;
}

/**
 * What crictl changes; what it shows are the records of types/node-runtime.ts. Stands here because the tools of a machine call
 * upwards: the kubelet's runtime stands behind it. Failures are thrown as CriError.
 */
export interface RuntimeActions {
  exec(
    containerId: string,
    command: string[],
    stdin?: string,
  ): Promise<{ stdout: string; stderr: string; code: number }>;
  /** A container from inside, for a shell in it; undefined when it does not run. */
  enter(containerId: string): Omit<Departure, 'argv'> | undefined;
  /** A container's log up to now. */
  log(containerId: string): LogRecord | undefined;
  /** What a running container uses: CPU in nanoseconds since it began, memory in bytes; nothing when it does not run. */
  usage(containerId: string): { cpu: number; memory: number } | undefined;
  /** How programs of an image begin, where a registry still says so. */
  imageConfig(
    id: string,
  ): { entrypoint: string[]; cmd: string[]; env: Record<string, string>; cwd: string; user: string } | undefined;
  /** Returns the id of the image. */
  pullImage(reference: string): string;
  removeImage(id: string): void;
  stopContainer(id: string, graceSeconds: number): void;
  removeContainer(id: string): void;
  stopSandbox(id: string): void;
  removeSandbox(id: string): void;
  /** What runs in a container, by the numbers that it has there; its main process is 1. */
  processes(id: string): { pid: number; ppid: number; user: string; command: string; started: number }[];
  /** Sends a signal to a process of a container. */
  signal(id: string, pid: number, signal: number): void;
}

/** A failure of the runtime, with gRPC's code and containerd's words. */
export class CriError extends Error {
  constructor(
    readonly code: 'NotFound' | 'InvalidArgument' | 'Unknown' | 'FailedPrecondition' | 'Unavailable',
    message: string,
  ) {
    super(message);
  }

  /** As a gRPC client prints it. */
  toRpc(): string {
    return `rpc error: code = ${this.code} desc = ${this.message}`;
  }
}

/** A machine of the cluster, as the programs on it see it. `cluster/` makes one for each node. */
export interface NodeHost {
  name: string;
  /** The Node object, if the machine has joined. */
  node(): Node | undefined;
  machine: MachineFacts;
  files: FileSystem;
  /** What its disk held before anybody changed it, by path; a value that begins with `->` is a link. */
  shipped: Record<string, () => string>;
  /** The cluster's record of the machine: its addresses, sizes, versions, and whether the kubelet runs. */
  record(): MachineRecord;
  runtime: RuntimeActions;
  /** Where the cluster's API server is (`https://192.168.50.10:6443`), and whether it answers. */
  apiServer(): { url: string; answers: boolean };
  /** What the cluster's etcd holds. */
  etcd: {
    dump(): { revision: number; keys: number; text: string };
    keys(): string[];
    value(key: string): string;
  };
  /** The mode that its kube-proxy answers with; undefined while it does not answer. */
  proxyMode?(): string | undefined;
  state: State;
  now(): number;
  get<R extends ResourceName>(resource: R, namespace: string, name: string): ObjectOf<R> | undefined;
  list<R extends ResourceName>(resource: R, namespace?: string): ObjectOf<R>[];
  /** Writes to the API as the machine's administrator. */
  client: Client;
  random: { hex(length: number): string };
  /** Changes what the cluster knows of the machine. */
  setRecord(change: Partial<MachineRecord>): void;
  /** Calls the cluster's attention to a change on the machine: a unit stopped, a manifest edited. */
  changed(what: string): void;
}
